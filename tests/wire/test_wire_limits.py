"""Bad input: each kind has its verdict, and none takes more than 50 ms of processor time."""

import reprlib
import time
from collections.abc import Callable
from typing import Any

import pytest

from rlcall import wire
from tests.wire.test_wire_formats import TOOLS

SECONDS = 0.05


def json_call(arguments: str) -> str:
    return f'<tool_call>{{"name": "f", "arguments": {arguments}}}</tool_call>'


def python_call(value: str) -> str:
    return f"[f(a={value})]"


@pytest.mark.parametrize("write", [json_call, python_call])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("[" * 100_000, "too_large"),
        ("[" * 60_000, "too_large"),
        ("[" * 150 + "]" * 150, "too_large"),
        ('{"a":' * 70 + "1" + "}" * 70, "too_large"),
        ("\\" * 1_000_000, "too_large"),
        ("9" * 10_000, "too_large"),
        ("1e999", "not_json"),
    ],
)
def test_what_is_too_much_has_its_code(write: Callable[[str], str], value: str, code: str) -> None:
    parsed = wire.parse(write(value), TOOLS)
    assert (parsed.calls, [problem.code for problem in parsed.problems][:1]) == ((), [code])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('{"a": NaN}', "not_json"),
        ('{"a": -Infinity}', "not_json"),
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"o": {"a": 1, "a": 2}}', "duplicate_key"),
        ('{"s": "\\ud800"}', "not_text"),
        ('{"\\udfff": 1}', "not_text"),
        ('{"s": "\ud800"}', "not_text"),
        ('{"s": "a\nb"}', "unreadable"),
        ("{'s': '\\ud800'}", "unreadable"),
        ('{"a": 01}', "unreadable"),
        ('{"a": .5}', "unreadable"),
        ('{"a": 1,}', "unreadable"),
        ('{"s": "unended', "truncated"),
        ('{"a": 1', "unreadable"),
        ("{}{}", "unreadable"),
        ("[]", "not_a_call"),
        ("5", "not_a_call"),
    ],
)
def test_json_that_is_not_json_has_its_code(arguments: str, code: str) -> None:
    parsed = wire.parse(json_call(arguments), TOOLS, "granite4")
    assert (parsed.calls, [problem.code for problem in parsed.problems]) == ((), [code])
    parsed.problems[0].text.encode()


def test_a_pair_of_surrogate_escapes_is_a_character() -> None:
    assert wire.parse(json_call('{"s": "\\ud83d\\ude00"}'), TOOLS).calls[0].arguments == {"s": "😀"}


def test_depth_and_digits_at_the_limit_are_read() -> None:
    assert wire.parse(json_call('{"a": ' + "[" * 61 + "]" * 61 + "}"), TOOLS).calls
    assert wire.parse(json_call(f'{{"a": {"9" * 300}}}'), TOOLS).calls
    assert wire.parse(json_call('{"s": "' + "[{" * 20_000 + '"}'), TOOLS).calls
    assert wire.parse(python_call('"' + "[{(" * 400 + '"'), TOOLS).calls


def test_more_calls_than_the_limit_end_the_reading() -> None:
    one = '{"name": "g", "arguments": {}}'
    many = [
        f"<tool_call>{one}</tool_call>" * 150,
        f"<tool_call>[{','.join([one] * 150)}]</tool_call>",
        f"[{','.join([one] * 150)}]",
    ]
    for text in many:
        parsed = wire.parse(text, TOOLS)
        assert 100 <= len(parsed.calls) <= 101
        assert [problem.code for problem in parsed.problems] == ["too_large"]
    for text in ("; ".join([one] * 150), f"[{','.join(['g()'] * 150)}]", "g\n{}\n" * 150):
        parsed = wire.parse(text, TOOLS)
        assert (parsed.calls, [problem.code for problem in parsed.problems]) == ((), ["too_large"])


def test_reasoning_does_not_count_against_the_limit() -> None:
    assert wire.parse(f"<think>{'hm ' * 50_000}</think>[g()]", TOOLS).calls
    assert wire.parse("<think>" + "x" * 300_000, TOOLS).problems[0].code == "too_large"


OPENINGS = {
    "qwen3_coder": "<tool_call>\n<function=f>\n<parameter=a>\n",
    "glm45": "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>",
    "toolrl": '<tool_call>{"name":"f","parameters":',
    "smollm2": "<tool_call>[",
    "hermes": '<tool_call>{"name":"f","arguments":',
    "granite4": "<tool_call>",
    "llama3": "<|python_tag|>",
    "mistral": "[TOOL_CALLS]",
    "granite20b": "<function_call>",
    "granite3": "<|tool_call|>",
    "deepseek_v3": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>",
    "functiongemma": "<start_function_call>call:f{",
    "hunyuan_a13b": "<tool_calls>[",
    "nemotron_nano": "<TOOLCALL>[",
    "phi4_mini": "functools[",
    "internlm": '<|action_start|><|plugin|>{"name":"f","parameters":',
    "apertus": '<|tools_prefix|>[{"f":',
    "functionary31": "<function=f>{",
    "longcat": "<longcat_tool_call>f\n<longcat_arg_key>a</longcat_arg_key>\n<longcat_arg_value>",
    "seed_oss": "<seed:tool_call>\n<function=f>\n<parameter=a>",
    "minimax_m2": '<minimax:tool_call>\n<invoke name="f">\n<parameter name="a">',
    "anthropic_xml": '<function_calls>\n<invoke name="f">\n<parameter name="a">',
    "deepseek_v32": '<｜DSML｜function_calls>\n<｜DSML｜invoke name="f">\n',
    "kimi_k2": "<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>",
    "gemma4": "<|tool_call>call:f{",
    "lfm2": "<|tool_call_start|>[f(a=",
    "llama4": "<|python_start|>[f(a=",
    "mistral_v11": "[TOOL_CALLS]f[ARGS]{",
    "deepseek_v31": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{",
    "deepseek_v4": '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="f">\n',
    "harmony": "<|channel|>commentary to=functions.f <|constrain|>json<|message|>",
    "command_a": "<|START_ACTION|>[",
    "gigachat3": "function call<|role_sep|>\n{",
    "hunyuan_hy3": "<tool_calls>\n<tool_call>f<tool_sep>\n<arg_key>a</arg_key>\n<arg_value>",
    "minimax_m3": ']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="f">]<]minimax[>[<a>',
    "olmo3": "<function_calls>f(a=",
    "kimi_k3": '<|open|>tools<|sep|><|open|>call tool="f" index="1"<|sep|>',
    "step3": '<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="f">',
    "functionary32": ">>>f\n{",
    "react": "Action: f\nAction Input: {",
    "openai": '{"tool_calls": [{"function": {"name":"f","arguments":"',
    "nestful": '[{"name":"f","label":"a","arguments":',
    "json": '{"name":"f","arguments":',
    "glm4": "f\n",
    "python": "[f(a=",
}
FILLINGS = [
    "[", "{", "[],", "{},", '"\\', "\\", '"', "'", "f(", "f(a=", "[f(", "f(),", "f\n", "f\n{}\n", "-", "1,", "1+",
    ".a", "()", '{"a":', "not ", 'f"{a}"', "{a}", "\n", " ", "</tool_call>", "<tool_call>", "<tool_call>[",
    '<tool_call>["', '<tool_call>{"a":"', '<function_call>["', '[TOOL_CALLS]a[ARGS]{"a":"', "[TOOL_CALLS][[",
    '<|tool_call|>[[],"',
    "<arg_key>a</arg_key><arg_value>", "<arg_key>a</arg_key><arg_value><tool_call>f</arg_value>", "<parameter=a>",
    "<parameter=a><tool_call><function=f></parameter>", "<escape>", "a:<escape><escape>,", "a:{",
    "[<start_function_call>call:f{a:", "<｜tool▁call▁begin｜>f<｜tool▁sep｜>{}<｜tool▁call▁end｜>", "<think>",
    "</think>", "<think></think>", "<", "```json\n", "NaN,", "\\ud800", '"a":1,', '"name": "f" ', "a=", "a = f(b=1)\n",
    "# ", '"""', "lambda:", "if ", "@", '{"name":"f","arguments":{}};', '[{"name":', '{"a":"b","c":["d",{"e":1}]},',
    "</s>", "f\n   ", '{"name":"f","arguments":{}},', "{'a':", "<tool_call>{'a':1}</tool_call>", "x", "é", "\x00",
    "<tool_calls>", '<TOOLCALL>["', "functools[", "functools[[],", "<|action_start|>", "<|action_start|><|plugin|>{",
    '<|tools_prefix|>[{"f":{}},', '{"f":{}},', "<function=", "<function=f", "<function=f>", "<function=f> ",
    "<function=f>{}", "<function=f>{}</function>",
    "<longcat_tool_call>", "<longcat_tool_call>f\n<longcat_arg_key>", "<longcat_arg_key>a</longcat_arg_key><longcat_arg_value>",
    "<longcat_arg_value>", "<seed:tool_call>", "<seed:tool_call><function=f><parameter=a>", "<minimax:tool_call>",
    '<minimax:tool_call><invoke name="f"><parameter name="a">', '<function_calls><invoke name="f">', "<function_calls>",
    '<invoke name="f">', '<invoke name="f"></invoke>', '<parameter name="a"></parameter>', '<parameter name="a" ',
    '<parameter name="a"><function_calls></parameter>', '<parameter name="', "<｜DSML｜", "<｜DSML｜function_calls>",
    '<｜DSML｜parameter name="a" string="true"></｜DSML｜parameter>', '<｜DSML｜invoke name="f"></｜DSML｜invoke>',
    '<｜DSML｜parameter name="a" string="false">[', "<|tool_calls_section_begin|>", "<|tool_call_begin|>", ":1", ":1 ",
    "<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0", "<|tool_call_argument_begin|>{}<|tool_call_end|>",
    "<|tool_call_begin|>f:0<|tool_call_argument_begin|>{}<|tool_call_end|>",
    '<|"|>', "<|tool_call>call:f{a:", "<|tool_call_start|>[", "<|tool_call_start|>f(a='", "<|python_start|>[f(a=\'\'\'",
    "<|python_start|>f(a=\'\'\'\'", "<|channel|>commentary to=functions.", "to=functions.f", "<|start|>assistant",
    "<|channel|>analysis<|message|>", "<|channel|>commentary to=functions.f<|message|>{}", " to=functions.f<|channel|>",
    "to=functions.f<|message|>{}<|call|>", "<|call|>", '<|START_ACTION|>[["', '{"tool_name":"f","parameters":{}},',
    "<|message_sep|>", "<|message_sep|>\n", "function call<|role_sep|>{", '<|function_call|>{"name":"f","arguments":{}}',
    "<tool_calls><tool_call>f<tool_sep>", "<tool_call>f<tool_sep></tool_call>", "<tool_sep>", "]<]minimax[>[",
    "]<]minimax[>[<a>", "]<]minimax[>[<a>]<]minimax[>[</a>", "]<]minimax[>[\n", ']<]minimax[>[<invoke name="f">',
    ']<]minimax[>[<invoke name="f">]<]minimax[>[</invoke>', "]<]minimax[>[<tool_call>", "<function_calls>f(a='",
    "<function_calls>f()", "<｜DSML｜tool_calls>", "<|open|>tools<|sep|>", "<|open|>response<|sep|>", "<|close|>response<|sep|>",
    '<|open|>call tool="f" index="1"<|sep|>', '<|open|>call tool="f"<|sep|><|close|>call<|sep|>', '<|open|>call a="',
    '<|open|>argument key="a" type="string"<|sep|>', ' a="b"', "<｜tool_calls_begin｜>", "<steptml:invoke name=\"f\">",
    '<steptml:parameter name="a"></steptml:parameter>', "<｜tool_call_begin｜>function<｜tool_sep｜>", ">>>", ">>>f\n", ">>>all\n",
    ">>>f\n{}", "Action: f\n", "Action: f\nAction Input: ", "Action: f\nAction Input: {}\n", "Thought: \n", "Thought:",
    "Action:", "Action: \n\n", "functions.f:",
    "Search Managers(", "Search Managers(a='", "Search Managers(\'\'\'\\",
]  # fmt: skip


def test_every_format_is_timed() -> None:
    assert OPENINGS.keys() == set(wire.NAMES)


def timed(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result, if it came in time: the best of three runs, since the machine's other work is
    not the parser's."""
    for _ in range(3):
        start = time.process_time()
        result = function(*arguments)
        taken = time.process_time() - start
        if taken < SECONDS:
            return result
    raise AssertionError(f"{taken:.3f} s for {reprlib.repr(arguments[0])}")


@pytest.mark.parametrize("name", [*OPENINGS, "auto"])
@pytest.mark.parametrize("length", [65_500, 190_000])
def test_no_text_takes_longer_than_50_ms(name: str, length: int) -> None:
    opening = OPENINGS.get(name, "")
    for filling in FILLINGS:
        for closing in ("", "</tool_call>"):
            text = (
                opening
                + filling * ((length - len(opening) - len(closing)) // len(filling))
                + closing
            )
            parsed = timed(wire.parse, text, TOOLS, name)
            timed(wire.attempts_call, text, TOOLS, parsed)


def test_no_message_takes_longer_than_50_ms() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    for arguments in (
        deep,
        [1] * 300_000,
        "[" * 1_000_000,
        "[]," * 20_000,
        {str(i): i for i in range(100_000)},
    ):
        call = {"function": {"name": "f", "arguments": arguments}}
        for message in (
            {"tool_calls": [call] * 120},
            {"tool_calls": arguments},
            {"content": arguments},
        ):
            assert timed(wire.parse, message, TOOLS).problems or isinstance(
                message.get("content"), str
            )
