"""Every format reads its documented example, under its own name and under `auto`, and writes
what it can read."""

import ast
from pathlib import Path

import pytest

from rlcall import wire
from rlcall.calls import Call, Reference
from tests.support import wire_page
from tests.support.wire_forms import FORMS

F = Call("f", {"a": 1, "s": "x y"})
G = Call("g", {})
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {
                "type": "object",
                "properties": {
                    "a": {"type": "integer"},
                    "s": {"type": "string"},
                    "zip": {"type": ["string", "null"]},
                },
            },
        },
    }
    for name in ("f", "g", "delete_all", "Search Managers", "weather.get")
]


@pytest.mark.parametrize(("name", "text", "calls", "auto"), FORMS)
def test_a_documented_form_is_read(name: str, text: str, calls: list[Call], auto: str) -> None:
    fixed = wire.parse(text, TOOLS, name)
    assert (fixed.wire, list(fixed.calls)) == (name, calls)
    found = wire.parse(text, TOOLS)
    assert (found.wire, list(found.calls)) == (auto, calls)
    assert not {problem.code for problem in fixed.problems + found.problems} - {"text_before"}


def test_every_format_is_shown_above() -> None:
    assert {name for name, *_ in FORMS} == set(wire.NAMES)


@pytest.mark.parametrize("name", wire.NAMES)
def test_every_format_writes_what_it_reads(name: str) -> None:
    format = wire.get(name)
    for calls in (
        [],
        [F],
        [F, G, F],
        [Call("weather.get", {"o": {"k": [1.5, None, True, {"l": "v"}]}, "s": "a\nb"})],
    ):
        assert format.can_render(calls, TOOLS)
        for under in (name, "auto"):
            parsed = wire.parse(format.render(calls), TOOLS, under)
            assert (list(parsed.calls), parsed.problems) == (calls, ())


@pytest.mark.parametrize("name", wire.NAMES)
def test_a_chain_can_be_written_in_every_format(name: str) -> None:
    chain = [Call("g", {}, "var1"), Call("f", {"s": Reference("var1", ("id",)), "a": 1})]
    format = wire.get(name)
    assert format.can_render(chain, TOOLS)
    parsed = wire.parse(format.render(chain), TOOLS, name)
    assert [call.arguments for call in parsed.calls] == [call.arguments for call in chain]
    assert parsed.calls[0].label == ("var1" if format.labels else None)


def test_a_format_without_labels_cannot_write_one_that_is_missed() -> None:
    chain = [Call("g", {}, "town"), Call("f", {"s": Reference("town")})]
    assert {name for name in wire.NAMES if not wire.get(name).can_render(chain, TOOLS)} == {
        "deepseek_v3",
        "functiongemma",
        "glm4",
        "glm45",
        "openai",
        "qwen3_coder",
        "apertus",
        "functionary31",
        "longcat",
        "seed_oss",
        "minimax_m2",
        "anthropic_xml",
        "deepseek_v32",
        "kimi_k2",
        "kimi_k3",
        "gemma4",
        "mistral_v11",
        "deepseek_v31",
        "deepseek_v4",
        "harmony",
        "hunyuan_hy3",
        "minimax_m3",
        "olmo3",
        "step3",
        "functionary32",
        "react",
    }


def test_bare_text_has_the_type_that_the_tool_gives_it() -> None:
    text = "<tool_call>f\n<arg_key>{}</arg_key>\n<arg_value>{}</arg_value>\n</tool_call>"
    for key, written, value in [
        ("s", "5", "5"),
        ("a", "5", 5),
        ("a", "five", "five"),
        ("a", "True", True),
        ("zip", "94110", "94110"),
        ("zip", "null", None),
        ("undeclared", "[1]", [1]),
        ("undeclared", "one", "one"),
        ("a", "$var1.id$", Reference("var1", ("id",))),
    ]:
        assert wire.parse(text.format(key, written), TOOLS, "glm45").calls[0].arguments == {
            key: value
        }
    number_as_text = [Call("f", {"s": "5"})]
    assert wire.get("glm45").can_render(number_as_text, TOOLS)
    assert not wire.get("glm45").can_render(number_as_text)


@pytest.mark.parametrize(
    "name",
    [
        "seed_oss",
        "minimax_m2",
        "minimax_m3",
        "anthropic_xml",
        "deepseek_v32",
        "deepseek_v4",
        "qwen3_coder",
        "longcat",
        "hunyuan_hy3",
        "kimi_k3",
        "step3",
    ],
)
@pytest.mark.parametrize("value", ["\n", "\na", "a\n", "\n\n", " a ", "a\n\nb", "", "5", "<b>"])
def test_line_breaks_at_the_ends_of_a_value_are_kept(name: str, value: str) -> None:
    calls = [Call("f", {"s": value})]
    assert wire.get(name).can_render(calls, TOOLS)
    assert list(wire.parse(wire.get(name).render(calls), TOOLS).calls) == calls


def test_dsml_says_what_is_text_whatever_the_schema_says() -> None:
    text = (
        '<｜DSML｜function_calls><｜DSML｜invoke name="f"><｜DSML｜parameter name="{}"{}>{}'
        "</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜function_calls>"
    )
    for key, attributes, written, value in [
        ("a", ' string="true"', "5", "5"),
        ("s", ' string="false"', "5", 5),
        ("s", ' string="false"', '"5"', "5"),
        ("s", ' string="true"', "$var1.id$", Reference("var1", ("id",))),
    ]:
        parsed = wire.parse(text.format(key, attributes, written), TOOLS)
        assert (parsed.calls, parsed.problems) == ((Call("f", {key: value}),), ())
    for attributes, written in [("", "5"), (' string="yes"', "5"), (' string="false"', "five")]:
        parsed = wire.parse(text.format("a", attributes, written), TOOLS)
        assert (parsed.calls, [problem.code for problem in parsed.problems]) == ((), ["unreadable"])


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("f(x=g(y=1))", [Call("g", {"y": 1}, "var1"), Call("f", {"x": Reference("var1")})]),
        (
            "f(x=g().id[0]['a b'])",
            [Call("g", {}, "var1"), Call("f", {"x": Reference("var1", ("id", 0, "a b"))})],
        ),
        (
            "a = g(y=1)\nf(x=[a.id])",
            [Call("g", {"y": 1}, "a"), Call("f", {"x": [Reference("a", ("id",))]})],
        ),
        ("f(x=later)\nlater = g()", [Call("f", {"x": Reference("later")}), Call("g", {}, "later")]),
        ("[g(), f(x=g())]", [G, Call("g", {}, "var2"), Call("f", {"x": Reference("var2")})]),
        (
            "var1 = g()\nf(x=g(z=var1))",
            [
                Call("g", {}, "var1"),
                Call("g", {"z": Reference("var1")}, "var2"),
                Call("f", {"x": Reference("var2")}),
            ],
        ),
        (
            "f(x='$var1.id$', y='$5', z='$$var1$')",
            [Call("f", {"x": Reference("var1", ("id",)), "y": "$5", "z": "$var1$"})],
        ),
    ],
)
def test_calls_inside_calls_and_names_become_references(source: str, calls: list[Call]) -> None:
    assert list(wire.parse(source, TOOLS, "python").calls) == calls


@pytest.mark.parametrize(
    "source",
    [
        "f(1)", "f(*[1])", "f(a=1 + 1)", "f(a=f'{1}')", "f(a=b'x')", "f(a=1j)", "f(a=...)", "f(a=nobody)",
        "f(a=not True)", "f(a={1, 2})", "f(a={1: 2})", "f(a=lambda: 1)", "f(a=-'x')", "f(a=-True)", "f()(a=1)",
        "f(a=1)\nimport os", "[f(a=1), 5]", "f(a=__import__('os').system('true'))", "x = 5\nf(a=x)",
        "f(a=1)  # for you", "a, b = f(a=1)", "[f(a=1)", "f(a='x", "f(a=1) f(a=2)", "await f(a=1)",
        "f(a=1) if True else g()", "f(a=+1)",
    ],
)  # fmt: skip
def test_python_that_is_not_plain_calls_is_one_problem(source: str) -> None:
    for under in ("python", "auto"):
        parsed = wire.parse(source, TOOLS, under)
        assert not parsed.calls
        assert len(parsed.problems) == 1
        assert parsed.problems[0].code in wire.SURPLUS


def test_tools_whose_names_are_no_identifiers_are_read_where_the_row_has_them() -> None:
    source = (
        'a-b.c(s="a-b.c(1) # Search Managers(2)")\nx = Search Managers(a=1)\nf(a=a-b.c(s=x.id).id)'
    )
    tools = [*TOOLS, {"type": "function", "function": {"name": "a-b.c"}}]
    assert list(wire.parse(source, tools).calls) == [
        Call("a-b.c", {"s": "a-b.c(1) # Search Managers(2)"}),
        Call("Search Managers", {"a": 1}, "x"),
        Call("a-b.c", {"s": Reference("x", ("id",))}, "var3"),
        Call("f", {"a": Reference("var3", ("id",))}),
    ]
    assert wire.parse(source, TOOLS).calls == ()
    for call in (Call("a-b.c", {"s": "x"}), Call("Search Managers", {"a": 1})):
        assert wire.get("python").can_render([call, call], tools)
        assert not wire.get("python").can_render([call])


def test_messages_are_read_as_they_come() -> None:
    def message(arguments: object, content: object = None) -> dict[str, object]:
        call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}
        return {"role": "assistant", "content": content, "tool_calls": [call]}

    for arguments in ('{"a": 1, "s": "x y"}', {"a": 1, "s": "x y"}):
        for under in ("auto", "openai", "hermes"):
            assert wire.parse(message(arguments), TOOLS, under) == wire.Parse("openai", (F,))
    parts = [{"type": "text", "text": "I call it."}]
    assert [p.code for p in wire.parse(message({}, parts), TOOLS).problems] == ["text_before"]
    assert [p.code for p in wire.parse(message({}, "<tool_call>"), TOOLS).problems] == [
        "unreadable"
    ]
    assert wire.parse({"role": "assistant", "content": "[g()]"}, TOOLS).calls == (G,)
    assert wire.parse({"content": None, "tool_calls": None}, TOOLS) == wire.Parse("text")
    for broken in ("{", "[1]", 5, None, "{}{}", '{"a": NaN}', {"a": float("inf")}, {1: 2}):
        parsed = wire.parse(message(broken), TOOLS)
        assert (len(parsed.calls), [p.code in wire.SURPLUS for p in parsed.problems]) == (0, [True])
    for strange in (
        {"tool_calls": 5},
        {"tool_calls": [5]},
        {"content": 5},
        {"tool_calls": [{"function": None}]},
    ):
        assert [p.code in wire.SURPLUS for p in wire.parse(strange, TOOLS).problems] == [True]


def test_an_unknown_format_or_completion_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match=r"no wire format 'xml'; there are: auto, .*hermes"):
        wire.parse("", TOOLS, "xml")
    with pytest.raises(TypeError, match="not a list"):
        wire.parse(["text"], TOOLS)  # type: ignore[arg-type]


def test_no_text_is_ever_evaluated() -> None:
    """The sources call no evaluator. `ast.parse` builds a tree; `re.compile` a pattern."""
    for path in (Path(wire.__file__).parent / "formats").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name):
                assert node.id not in {"eval", "exec", "compile", "__import__"}, path
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"literal_eval", "loads", "unsafe_load"}, path


def test_the_pages_have_the_tables_that_the_code_gives() -> None:
    texts = [path.read_text(encoding="utf-8") for path in wire_page.PAGES]
    for text in texts:
        assert text == wire_page.page(text), "python -m tests.support.wire_page writes them"
    for name in wire.NAMES:
        assert f"| `{name}` |" in texts[0]
    for code in wire.PROBLEMS:
        assert f"| `{code}`" in texts[1]
