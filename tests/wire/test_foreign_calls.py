"""Where no call is due, a call in any family's form is one, and plain answers about calls are
none."""

from __future__ import annotations

from typing import Any

import pytest

from rlcall.verify import verify
from rlcall.wire.reading.foreign import FOREIGN_MARKERS

TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": name, "parameters": {"properties": {"city": {}}}}}
    for name in ("get_weather", "search")
]
NO_CALL = {"calls": []}

CALLS = [
    '<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Rome"}<|call|>',
    '<|channel|>analysis<|message|>Rome.<|end|><|start|>assistant<|channel|>commentary to=functions.search<|message|>{}<|call|>',
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.search:1<|tool_call_argument_begin|>{}<|tool_call_end|>',
    'I will do it. functions.get_weather:0 {"city": "Rome"}',
    '<minimax:tool_call>\n<invoke name="search">\n</invoke>\n</minimax:tool_call>',
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="search">\n</｜DSML｜invoke>',
    '<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜>search',
    '<|tool_call>call:search{city:<|"|>Rome<|"|>}<tool_call|>',
    "<|tool_call_start|>[search(city='Rome')]<|tool_call_end|>",
    '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "search", "parameters": {}}]<|END_ACTION|>',
    '<|tools_prefix|>[{"search": {"city": "Rome"}}]<|tools_suffix|>',
    '<steptml:invoke name="search"></steptml:invoke>',
    "<longcat_tool_call>search</longcat_tool_call>",
    '<function_calls>\n<invoke name="search"><parameter name="city">Rome</parameter></invoke>\n</function_calls>',
    '<invoke name="search"><parameter name="city">Rome</parameter>',
    'Thought: look it up.\nAction: search\nAction Input: {"city": "Rome"}',
    "Thought: look it up.\n  Action: get_weather\n\nAction Input: Rome",
    '{"tool": "search", "tool_input": {"city": "Rome"}}',
    '{"action": "search", "action_input": "Rome"}',
    "{'tool_name': 'search', 'parameters': {}}",
    "<tool>search</tool><tool_input>Rome</tool_input>",
    '```tool_code\nprint(default_api.get_weather(city="Rome"))\n```',
    "print(api.search(city='Rome'))",
    "functions.search(city='Rome')",
    {"role": "assistant", "content": None, "function_call": {"name": "search", "arguments": "{}"}},
    {"role": "assistant", "content": [{"type": "tool_use", "name": "search", "input": {}}]},
    {"role": "model", "parts": [{"functionCall": {"name": "search", "args": {}}}]},
    {"role": "assistant", "content": [{"type": "tool_call", "value": "{}"}]},
]  # fmt: skip

ANSWERS = [
    "",
    "Which city do you mean?",
    "The tools are called get_weather and search; neither fits.",
    "f(x) = 2x is a function of one variable, and print(x) shows it.",
    "In my_api.client(x) the object comes first.",
    'The JSON {"tool": "hammer", "action": "hit"} has two keys.',
    "Action: none is needed.\nI can answer that myself.",
    "An action input is what an action takes.",
    "A research(topic) call would help you, but I have none.",
    "<|channel|>analysis<|message|>I could call get_weather(city) later.<|end|><|start|>assistant<|channel|>final<|message|>Which city?<|return|>",
    "<|channel|>final<|message|>Hello!<|return|>",
    "<|channel|>analysis<|message|>Never closed: search(city=1)",
    "<think>search(city='Rome')?</think>No, I cannot do that.",
    {"role": "assistant", "content": [{"type": "text", "text": "Hello!"}]},
    {"role": "assistant", "content": "Hello!", "function_call": None, "tool_calls": None},
]  # fmt: skip


@pytest.mark.parametrize("completion", CALLS, ids=str)
@pytest.mark.parametrize("wire", ["auto", "hermes", "python"])
def test_a_call_in_another_form_is_a_call(completion: Any, wire: str) -> None:
    assert verify(completion, TOOLS, NO_CALL, wire=wire).correct is False


@pytest.mark.parametrize("completion", ANSWERS, ids=str)
@pytest.mark.parametrize("wire", ["auto", "hermes", "python"])
def test_a_plain_answer_abstains(completion: Any, wire: str) -> None:
    verdict = verify(completion, TOOLS, NO_CALL, wire=wire)
    assert verdict.correct, verdict.errors


@pytest.mark.parametrize("family", FOREIGN_MARKERS)
def test_every_familys_marker_is_noticed(family: str) -> None:
    for marker in FOREIGN_MARKERS[family]:
        assert not verify(f"Well. {marker}", TOOLS, NO_CALL).correct, marker


@pytest.mark.parametrize("completion", CALLS[-4:], ids=str)
def test_a_message_with_a_call_in_another_form_is_no_empty_text(completion: Any) -> None:
    due = {"calls": [{"name": "search", "arguments": {}}]}
    verdict = verify(completion, TOOLS, due)
    assert not verdict.correct and verdict.has("unreadable")
