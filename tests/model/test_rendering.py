"""A model whose chat template can't render tools gets the documented rendering, and every
command says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import trl

from rlcall.cli import pairs as cli_pairs
from rlcall.data.rows import write_rows
from rlcall.model.load import load_tokenizer
from rlcall.model.prompts import render_prompt
from rlcall.model.rendering import DOCUMENTED, OWN, rendering_of
from rlcall.tasks import phone
from rlcall.train.config import parse
from rlcall.train.opening import open_session

TEMPLATES = Path(trl.__file__).parent / "chat_templates"
ROOT = Path(__file__).resolve().parents[2]
ROWS = list(phone.generate(8, seed=0))
SAID = "its chat template does not render tools for smollm2. rlcall's rendering: tools in the system message."


def with_template(folder: Path, name: str) -> Any:
    tokenizer = load_tokenizer(str(folder))
    tokenizer.chat_template = (TEMPLATES / f"{name}.jinja").read_text()
    return tokenizer


@pytest.mark.parametrize(
    ("template", "wire", "expected"),
    [
        ("qwen2_5", None, ("hermes", OWN)),
        ("qwen2_5", "hermes", ("hermes", OWN)),
        ("qwen2_5", "python", ("python", DOCUMENTED)),
        ("phi3", None, ("smollm2", DOCUMENTED)),
        ("gptoss", None, ("harmony", OWN)),
        ("muse_glimmer", None, ("smollm2", DOCUMENTED)),
        ("gemma", "llama3", ("llama3", DOCUMENTED)),
    ],
)
def test_who_renders_the_tools(
    tiny_folder: Path, template: str, wire: str | None, expected: tuple[str, str]
) -> None:
    tokenizer = with_template(tiny_folder, template)
    rendering = rendering_of(tokenizer, "a model", wire)
    assert (rendering.wire, rendering.by) == expected
    assert bool(rendering.note) is (rendering.by == DOCUMENTED)
    if template != "gemma":  # which refuses a system message
        prompt = render_prompt(ROWS[0], tokenizer, rendering.wire)
        assert ("Write the calls that the request needs" in prompt) is (rendering.by == DOCUMENTED)


@pytest.fixture
def model(tiny_folder: Path, tmp_path: Path) -> Path:
    """A model with Phi-3's template, which knows no tools and shows no format of calls."""
    folder = tmp_path / "phi3"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).symlink_to(tiny_folder / name)
    with_template(tiny_folder, "phi3").save_pretrained(folder)
    return folder


def test_a_run_says_so(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--config", str(ROOT / "configs/smoke/sft.yaml"), "--output_dir", str(tmp_path / "run")]
    session = open_session(parse("sft", [*argv, "--model", str(model)]))
    assert session.wire == "smollm2" and f"{model}: {SAID}" in capsys.readouterr().out


def test_rlcall_pairs_says_so(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(tmp_path / "rows.jsonl", [row for row in ROWS if not row.answer["calls"]] or ROWS)
    argv = [
        str(tmp_path / "rows.jsonl"),
        "--model",
        str(model),
        "--right",
        str(tmp_path / "right.jsonl"),
    ]
    cli_pairs.main([*argv, "--samples", "1", "--max-new-tokens", "1"])
    said = capsys.readouterr()
    assert f"{model}: {SAID}" in said.out + said.err
