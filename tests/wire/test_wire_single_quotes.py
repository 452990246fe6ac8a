"""What `hermes` reads besides JSON: texts in single quotes, and nothing else of Python."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlcall import wire
from rlcall.wire.reading.single_quotes import load_single_quoted
from tests.wire.test_wire_formats import TOOLS
from tests.wire.test_wire_roundtrip import UNHURRIED, any_text, numbers, values


def codes(arguments: str) -> tuple[list[dict], list[str]]:
    text = f"<tool_call>\n{{'name': 'g', 'arguments': {arguments}}}\n</tool_call>"
    parsed = wire.parse(text, TOOLS, "hermes")
    return [call.arguments for call in parsed.calls], [item.code for item in parsed.problems]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("{'s': 'it\\'s'}", {"s": "it's"}),
        ("{'s': \"it's\"}", {"s": "it's"}),
        ("{'s': 'say \"hi\"'}", {"s": 'say "hi"'}),
        ("{'s': 'say \\\"hi\\\"', 't': '\\\\'}", {"s": 'say "hi"', "t": "\\"}),
        (
            "{'s': 'a\\nb\\u00e9', 'n': [1, -2.5e3, true, null]}",
            {"s": "a\nbé", "n": [1, -2.5e3, True, None]},
        ),
        ("{'s': '# no comment, (1,) and 0x10'}", {"s": "# no comment, (1,) and 0x10"}),
        ("{'s': ''}", {"s": ""}),
    ],
)
def test_texts_in_single_quotes_are_read_and_noted(arguments: str, expected: dict) -> None:
    assert codes(arguments) == ([expected], ["python_literal"])


@pytest.mark.parametrize(
    "arguments",
    [
        "{'a': 1,}", "{'a': [1, 2,]}", "{'a': 1 # one\n}", "{'a': 1_000}", "{'a': 0x10}", "{'a': 0o7}", "{'a': 2.}",
        "{'a': .5}", "{'a': +1}", "{'a': 01}", "{'a': 1e5j}", "{'a': r'b'}", "{'a': b'b'}", "{'a': u'b'}", "{'a': f'b'}",
        "{'a': 'b' 'c'}", "{'a': 'b' \"c\"}", "{'a': '''b'''}", '{"a": """b"""}', "{'a': 'b\nc'}", "{'a': '\\d'}",
        "{'a': '\\x41'}", "{'a': '\\a'}", "{'a': '\\N{BULLET}'}", "{'a': (1)}", "{'a': (1, 2)}", "({'a': 1})",
        "{'a': True}", "{'a': None}", "{'a': {1}}", "{a: 1}", "{'a': -'b'}", "{**{'a': 1}}", "dict(a=1)", "{'a': ...}",
        "{'a': '\\\nb'}", "{1: 'a'}", "{'a': NaN}", "{'a': Infinity}", "{'a': 1 + 1}", "{'a': 'b'}, 'label': None",
    ],
)  # fmt: skip
def test_nothing_else_of_python_is_read(arguments: str) -> None:
    calls, problems = codes(arguments)
    assert calls == [] and problems[0] in wire.SURPLUS


def test_a_key_given_twice_keeps_its_code() -> None:
    assert codes("{'a': 1, 'a': 2}") == ([], ["duplicate_key"])


@given(value=values(any_text, any_text) | numbers, quotes=st.randoms(use_true_random=False))
@UNHURRIED
def test_any_value_with_any_of_its_texts_in_single_quotes_is_itself(value, quotes) -> None:
    """JSON whose texts are rewritten one by one, the way a model mixes them."""

    def written(item) -> str:
        if isinstance(item, dict):
            pairs = [f"{written(key)}: {written(inner)}" for key, inner in item.items()]
            return "{" + ", ".join(pairs) + "}"
        if isinstance(item, list):
            return "[" + ", ".join(map(written, item)) + "]"
        text = json.dumps(item, ensure_ascii=quotes.random() < 0.5)
        if isinstance(item, str) and quotes.random() < 0.5:
            inside = text[1:-1].replace('\\"', '"').replace("\\\\", "\0").replace("'", "\\'")
            return f"'{inside.replace(chr(0), chr(92) * 2)}'" if "\0" not in text else text
        return text

    assert json.dumps(load_single_quoted(written(value))) == json.dumps(value)
