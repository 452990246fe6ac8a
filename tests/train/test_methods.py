"""The table of methods: each has its file, its config, its launcher and its words."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from rlcall.__main__ import usage
from rlcall.files.shipped import CONFIGS
from rlcall.train.methods import METHODS, Implementation, implementation
from rlcall.train.watch.display import stage_title

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_complete(method: str) -> None:
    pytest.importorskip("trl", reason="the training extra is not installed")
    from rlcall.train.config import trainer_class

    file = implementation(method)
    for name in ("check_settings", "make_dataset", "build_trainer"):
        due = list(inspect.signature(getattr(Implementation, name)).parameters)
        assert ["self", *inspect.signature(getattr(file, name)).parameters] == due
    assert trainer_class(method).__name__ == METHODS[method].trainer_config
    assert (CONFIGS / f"{method}.yaml").is_file() and (CONFIGS / f"smoke/{method}.yaml").is_file()
    assert f'main("{method}")' in (ROOT / "launch" / f"{method}.py").read_text()


def test_methods_in_words() -> None:
    assert all(method.summary in usage() for method in METHODS.values())
    titles = [stage_title(stage) for stage in ("base", "warm_start", *METHODS)]
    assert titles == ["base", "after warm start", "after SFT", "after DPO", "after GRPO"]
