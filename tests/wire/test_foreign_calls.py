"""Where no call is due, a call in any family's form is one, and plain answers about calls are
none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlcall import wire
from rlcall.calls import Call
from rlcall.verify import verify
from rlcall.wire.reading.foreign import FOREIGN_MARKERS
from rlcall.wire.reading.reasoning import REASONING
from tests.support.wire_forms import FORMS

TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": name, "parameters": {"properties": {"city": {}}}}}
    for name in ("get_weather", "search")
]
NO_CALL = {"calls": []}
WIRES = ["auto", *wire.NAMES]
UNHURRIED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # a loaded machine is no failure

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
    "print(tools.search(city='Rome'))",
    "result = await default_api.search(city='Rome')",
    'get_weather[ARGS]{"city": "Rome"}',
    "call:search{city:<escape>Rome<escape>}",
    "The block ends with </function> here.",
    ' to=functions.search<|channel|>commentary json<|message|>{"city": "Rome"}',
    '<|start|>assistant<|channel|>commentary to=functions.search<|message|>{}',
    '<|open|>tools<|sep|><|open|>call tool="search" index="1"<|sep|>',
    ']<]minimax[>[<invoke name="search">]<]minimax[>[</invoke>',
    '<|message_sep|>\n\nfunction call<|role_sep|>\n{"name": "search"',
    "<tool_calls:opensource><tool_call:opensource>search",
    ' to=search<|message|><atem:function_calls>\n<atem:invoke name="search">',
    "<use_mcp_tool><tool_name>search</tool_name></use_mcp_tool>",
    ">>>search\n{}",
    ">>>all\nI look.>>>search\n{}",
    "Action: search\nAction Input: Rome\nObservation: sunny",
    '```json\n{"action": "search", "action_input": {"city": "Rome"}}\n```',
    'Here it is: {"tool": "search", "parameters": {"city": "Rome"}}',
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
    "Usage: rome [OPTIONS] COMMAND [ARGS]... prints the weather.",
    "Press <escape> to leave the search.",
    "Thought: no tool fits.\nFinal Answer: I cannot look that up.",
    "Thought: search is for cities.\nAction: none\nFinal Answer: Which city?",
    "def get_weather(city: str) -> dict:\n    return {'city': city}",
    "```python\nasync def search(city):\n    return await client.get(city)\n```",
    "`get_weather` takes a city (text) and `search` a query; both return JSON:\n\n```json\n{\"city\": \"Rome\"}\n```",
    "| tool | takes |\n|---|---|\n| get_weather | city |\n| search | city |",
    "from weather import get_weather, search  # two functions, neither is called here",
    "tools = [get_weather, search]\nfor tool in tools:\n    print(tool.__name__)",
    ">>> 1 + 1\n2\n>>> {'a': 1}\n{'a': 1}",
    "The function field of a tool holds its name; a call has arguments.",
    "In XML, <weather><city>Rome</city></weather> is one element inside another.",
    "<|start|>assistant<|channel|>final<|message|>get_weather is a tool.<|return|>",
    "<|channel|>commentary<|message|>Let me think.<|end|><|start|>assistant<|channel|>final<|message|>No.<|return|>",
    "<|open|>response<|sep|>Which city?<|close|>response<|sep|><|close|>message<|sep|><|end_of_msg|>",
    "<|START_RESPONSE|>Which city?<|END_RESPONSE|><|END_OF_TURN_TOKEN|>",
    "Which city?<|message_sep|>\n\n",
    ">>>all\nWhich city?",
    "A research(topic) call would help you, but I have none.",
    "<|channel|>analysis<|message|>I could call get_weather(city) later.<|end|><|start|>assistant<|channel|>final<|message|>Which city?<|return|>",
    "<|channel|>final<|message|>Hello!<|return|>",
    "<|channel|>analysis<|message|>Never closed: search(city=1)",
    "<think>search(city='Rome')?</think>No, I cannot do that.",
    {"role": "assistant", "content": [{"type": "text", "text": "Hello!"}]},
    {"role": "assistant", "content": "Hello!", "function_call": None, "tool_calls": None},
]  # fmt: skip


@pytest.mark.parametrize("completion", CALLS, ids=str)
def test_a_call_in_another_form_is_a_call(completion: Any) -> None:
    for name in WIRES:
        assert verify(completion, TOOLS, NO_CALL, wire=name).correct is False, name


@pytest.mark.parametrize("completion", ANSWERS, ids=str)
def test_a_plain_answer_abstains(completion: Any) -> None:
    for name in WIRES:
        verdict = verify(completion, TOOLS, NO_CALL, wire=name)
        assert verdict.correct, (name, verdict.errors)


values = st.text(max_size=8) | st.integers(-99, 99) | st.booleans() | st.none()
arguments = st.dictionaries(st.sampled_from(["city", "days", "at"]), values | st.lists(values))
row_calls = st.lists(
    st.builds(Call, st.sampled_from(["get_weather", "search"]), arguments), min_size=1, max_size=2
)
words = st.sampled_from(
    ["get_weather", "search", "the tool", "city", "name", "arguments", "call", "function", "f(x)",
     "(Rome)", "{", "}", "[1]", '"city": "Rome"', "=", ":", "`search`", "'get_weather'", "\n", "JSON"]
)  # fmt: skip
thoughts = st.sampled_from(
    ["I could call get_weather(city='Rome').", '{"name": "search", "arguments": {}}', "search\n{}",
     "Action: search\nAction Input: {}", "call:search{}", "[TOOL_CALLS]", "f(x)", ""]
)  # fmt: skip


@pytest.mark.parametrize("written", wire.NAMES)
@UNHURRIED
@given(calls=row_calls, fixed=st.sampled_from(WIRES), before=st.sampled_from(["", "I look.\n"]))
def test_a_call_in_any_format_is_noticed_whatever_the_run_fixed(
    written: str, calls: list[Call], fixed: str, before: str
) -> None:
    text = before + wire.get(written).render(calls)
    assert wire.attempts_call(text, TOOLS)
    assert not verify(text, TOOLS, NO_CALL, wire=fixed).correct


@pytest.mark.parametrize("fixed", WIRES)
def test_every_documented_form_of_a_call_is_noticed(fixed: str) -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in ("f", "g")]
    for name, text, calls, _ in FORMS:
        if calls:
            assert not verify(text, tools, NO_CALL, wire=fixed).correct, (name, text)


@pytest.mark.parametrize("fixed", WIRES)
@UNHURRIED
@given(sentence=st.lists(words, max_size=8).map(" ".join))
def test_words_about_tools_are_no_call(fixed: str, sentence: str) -> None:
    # A name on a line before an object is GLM-4's call, and a whole list of names is no text.
    text = f"Of course: {sentence.replace(chr(10), ' ')}."
    assert verify(text, TOOLS, NO_CALL, wire=fixed).correct, text


@pytest.mark.parametrize("opening", REASONING)
@UNHURRIED
@given(fixed=st.sampled_from(WIRES), thought=thoughts)
def test_a_thought_of_a_call_is_no_call(opening: str, fixed: str, thought: str) -> None:
    text = f"{opening}{thought}{REASONING[opening]}Which city do you mean?"
    assert verify(text, TOOLS, NO_CALL, wire=fixed).correct
    harmony = f"<|channel|>analysis<|message|>{thought}<|end|><|start|>assistant<|channel|>final<|message|>Which?"
    assert verify(harmony, TOOLS, NO_CALL, wire=fixed).correct


@pytest.mark.parametrize("family", FOREIGN_MARKERS)
def test_every_familys_marker_is_noticed(family: str) -> None:
    for marker in FOREIGN_MARKERS[family]:
        assert not verify(f"Well. {marker}", TOOLS, NO_CALL).correct, marker


@pytest.mark.parametrize("completion", CALLS[-4:], ids=str)
def test_a_message_with_a_call_in_another_form_is_no_empty_text(completion: Any) -> None:
    due = {"calls": [{"name": "search", "arguments": {}}]}
    verdict = verify(completion, TOOLS, due)
    assert not verdict.correct and verdict.has("unreadable")
