"""No row says that no call is due where the reply holds one, in whatever form; and plain replies,
also those that speak of the tools, still say so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcall.data.formats import READERS
from rlcall.data.reading.counts import Counts, gather
from rlcall.data.rows import Row

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {"type": "object", "properties": {"title": {"type": "string"}}},
        },
    }
    for name in ("find_book", "library.reserve", "renew")
]
CALLS = [
    "Action: find_book\nAction Input: {\"title\": \"Momo\"}",
    "Thought: I look.\nAction: search_shelves\nAction Input: Momo",
    "<function_calls>\n<invoke name=\"find_book\"><parameter name=\"title\">Momo</parameter></invoke>",
    "<use_mcp_tool><server_name>lib</server_name><tool_name>find_book</tool_name></use_mcp_tool>",
    '{"tool": "find_book", "tool_input": {"title": "Momo"}}',
    '```json\n{"action": "look_up", "action_input": {"title": "Momo"}}\n```',
    '{"name": "borrow", "parameters": {"title": "Momo"}}',
    "<|channel|>commentary to=functions.find_book <|message|>{\"title\": \"Momo\"}<|call|>",
    "<tool>find_book</tool><tool_input>Momo</tool_input>",
    "API-Request: [find_book(title='Momo')]",
    "find_book: Momo",
    "find_book Momo",
    "find_book -> Momo",
    "**find_book**\ntitle = Momo",
    "I will use find_book (title='Momo').",
    "/renew Momo",
    "renew: Momo",
    "library.reserve {\"title\": \"Momo\"}",
    "I call `library.reserve(Momo)` now.",
    "<find_book>Momo</find_book>",
    "[find_book] Momo",
    "@find_book Momo",
]  # fmt: skip
PLAIN = [
    "Which book do you mean?",
    "I can renew a loan for you: which one is it?",
    "With find_book I can only look for titles, and this is an author.",
    "Sorry, none of my tools books a table. find_book only knows the library.",
    "You may renew twice. After that, bring it back.",
    "Please tell me the title and the branch (the central one, for example).",
    "1. Momo\n2. The Neverending Story\nWhich of them?",
]


def read(tmp_path: Path, content: Any, **extra: Any) -> tuple[list[Row], Counts]:
    message = {"role": "assistant", "content": content}
    record = {
        "messages": [{"role": "user", "content": "Momo, please."}, message],
        "tools": TOOLS,
        **extra,
    }
    (tmp_path / "chats.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    return gather(READERS["openai"](str(tmp_path / "chats.jsonl")))


@pytest.mark.parametrize("reply", CALLS)
def test_a_call_in_words_gives_no_row(reply: str, tmp_path: Path) -> None:
    rows, counts = read(tmp_path, reply)
    assert not rows
    assert dict(counts.reasons) == {"the assistant's words hold a call in another form": 1}


@pytest.mark.parametrize("reply", PLAIN)
def test_a_plain_reply_says_that_no_call_is_due(reply: str, tmp_path: Path) -> None:
    (row,), _ = read(tmp_path, reply)
    assert row.answer == {"calls": []}


@pytest.mark.parametrize(
    "part",
    [
        {"type": "tool_use", "id": "t", "name": "find_book", "input": {"title": "Momo"}},
        {"type": "tool_call", "value": '{"name": "find_book", "arguments": {"title": "Momo"}}'},
        {"type": "function_call", "name": "find_book", "arguments": '{"title": "Momo"}'},
        {"type": "tool_call", "tool_call": {"name": "find_book", "arguments": {"title": "Momo"}}},
    ],
)
def test_a_part_that_is_a_call_is_read_as_one(part: dict[str, Any], tmp_path: Path) -> None:
    (row,), counts = read(tmp_path, [{"type": "text", "text": "Let me look."}, part])
    assert row.answer == {"calls": [{"name": "find_book", "arguments": {"title": "Momo"}}]}
    assert row.words == {"text": "Let me look."}
    assert counts.notes["calls among the parts of a message were read as `tool_calls`"] == 1


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "image_url", "image_url": {"url": "data:"}}],
        [{"type": "text", "text": "See"}, {"type": "audio", "data": "AAAA"}],
        [{"functionCall": {"name": "find_book", "args": {}}}],
        [{"type": "tool_call", "value": "{find_book"}],
        ["find_book"],
        [None],
        [{"type": "text"}],
    ],
)
def test_a_part_that_is_not_read_gives_no_row(content: list[Any], tmp_path: Path) -> None:
    rows, counts = read(tmp_path, content)
    assert not rows and counts.set_aside == 1


@pytest.mark.parametrize(
    "choice",
    [
        "none",
        "required",
        "any",
        {"type": "function", "function": {"name": "find_book"}},
        {"type": "tool", "name": "find_book"},
        {"type": "allowed_tools", "mode": "required", "tools": []},
        {"type": "none"},
    ],
)
def test_a_request_that_settles_the_choice_gives_no_row(choice: Any, tmp_path: Path) -> None:
    rows, counts = read(tmp_path, "Which book?", tool_choice=choice)
    assert not rows
    (reason,) = counts.reasons
    assert reason.startswith("the request for")


@pytest.mark.parametrize("choice", [None, "auto", {"type": "auto"}])
def test_a_request_that_leaves_the_choice_gives_a_row(choice: Any, tmp_path: Path) -> None:
    (row,), _ = read(tmp_path, "Which book?", tool_choice=choice)
    assert row.answer == {"calls": []}


def test_what_is_no_reply_is_told(tmp_path: Path) -> None:
    rows, counts = read(tmp_path, "<think>Which book?</think>")
    assert not rows and list(counts.reasons) == ["the assistant neither calls nor says anything"]


@pytest.mark.parametrize(
    "message, words",
    [
        ({"content": "Let me look."}, {"text": "Let me look."}),
        ({"content": "<think>Momo.</think>Let me look."},
         {"text": "Let me look.", "reasoning": "Momo."}),
        ({"content": None, "reasoning_content": "Momo."}, {"reasoning": "Momo."}),
        ({"content": [{"type": "thinking", "thinking": "Momo."}, {"type": "text", "text": "So."}]},
         {"text": "So.", "reasoning": "Momo."}),
        ({"content": ""}, None),
    ],
)  # fmt: skip
def test_words_and_reasoning_beside_a_call_are_kept_and_counted(
    message: dict[str, Any], words: dict[str, str] | None, tmp_path: Path
) -> None:
    call = {"function": {"name": "find_book", "arguments": {"title": "Momo"}}, "type": "function"}
    record = {
        "messages": [
            {"role": "user", "content": "Momo, please."},
            {"role": "assistant", "tool_calls": [call], **message},
        ],
        "tools": TOOLS,
    }
    (tmp_path / "chats.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (row,), counts = gather(READERS["trl"](str(tmp_path / "chats.jsonl")))
    assert row.words == words
    assert sum(counts.notes.values()) == len(words or {})
    assert row.answer == {"calls": [{"name": "find_book", "arguments": {"title": "Momo"}}]}
