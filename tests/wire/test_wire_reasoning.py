"""Reasoning is taken off where it can be reasoning: outside calls.

Inside a name or a value the same tags are text, so nothing that a model thinks there makes a wrong
call right, or a right one wrong.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlcall import wire
from rlcall.calls import Call
from rlcall.verify import verify
from rlcall.wire.reading.reasoning import HINTS, REASONING
from tests.wire.test_wire_formats import TOOLS
from tests.wire.test_wire_limits import timed
from tests.wire.test_wire_roundtrip import UNHURRIED, plain_text, spelled, tools_of

GOLD = Call("f", {"s": "Paris", "n": 3})
CITY = {"type": "object", "properties": {"s": {"type": "string"}, "n": {"type": "integer"}}}
TOOL = [{"type": "function", "function": {"name": "f", "parameters": CITY}}]
ANSWER = {"calls": [{"name": "f", "arguments": GOLD.arguments}]}
NONE_DUE = {"calls": []}
G = '<tool_call>{"name": "g", "arguments": {}}</tool_call>'
HARMONY = "<|start|>assistant<|channel|>analysis<|message|>"

# Where the call itself begins: other members of an object, and a message before it, do not count.
BEGINS = {
    "openai": '"name"',
    "command_a": '"tool_name"',
    "gigachat3": "function call<|role_sep|>",
    "functionary32": "f\n",
}

thoughts = st.builds(
    lambda opening, text, is_closed: f"{opening}{text}{REASONING[opening] if is_closed else ''}",
    st.sampled_from(sorted(REASONING)),
    plain_text,
    st.booleans(),
) | st.sampled_from([*REASONING.values(), f"{HARMONY}hm<|end|>", "<|channel|>final<|message|>"])


@pytest.mark.parametrize("name", wire.NAMES)
@given(thought=thoughts, at=st.integers(0, 5), in_name=st.booleans())
@UNHURRIED
def test_a_thought_in_a_name_or_a_value_is_a_part_of_it(
    name: str, thought: str, at: int, in_name: bool
) -> None:
    if in_name:
        call = replace(GOLD, name=f"{GOLD.name}{thought}")
    else:
        value = GOLD.arguments["s"]
        call = replace(GOLD, arguments={"s": f"{value[:at]}{thought}{value[at:]}", "n": 3})
    text = wire.get(name).render([call])
    for under in (name, "auto"):
        parsed = wire.parse(text, TOOL, under)
        assert spelled(parsed.calls) in (spelled([call]), spelled([]))
        assert verify(text, TOOL, ANSWER, wire=under).correct is False
        assert in_name or wire.attempts_call(text, TOOL)


@pytest.mark.parametrize("name", wire.NAMES)
@given(thought=thoughts, data=st.data())
@UNHURRIED
def test_a_thought_anywhere_inside_a_call_makes_it_no_right_one(
    name: str, thought: str, data: st.DataObject
) -> None:
    """It is right only where the thought is before the call or after it."""
    text = wire.get(name).render([GOLD])
    begin = text.index(BEGINS[name]) + 1 if name in BEGINS else 1
    at = data.draw(st.integers(begin, len(text) - 1))
    verdict = verify(f"{text[:at]}{thought}{text[at:]}", TOOL, ANSWER, wire=name)
    assert not verdict.correct or not text[at:].strip() or not text[:at].strip()


@pytest.mark.parametrize("name", wire.NAMES)
@pytest.mark.parametrize("opening", sorted(REASONING))
def test_a_thought_around_a_call_is_taken_off(name: str, opening: str) -> None:
    thought = f"{opening}I could call f(s='Rome').{REASONING[opening]}"
    text = wire.get(name).render([GOLD])
    for around in (f"{thought}{text}", f"{thought}\n{thought} {text}", f"{text}\n{thought}"):
        for under in (name, "auto"):
            parsed = wire.parse(around, TOOL, under)
            assert (parsed.calls, parsed.problems) == ((GOLD,), ())


@pytest.mark.parametrize("name", [name for name in wire.NAMES if wire.get(name).markers])
def test_a_thought_between_calls_is_taken_off(name: str) -> None:
    first, second = wire.get(name).render([GOLD]), wire.get(name).render([Call("f", {"s": "Rome"})])
    thought = f"<think>Now {first}?</think>"
    bare = name == "llama3"  # without its tag, the whole text is the call
    tag = "<|python_tag|>" if bare else ""
    parsed = wire.parse(f"{tag}{first}\n{thought}\n{tag}{second}", TOOL, name)
    assert [call.arguments["s"] for call in parsed.calls] == ["Paris", "Rome"]
    assert parsed.problems == ()


@pytest.mark.parametrize(
    "value",
    [
        "<refund><reason>late</reason></refund>",
        "wrap it in <think> and </think>",
        "</think>",
        "[THINK] is Mistral's tag",
        f"{HARMONY}hm<|end|>",
        "a <thought>",
    ],
)
@pytest.mark.parametrize("name", wire.NAMES)
def test_a_value_that_holds_tags_can_be_written_and_read(name: str, value: str) -> None:
    call = Call("f", {"s": value})
    assert wire.get(name).can_render([call, call], tools_of([call]))
    parsed = wire.parse(wire.get(name).render([call, call]), tools_of([call]), name)
    assert (parsed.calls, parsed.problems) == ((call, call), ())


@pytest.mark.parametrize("name", [name for name in wire.NAMES if wire.get(name).markers])
@pytest.mark.parametrize("closing", ["</think>", "[/THINK]", "</reason>"])
def test_a_closing_tag_after_a_call_is_no_eraser(name: str, closing: str) -> None:
    tag = "<|python_tag|>" if name == "llama3" else ""
    wrong = f"{tag}{wire.get(name).render([Call('f', {'s': 'Rome'})])}"
    right = f"{tag}{wire.get(name).render([GOLD])}"
    for under in (name, "auto"):
        assert (
            verify(f"{wrong}\n{closing}\nWhich city?", TOOL, NONE_DUE, wire=under).correct is False
        )
        assert verify(f"{wrong}\n{closing}\n{right}", TOOL, ANSWER, wire=under).correct is False


@pytest.mark.parametrize("name", ["python", "json", "glm4", "nestful", "openai"])
def test_a_closing_tag_after_a_bare_call_is_no_eraser(name: str) -> None:
    text = f"{wire.get(name).render([GOLD])}\n</think>\nWhich city?"
    for under in (name, "auto"):
        assert verify(text, TOOL, NONE_DUE, wire=under).correct is False


@pytest.mark.parametrize("name", ["python", "json", "glm4"])
def test_a_bare_call_to_a_tool_with_an_odd_name_is_no_thought(name: str) -> None:
    """Text begins so as no call does, but one of the row's tools is called so."""
    for odd in ("Pitstop Summary", "7fm-kY", "Ärger!"):
        tool = [{"type": "function", "function": {"name": odd, "parameters": CITY}}]
        for value in ("Rome", "a </think> b"):
            call = Call(odd, {"s": value})
            text = wire.get(name).render([call])
            for under in (name, "auto"):
                assert wire.parse(text, tool, under).calls == (call,)
                erased = verify(f"{text}\n</think>\nWhich city?", tool, NONE_DUE, wire=under)
                assert erased.correct is False


@pytest.mark.parametrize("closing", ["</think>", "[/THINK]"])
@pytest.mark.parametrize(
    "filling",
    ['{"a":"b","c":["d",{"e":1}]},', '{"name":"g","arguments":{}},', "g(a=1), ", "hm g(a) "],
)
def test_to_tell_thoughts_from_calls_takes_no_50_ms(filling: str, closing: str) -> None:
    for opening in ("[", "", '[{"name":"g","arguments":{"s":[', "<tool_call>", "[TOOL_CALLS] ["):
        inside = filling * (60_000 // len(filling))
        for text in (
            f"{opening}{inside}{closing}",
            f'{opening}{inside}"{closing}"]',
            closing.join([inside[:30_000]] * 2),
        ):
            parsed = timed(wire.parse, text, TOOLS, "auto")
            timed(wire.attempts_call, text, TOOLS, parsed)


def test_a_call_that_is_hidden_behind_many_markers_is_no_thought() -> None:
    """What is too long to be read as a thought stays, and is too large or a call."""
    for padding in ("[TOOL_CALLS] hm ", "<tool_call> hm ", "x" * 70_000):
        for text in (f"{padding}{G}</think>No.", f"{G}{padding * 9}</think>No."):
            assert verify(text, TOOLS, NONE_DUE).correct is False


@pytest.mark.parametrize(
    "text",
    [
        "<think>g(a=1) would do.</think>Which city?",
        "Let me see. <think>g(a=1)?</think> I cannot do that.",
        "g(a=1) is what I would call.\n</think>\nWhich city?",
        'Format: <tool_call>{"name": "g", ...}</tool_call>.\n</think>\nNo.',
        "<|channel|>analysis<|message|>I could call g(a=1).<|end|>"
        "<|start|>assistant<|channel|>final<|message|>Which city?<|return|>",
        "<|channel|>analysis<|message|>g(a=1)<|end|>\nWhich city?",
        "<|channel|>final<|message|>Which city?",
        "<|channel>thought\ng(a=1)?\n<channel|>Which city?",
        "<|inner_prefix|>g(a=1)?<|inner_suffix|>Which city?",
        "<longcat_think>g(a=1)?</longcat_think>Which city?",
        "<mm:think>g(a=1)?</mm:think>Which city?",
        "<|open|>think<|sep|>g(a=1)?<|close|>think<|sep|>Which city?",
        f"<think>{G}",
        {"role": "assistant", "content": "<think>g(a=1)?</think>Which city?"},
    ],
    ids=str,
)
def test_a_thought_that_mentions_a_call_leaves_an_abstention(text: str) -> None:
    assert not wire.attempts_call(text, TOOLS)
    for under in ("auto", "hermes", "python", "json"):
        assert verify(text, TOOLS, NONE_DUE, wire=under).correct is True


def test_thoughts_inside_a_granular_answer_are_a_part_of_it() -> None:
    names = {"names": ["f"]}
    arguments = {"name": "f", "arguments": GOLD.arguments}
    assert verify('<think>g?</think>["f"]<think>ok</think>', TOOL, names).correct
    assert not verify('["f<think>g?</think>"]', TOOL, names).correct
    assert not verify('["f", <think>g?</think>]', TOOL, names).correct
    assert verify('hm</think>{"s": "Paris", "n": 3}', TOOL, arguments).correct
    assert not verify('{"s": "Paris<think>Rome?</think>", "n": 3}', TOOL, arguments).correct
    held = {"name": "f", "arguments": {"s": "<reason>late</reason>"}}
    assert verify('{"s": "<reason>late</reason>"}', TOOL, held).correct


def test_every_tag_is_known_by_a_hint() -> None:
    for tag in (*REASONING, *REASONING.values(), HARMONY, "<|channel|>final<|message|>"):
        assert any(hint in tag for hint in HINTS), tag
