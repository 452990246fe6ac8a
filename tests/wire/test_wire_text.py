"""What stands around calls: reasoning, prose, another format's calls, broken blocks; and what
counts as an attempt."""

import pytest

from rlcall import wire
from rlcall.calls import Call
from tests.wire.test_wire_formats import TOOLS

G = '<tool_call>{"name": "g", "arguments": {}}</tool_call>'


def codes(text: str, under: str = "auto") -> tuple[int, list[str]]:
    parsed = wire.parse(text, TOOLS, under)
    return len(parsed.calls), [problem.code for problem in parsed.problems]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (f"<think>{G}</think>", 0),
        (f"<think>{G}</think>{G}", 1),
        (f"g or f?</think>{G}", 1),  # the template wrote the opening tag
        (f"A <tool_call> is due: g(a=1)</think>{G}", 1),
        (f'Perhaps <tool_call>{{"name": "f", </think>{G}', 1),  # broken off: no call
        (f"<think>a</think><think>{G}</think>{G}", 1),
        (f"{G}<think>{G}", 1),  # never closed: everything after it
        (f"<think>{G}", 0),
        (f"<thinking>{G}</think>{G}</thinking>{G}", 1),  # only its own tag closes a block
        (f"[THINK]{G}[/THINK]{G}", 1),
        (f"<|START_THINKING|>{G}<|END_THINKING|>{G}", 1),
        (f"<scratch_pad>{G}</scratch_pad>{G}", 1),
        (f"<think></think>{G}<|im_end|>\n<|endoftext|>", 1),
    ],
)
def test_a_call_inside_reasoning_is_no_call(text: str, calls: int) -> None:
    assert codes(text) == (calls, [])


def test_a_second_closing_tag_hides_nothing() -> None:
    assert codes(f"a</think>{G}</think>{G}") == (2, ["text_before"])


@pytest.mark.parametrize(
    ("text", "under", "expected"),
    [
        (f"I call it now: {G}", "hermes", (1, ["text_before"])),
        (f"I use g() for that: {G}", "hermes", (1, ["text_before"])),
        (f"{G} Done!", "hermes", (1, ["text_after"])),
        (f"{G} and {G}", "hermes", (2, ["text_before"])),
        (f"{G} g()", "hermes", (1, ["unreadable"])),
        (f'{G}{{"name": "g", "arguments": {{}}}}', "hermes", (1, ["unreadable"])),
        (f'"name": "g" {G}', "hermes", (1, ["unreadable"])),
        (f"{G}</tool_call>", "hermes", (1, ["unreadable"])),
        (f"[TOOL_CALLS] [] {G}", "hermes", (1, ["unreadable"])),
        (f"{G}<tool_call>", "hermes", (1, ["truncated"])),
        (f"{G}<tool_call>x</tool_call>", "hermes", (1, ["unreadable"])),
        (f"<tool_call>5</tool_call>{G}", "hermes", (1, ["not_a_call"])),
        ('<tool_call>{"name": "g"}</tool_call>', "hermes", (0, ["not_a_call"])),
        ('<tool_call>{"name": "g", "arguments": []}</tool_call>', "hermes", (0, ["not_a_call"])),
        ('<tool_call>{"name": 1, "arguments": {}}</tool_call>', "hermes", (0, ["not_a_call"])),
        (
            '<tool_call>{"name": "g", "arguments": {}, "label": 1}</tool_call>',
            "hermes",
            (0, ["not_a_call"]),
        ),
        ('<tool_call>{"name": "g", "arguments": {}} {}</tool_call>', "hermes", (0, ["unreadable"])),
        ('<tool_call>{"name": "g", "arguments": {}}', "hermes", (0, ["truncated"])),
        (
            f'<tool_call>{{"name": "g, "arguments": {{}}}}</tool_call>{G}',
            "hermes",
            (1, ["unreadable"]),
        ),
        (f'<tool_call>{{"name": "g{G}', "hermes", (1, ["unreadable"])),
        (
            '<tool_call>{"name": "g", "arguments": {}, "why": "x"}</tool_call>',
            "hermes",
            (1, ["extra_key"]),
        ),
        (
            "<tool_call>{'name': 'g', 'arguments': {'a': [-1, true]}}</tool_call>",
            "hermes",
            (1, ["python_literal"]),
        ),
        (
            "<tool_call>{'name': 'g', 'arguments': {'a': None}}</tool_call>",
            "hermes",
            (0, ["unreadable"]),
        ),
        (
            '<tool_call>{"name": "g", "arguments": {"a": True}}</tool_call>',
            "hermes",
            (0, ["unreadable"]),
        ),
        (
            "<tool_call>{'name': 'g', 'arguments': {'a': (1, 2)}}</tool_call>",
            "hermes",
            (0, ["unreadable"]),
        ),
        (
            "<tool_call>{'name': 'g', 'arguments': {'a': 1}}</tool_call>",
            "granite4",
            (0, ["unreadable"]),
        ),
        (
            "<tool_call>{'name': 'g', 'arguments': {'a': 1, 'a': 2}}</tool_call>",
            "hermes",
            (0, ["duplicate_key"]),
        ),
        ("[g()]", "hermes", (0, ["unreadable"])),
        (G, "python", (0, ["text_around"])),
        (G, "mistral", (0, ["unreadable"])),
        ("Sure: [g()]", "python", (0, ["text_around"])),
        ("```\n[g()]\n```\nThere.", "python", (0, ["text_around"])),
        ("[g()] # as asked", "python", (0, ["text_around"])),
        ('{"name": "g", "arguments": {}} there', "json", (0, ["text_around"])),
        ('[{"name": "g", "arguments": {}}, 5]', "json", (1, ["not_a_call"])),
        ('{"name": "g", "arguments": {}, "id": "1"}', "json", (1, [])),
        ('g\n{"a": 1} ok', "glm4", (0, ["unreadable"])),
        ("g\n{}\ng\n{}", "glm4", (2, [])),
        ('{"answer": [1, 2]}', "json", (0, [])),
        ("There is no tool for that.", "hermes", (0, [])),
        ("", "hermes", (0, [])),
    ],
)
def test_every_byte_is_a_call_permitted_text_or_a_problem(
    text: str, under: str, expected: tuple[int, list[str]]
) -> None:
    assert codes(text, under) == expected


def test_an_empty_name_is_a_call_that_can_be_read() -> None:
    assert wire.parse('<tool_call>{"name": "", "arguments": {}}</tool_call>', TOOLS).calls == (
        Call("", {}),
    )


def test_a_call_whose_text_holds_the_closing_tag_is_read_whole() -> None:
    call = Call("f", {"s": "</tool_call><tool_call>"})
    for name in ("hermes", "smollm2", "toolrl", "json", "python", "mistral"):
        assert wire.get(name).can_render([call, call], TOOLS)
        assert wire.parse(wire.get(name).render([call, call]), TOOLS).calls == (call, call)


ATTEMPTS = [
    G, "<tool_call>", "</tool_call>", '<tool_call>{"name": "f", ', "[TOOL_CALLS]", "<|python_tag|>", "<function_call>",
    "<|tool_call|>", "<｜tool▁calls▁begin｜>", "<function=g>", "<start_function_call>call:g{}", "call:g{}", "g(", "g()",
    "I call delete_all().", "[g(a=1", '{"name": "g"}', '{"name" : "g", ', "{'name': 'g'}", '{"function": "g"}', "g\n{}",
    "Search Managers\n  {", "<|assistant|>g\n{}", "[foo(a=1)]", "foo()", '{"name": "foo", "arguments": {}}',
    'foo\n{"a": 1}', "weather.get(", "<think>hm</think> g()", {"tool_calls": [5]}, {"content": "g()"}, "x" * 300_000,
    "\ud800",
]  # fmt: skip
ABSTENTIONS = [
    "", "[]", " [ ] ", "```json\n[]\n```", '{"tool_calls": []}', "<tool_call>[]</tool_call>", "[TOOL_CALLS] []",
    '<function_call> {"name": "no_function", "arguments": {}}', "<|tool_call|>[]", "no_function", "I cannot do that.",
    "The tool g does not fit, nor does delete_all or Search Managers.", "'g' is not suitable", "f = ma, and log(2) > 0",
    "my_g(x)", "a.g(x)", '{"answer": 5}', "[1] Smith (2020)", f"<think>{G}</think> No.", "sea\n{", "an ag\n{}", "g {",
    {"content": None, "tool_calls": []}, {"role": "assistant", "content": "No."}, "Hello", "5", "None",
]  # fmt: skip


@pytest.mark.parametrize("completion", ATTEMPTS, ids=lambda value: str(value)[:40])
def test_an_attempt_is_one_in_whatever_format(completion: object) -> None:
    assert wire.attempts_call(completion, TOOLS)  # type: ignore[arg-type]


@pytest.mark.parametrize("completion", ABSTENTIONS, ids=lambda value: str(value)[:40])
def test_plain_text_and_the_formats_own_ways_to_call_nothing_abstain(completion: object) -> None:
    assert not wire.attempts_call(completion, TOOLS)  # type: ignore[arg-type]


def test_what_is_known_of_a_completion_settles_whether_it_is_an_attempt() -> None:
    assert wire.attempts_call("", TOOLS, wire.Parse("json", (Call("g"),)))
    assert not wire.attempts_call("", TOOLS, wire.Parse("json"))
