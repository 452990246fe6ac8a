"""A developer's message is in the prompt under every chat template, or the row is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import trl

from rlcall.data.rows import Row
from rlcall.model.chat_template import PromptError, writes_calls_as
from rlcall.model.load import load_tokenizer
from rlcall.model.prompts import render_prompt

FOLDER = Path(trl.__file__).parent / "chat_templates"
PARTS_ALONE = ("idefics3", "llava_next", "smolvlm")  # for images: no content that is text is shown
TEMPLATES = sorted(
    file
    for file in FOLDER.glob("*.jinja")
    if not file.stem.endswith("_training") and file.stem not in PARTS_ALONE
)
DAY = "Today is Thursday, 3 April 2025."
TOOL = {
    "type": "function",
    "function": {
        "name": "add_event",
        "description": "Add an event.",
        "parameters": {"type": "object", "properties": {"day": {"type": "string"}}},
    },
}
USER = {"role": "user", "content": "Lunch tomorrow."}
CONVERSATIONS: dict[str, list[dict[str, Any]]] = {
    "first": [{"role": "developer", "content": DAY}, USER],
    "after the system": [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": DAY},
        USER,
    ],
    "before the system": [
        {"role": "developer", "content": DAY},
        {"role": "system", "content": "Be brief."},
        USER,
    ],
    "in parts": [{"role": "developer", "content": [{"type": "text", "text": DAY}]}, USER],
    "later": [
        USER,
        {"role": "assistant", "content": "Which day is it?"},
        {"role": "developer", "content": DAY},
        {"role": "user", "content": "Go on."},
    ],
}


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Path) -> Any:
    return load_tokenizer(str(tiny_folder))


@pytest.mark.parametrize("place", CONVERSATIONS)
@pytest.mark.parametrize("template", TEMPLATES, ids=[file.stem for file in TEMPLATES])
def test_it_is_in_the_prompt_or_the_row_is_refused(
    tokenizer: Any, template: Path, place: str
) -> None:
    tokenizer.chat_template = template.read_text(encoding="utf-8")
    row = Row(CONVERSATIONS[place], [TOOL], {"calls": []})
    for wire in {writes_calls_as(tokenizer) or "python", "python"}:
        try:
            prompt = render_prompt(row, tokenizer, wire)
        except PromptError:
            # A template that takes no system, or none in the middle, says so.
            assert place == "later" or "gemma" in template.stem
            continue
        assert prompt.count(DAY) == 1
        assert ("Be brief." in prompt) is ("system" in place)


@pytest.mark.parametrize("template", ["qwen3", "qwen2_5", "glm4moe"])
def test_a_template_without_the_role_shows_it_as_the_systems(tokenizer: Any, template: str) -> None:
    tokenizer.chat_template = (FOLDER / f"{template}.jinja").read_text(encoding="utf-8")
    wire = writes_calls_as(tokenizer)
    assert wire is not None
    as_system = [{"role": "system", "content": DAY}, USER]
    prompts = [
        render_prompt(Row(messages, [TOOL], {"calls": []}), tokenizer, wire)
        for messages in (CONVERSATIONS["first"], as_system)
    ]
    assert prompts[0] == prompts[1]
