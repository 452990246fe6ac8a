"""Rows from a user's own tools: right by construction, and checked by other means."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall.check.grounding import ungrounded
from rlcall.cli.tasks import main
from rlcall.data.readers import toolrl
from rlcall.data.rows import Row, read_rows
from rlcall.tasks.draw import SPLITS, Draw
from rlcall.tasks.generate import Component, generate, generate_drafts
from rlcall.tasks.mixture import read_mixture, shipped_mixture
from rlcall.tasks.own.closeness import closeness_of
from rlcall.tasks.own.definitions import OwnToolsError
from rlcall.tasks.own.kinds import ParameterKinds
from rlcall.tasks.own.mixture import servable
from rlcall.tasks.own.numbers import numbers
from rlcall.tasks.own.phrases import IDLE, TEMPLATES
from rlcall.tasks.own.place import CannotDraw
from rlcall.tasks.own.strings import texts
from rlcall.tasks.own.tools import worlds_of
from rlcall.tasks.own.words import clauses, name_words, parameter_words
from rlcall.tasks.twins.masking import mask
from rlcall.tasks.twins.twins import twins
from rlcall.tasks.views import TASKS
from rlcall.tasks.world import World
from rlcall.tasks.writer import WorldError
from rlcall.verifier.schema import SchemaError, compile_tool
from tests.support.world_faults import faults
from tests.tasks.test_tasks import CALLS, check_gold, is_reference, plain_text

GOLDEN = Path(__file__).parents[1] / "golden" / "own_tools.json"
DATA = Path(os.environ.get("RLCALL_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


@lru_cache
def golden(split: str) -> list[World]:
    return worlds_of(GOLDEN, split)


@pytest.fixture(params=SPLITS)
def own(request: pytest.FixtureRequest) -> tuple[str, list[World]]:
    return request.param, golden(request.param)


def part(split: str, *tasks: str) -> list[Component]:
    """The shipped mixture's components of these tasks."""
    return [
        component for component in read_mixture(shipped_mixture(), split) if component.task in tasks
    ]


def function(
    name: str = "f", description: str = "Do a thing.", /, **properties: Any
) -> dict[str, Any]:
    """A tool whose parameters are all required."""
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


def rows_of(worlds: list[World], split: str, n: int, seed: int = 1) -> list[Row]:
    mixture = servable(worlds, read_mixture(shipped_mixture(), split), [])
    return list(generate(worlds, mixture, n, seed))


def test_every_tool_is_used_and_nothing_is_to_be_mended(own: tuple[str, list[World]]) -> None:
    split, _ = own
    notes: list[str] = []
    worlds = worlds_of(GOLDEN, split, notes)
    assert sum(len(world.tools) for world in worlds) == 30
    assert notes == []
    assert [fault for world in worlds for fault in faults(world)] == []


def test_every_gold_verifies_in_every_wire_format(own: tuple[str, list[World]]) -> None:
    split, worlds = own
    seen = Counter(row.task for row in rows_of(worlds, split, 200) if check_gold(row))
    assert set(seen) == set(TASKS)


def test_arguments_are_valid_by_jsonschema_and_stand_in_the_request(
    own: tuple[str, list[World]],
) -> None:
    split, worlds = own
    checked = 0
    for row in rows_of(worlds, split, 300, seed=2):
        if row.task in CALLS:
            assert ungrounded(row, strict=True) == [], row.messages
            checked += sum(is_valid(row, call) for call in row.answer["calls"])
    assert checked > 200


def is_valid(row: Row, call: dict[str, Any]) -> bool:
    tools = {tool["function"]["name"]: tool for tool in row.tools}
    schema = compile_tool(json.dumps(tools[call["name"]])).parameters  # with its dialects put right
    literal = {k: unescaped(v) for k, v in call["arguments"].items() if not is_reference(v)}
    schema = {
        **schema,
        "required": [name for name in schema.get("required", ()) if name in literal],
    }
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(literal)
    return True


def unescaped(value: Any) -> Any:
    if isinstance(value, list):
        return [unescaped(item) for item in value]
    return (
        {key: unescaped(item) for key, item in value.items()}
        if isinstance(value, dict)
        else plain_text(value)
    )


def test_rows_show_the_tools_as_they_stand_in_the_file(own: tuple[str, list[World]]) -> None:
    split, worlds = own
    entries = json.loads(GOLDEN.read_text(encoding="utf-8"))
    wrapped = [
        entry if "function" in entry else {"type": "function", "function": entry}
        for entry in entries
    ]
    written = {json.dumps(entry) for entry in wrapped}
    shown = {json.dumps(tool) for row in rows_of(worlds, split, 200) for tool in row.tools}
    assert shown == written


def test_splits_share_no_template_and_no_idle_request() -> None:
    for one, other in combinations(SPLITS, 2):
        for field in ("clause", "inline", "bare", "sentence", "add", "named"):
            assert not set(getattr(TEMPLATES[one], field)) & set(
                getattr(TEMPLATES[other], field)
            ), field
        assert not set(IDLE[one]) & set(IDLE[other])
        said = [
            {p for w in golden(split) for t in w.tools for p in t.say} for split in (one, other)
        ]
        assert not said[0] & said[1]


def drawn_texts(schema: dict[str, Any], word: str, split: str) -> set[str]:
    source, draw = texts(schema, [word], ""), Draw(Random(0), split)
    return {source.draw(draw) for _ in range(200)}


def test_splits_share_no_free_texts() -> None:
    for one, other in combinations(SPLITS, 2):
        for schema, word in (
            ({}, "message"),
            ({}, "city"),
            ({"format": "date"}, "x"),
            ({"pattern": "^[A-Z]{2}[0-9]{2}$"}, "x"),
        ):
            assert not drawn_texts(schema, word, one) & drawn_texts(schema, word, other), schema


def test_no_row_shows_a_tool_that_may_do_what_the_missing_one_does(
    own: tuple[str, list[World]],
) -> None:
    split, worlds = own
    tools = [tool for world in worlds for tool in world.tools]
    near = closeness_of(tools)
    names = [tool.name for tool in tools]
    assert near.rivals[names.index("get_weather"), names.index("getWeatherForecast")]
    lost = 0
    for made in generate_drafts(
        worlds,
        [c for c in read_mixture(shipped_mixture(), split) if c.task == "missing_tool"],
        200,
        3,
    ):
        said = made.row.messages[0]["content"]
        shown = {tool["function"]["name"] for tool in made.row.tools}
        assert shown
        if "weather forecast" in said.lower():
            lost += 1
            assert not shown & {"get_weather", "getWeatherForecast"}
    assert lost


def test_twins_and_masks_of_own_rows_verify() -> None:
    worlds = golden("train")
    kinds: Counter[str] = Counter()
    mixture = servable(worlds, read_mixture(shipped_mixture(), "train"), [])
    for one in generate_drafts(worlds, mixture, 80, 4):
        check_gold(mask(one.row, Random(one.row.id), 0.5))
        for twin in twins(one.row, Random(one.row.id), shorter=one.shorter()):
            check_gold(twin)
            kinds[str(twin.id).split("~")[1]] += 1
    assert len(kinds) >= 4, kinds


def test_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    def run(hash_seed: str, n: int) -> bytes:
        out = tmp_path / f"{hash_seed}-{n}.jsonl"
        line = [
            sys.executable,
            "-m",
            "rlcall",
            "tasks",
            "--tools",
            str(GOLDEN),
            "--n",
            str(n),
            "--out",
            str(out),
        ]
        subprocess.run(
            line, env={**os.environ, "PYTHONHASHSEED": hash_seed}, check=True, capture_output=True
        )
        return out.read_bytes()

    first = run("1", 120)
    assert run("2", 150).startswith(first)


@pytest.mark.parametrize(
    "name, description, expected",
    [
        (
            "get_weather",
            "Gets the weather of a city. Needs a key.",
            ["get the weather of a city", "get weather"],
        ),
        ("getUserID", "", ["get user id"]),
        ("calc", "This function is used to calculate the sum.", ["calculate the sum", "use calc"]),
        (
            "Hotels.SearchHotel",
            "A tool for searching hotels in a city.",
            ["search hotels in a city", "search hotel"],
        ),
        ("x", "Use this tool to send `mails` (fast).", ["send mails", "use x"]),
        ("weather", "The weather.", ["use weather"]),
        ("sum_two", "Returns {a} plus b and returns it", ["get a plus b and get it", "sum two"]),
        ("天气", "查询天气", ["use 天气"]),
    ],
)
def test_clauses(name: str, description: str, expected: list[str]) -> None:
    assert clauses(name, description) == expected


def test_short_names_are_called_by_their_descriptions() -> None:
    assert parameter_words("q", "The search query, in words.") == "search query words"
    assert [
        parameter_words(*one)
        for one in (("id", "The order's number."), ("n", ""), ("city", "Where."))
    ] == [
        "id",
        "n",
        "city",
    ]


def test_names_as_words() -> None:
    assert [name_words(n) for n in ("getHTTPStatus", "a-b.c_d", "_", "max2Items")] == [
        "get http status", "a b c d", "_", "max2 items",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "holds no tools|is not JSON"),
        ("[]", "holds no tools"),
        ("{", "is not JSON"),
        ('{"a": 1}\n{"a"', "line 2 is not JSON"),
        ('[{"description": "d"}]', "tool 1: a tool has no name"),
        ("[3]", "tool 1: an item is not a tool"),
        ('[{"name": "f", "parameters": []}]', r"tool 1: .* parameters of 'f' is \[\]"),
        ('[{"type": "tool", "function": {"name": "f"}}]', "Its type is 'tool'"),
        ('[{"name": "f"}, {"name": "f"}]', "two tools have the name 'f'"),
        ('[{"name": "f", "name": "g"}]', "the key 'name' is given twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.json").write_text(text)
    with pytest.raises(OwnToolsError, match=message) as raised:
        worlds_of(tmp_path / "mine.json", "train")
    assert "mine.json" in str(raised.value)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(OwnToolsError, match="cannot be read"):
        worlds_of("none.json", "train")


@pytest.mark.parametrize(
    "schema, reason",
    [
        ({"type": "string", "pattern": r"^\p{Greek}+$"}, "pattern"),
        ({"type": "string", "pattern": "(a{500}){9}"}, "more than 400 characters"),
        ({"type": "string", "minLength": 9, "maxLength": 3}, "no text has from 9 to 3"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "no number lies within its bounds"),
        (
            {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2},
            "no number lies within its bounds",
        ),
        ({"enum": []}, "holds nothing"),
        ({"type": "array", "minItems": 100}, "it asks for from 100"),
        ({"$ref": "#/$defs/none"}, "points at nothing"),
        ({"$ref": "other.json#/x"}, "is not local"),
        ({"type": "string", "not": {"type": "string"}}, "its schema permits none"),
        (
            {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 3},
            "its schema permits none",
        ),
        ({"type": "strin", "minimum": "a"}, "'a' is not a number"),
    ],
)
def test_what_cannot_be_drawn_is_set_aside_with_its_reason(
    schema: dict[str, Any], reason: str
) -> None:
    notes: list[str] = []
    worlds = worlds_of(
        [function("bad", x=schema), function("good", "Send a letter.")], "train", notes
    )
    assert [tool.name for world in worlds for tool in world.tools] == ["good"]
    (note,) = notes
    assert note.startswith("tool 'bad' is set aside: ")
    assert reason in note
    with pytest.raises(OwnToolsError, match="no tool can be used"):
        worlds_of([function("bad", x=schema)], "train")


def test_parameters_that_depend_on_each_other_are_set_aside() -> None:
    tool = function("f")
    tool["function"]["parameters"] = {
        "type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "dependentRequired": {"a": ["b"]},
    }  # fmt: skip
    notes: list[str] = []
    with pytest.raises(OwnToolsError):
        worlds_of([tool], "train", notes)
    assert "it depends on others" in notes[0]


def test_two_tools_that_say_the_same_are_told_apart_or_set_aside() -> None:
    notes: list[str] = []
    worlds = worlds_of([function("get_it", "Do it."), function("getIt", "Do it.")], "train", notes)
    assert [tool.name for world in worlds for tool in world.tools] == ["get_it"]
    assert "would read like one for 'get_it'" in notes[0]


def test_one_tool_serves_what_it_can() -> None:
    worlds = worlds_of(
        [function("get_weather", "Get the weather of a city.", city={"type": "string"})], "train"
    )
    notes: list[str] = []
    kept = servable(worlds, read_mixture(shipped_mixture(), "train"), notes)
    assert {component.task for component in kept} == {
        "single",
        "arguments",
        "irrelevant",
        "missing_parameter",
    }
    assert any("choice is left out: there is one tool only" in note for note in notes)
    assert len(notes) == 8
    for row in generate(worlds, kept, 60, 0):
        check_gold(row)


def test_two_tools_make_no_more_calls_than_two() -> None:
    city = {"type": "string"}
    worlds = worlds_of(
        [
            function("a", "Greet a city.", city=city),
            function("b", "Draw a tree.", size={"type": "integer"}),
        ],
        "test",
    )
    notes: list[str] = []
    kept = servable(worlds, read_mixture(shipped_mixture(), "test"), notes)
    assert {"parallel", "chaining", "choice", "missing_tool", "names", "next"} <= {
        c.task for c in kept
    }
    assert any("parallel: at most 2 calls" in note for note in notes)
    for row in generate(worlds, kept, 100, 0):
        check_gold(row)


def test_rivals_alone_leave_no_missing_tool() -> None:
    verbs = ("get", "fetch")
    tools = [
        function(f"{verb}_weather", f"{verb} the weather.", city={"type": "string"})
        for verb in verbs
    ]
    worlds = worlds_of(tools, "train")
    notes: list[str] = []
    kept = servable(worlds, read_mixture(shipped_mixture(), "train"), notes)
    assert "missing_tool" not in {component.task for component in kept}
    assert any(
        "missing_tool is left out: some of these tools may do what others do" in note
        for note in notes
    )


def test_a_parameter_that_can_be_guessed_is_never_missing() -> None:
    tool = function(
        "f", "Do a thing.", mode={"const": "fast"}, level={"type": "integer", "default": 3}
    )
    (world,) = worlds_of([tool], "train")
    assert world.tools[0].vague == []
    assert faults(world) == []
    with pytest.raises(WorldError):
        servable([world], part("train", "missing_parameter"), [])


def test_results_go_only_where_they_are_valid() -> None:
    def gives(name: str, field: str, schema: Any) -> dict[str, Any]:
        tool = function(name, f"Make a {name}.")
        tool["function"]["returns"] = {"type": "object", "properties": {field: schema}}
        return tool

    takes = function(
        "use_code", "Use a code.", promo_code={"type": "string", "pattern": "^P[0-9]{3}$"}
    )
    short = {"type": "string", "maxLength": 2}
    for schema, fits in (({"type": "string"}, True), ({"type": "integer"}, False), (short, False)):
        worlds = worlds_of([gives("maker", "promo_code", schema), takes], "train")
        tools = {tool.name: tool for world in worlds for tool in world.tools}
        linked = (
            tools["maker"].gives["promo_code"].kind.name
            == tools["use_code"].needs["promo_code"].name
        )
        assert linked is fits, schema


def test_a_reply_can_tell_of_an_argument_that_is_an_empty_list() -> None:
    tool = function("count_sheep", "Count the sheep.", pens={"type": "array", "maxItems": 0})
    tool["function"]["returns"] = {"type": "object", "properties": {"sheep": {"type": "integer"}}}
    for row in generate(worlds_of([tool], "train"), part("train", "reply"), 5, 1):
        check_gold(row)


@pytest.mark.parametrize("type_name", ["integer", "number"])
def test_steps_wider_than_the_usual_numbers_are_drawn(type_name: str) -> None:
    draw_number = numbers({"type": type_name, "multipleOf": 1000}, ["limit"])
    values = [draw_number(Draw(Random(seed), "train")).value for seed in range(50)]
    assert len(set(values)) > 10 and all(value > 0 and value % 1000 == 0 for value in values)


# Schemas of every kind, deep, and often with keywords that contradict one another.
def of_type(
    types: list[str], **keywords: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.sampled_from(types)}, optional=keywords)


BOUNDS, SIZES, NAMES = st.integers(-50, 50), st.integers(0, 4), st.sampled_from("abc")
LENGTHS = st.integers(0, 30)
PATTERNS = ["^[A-Z]{3}$", r"\d+", "^a|b$", r"^\S+ \S+$", "^[^a-z]{2,}$", "(?=x)x.*", r"^(\w)\1$"]
FORMATS = [
    *("date", "time", "date-time", "email", "uri", "uuid", "ipv4", "ipv6"),
    *("duration", "hostname", "json-pointer", "regex", "phone"),
]
NUMBER_KEYS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
LITERALS = st.one_of(st.none(), st.booleans(), BOUNDS, st.text(max_size=5))
LEAVES = st.one_of(
    of_type(
        ["integer", "number", "float"],
        **dict.fromkeys(NUMBER_KEYS, BOUNDS),
        multipleOf=st.sampled_from([1, 2, 0.5, 0.1, 7, 0.25]),
    ),
    of_type(
        ["string"],
        **{"minLength": LENGTHS, "maxLength": LENGTHS},
        **{"pattern": st.sampled_from(PATTERNS), "format": st.sampled_from(FORMATS)},
    ),
    st.builds(lambda values: {"enum": values}, st.lists(LITERALS, max_size=4)),
    st.sampled_from(
        [{}, True, {"type": "boolean"}, {"type": "null"}, {"const": "x"}, {"const": None}]
    ),
    st.sampled_from(
        [{"type": "dict"}, {"type": ["null", "string"]}, {"description": "a date, MM/DD/YYYY"}]
    ),
)


def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    first = st.lists(inner, max_size=2, min_size=1)
    named = st.dictionaries(NAMES, inner)
    others = st.one_of(st.booleans(), inner)
    return st.one_of(
        of_type(
            ["array"],
            items=inner,
            minItems=SIZES,
            maxItems=SIZES,
            uniqueItems=st.booleans(),
            prefixItems=first,
        ),
        of_type(
            ["object"],
            **{"properties": named, "required": st.lists(NAMES, unique=True)},
            **{"additionalProperties": others, "minProperties": SIZES},
        ),
        st.builds(
            lambda key, branches: {key: branches},
            st.sampled_from(["anyOf", "oneOf", "allOf"]),
            first,
        ),
        st.builds(lambda one, other: {"not": one, "anyOf": [other]}, inner, inner),
    )


SCHEMAS = st.recursive(LEAVES, deeper, max_leaves=6)


def exact_multiple(validator: Any, step: Any, value: Any, schema: Any) -> Any:
    """JSON's numbers are decimal: 84.6 is a multiple of 0.1, which jsonschema denies, in binary."""
    if validator.is_type(value, "number") and Fraction(str(value)) % Fraction(str(step)):
        yield jsonschema.ValidationError(f"{value} is not a multiple of {step}")


ExactValidator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator, {"multipleOf": exact_multiple}
)


@pytest.mark.parametrize("step", [0.1, 0.01, 0.3, 1.1, 2.5, 1e-3])
def test_numbers_are_multiples_to_the_last_decimal(step: float) -> None:
    draw = Draw(Random(0), "train")
    draw_number = numbers({"type": "number", "multipleOf": step}, ["x"])
    values = [draw_number(draw).value for _ in range(200)]
    assert not [value for value in values if Fraction(str(value)) % Fraction(str(step))]
    denied = [value for value in values if value / step % 1]
    assert denied or step not in (0.1, 0.01, 0.3, 1.1), "floats deny some of them"


@settings(max_examples=100, deadline=None)
@given(SCHEMAS, st.sampled_from(["x", "city", "start date", "user-id", "body"]))
def test_whatever_is_drawn_is_valid_or_the_tool_is_set_aside(schema: Any, name: str) -> None:
    tool = function("f", "Do it.", **{name: schema})
    try:
        compiled = compile_tool(json.dumps(tool))
        kind = ParameterKinds(compiled, "train").needs[name]
    except (CannotDraw, SchemaError):
        return
    draw = Draw(Random(0), "train")
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = ExactValidator(compiled.parameters, format_checker=checker)
    for _ in range(10):
        value = kind.draw(draw)
        validator.validate({name: value.value})
        assert isinstance(value.spoken, str)
        assert value.spoken


@settings(max_examples=15, deadline=None)
@given(st.lists(SCHEMAS, min_size=1, max_size=4))
def test_rows_of_any_tools_verify(schemas: list[Any]) -> None:
    words = ["Paint a wall", "Count the sheep", "Fold the letters", "Bake some bread"]
    tools = [function(f"t{n}", words[n], x=schema) for n, schema in enumerate(schemas)]
    try:
        worlds = worlds_of(tools, "train")
    except OwnToolsError:
        return
    for row in rows_of(worlds, "train", 15):
        check_gold(row)


def nestful_tools(name: str) -> list[dict[str, Any]]:
    """A specification's tools in OpenAI's form; of two with one name the first."""
    tools = {}
    for spec in json.loads((DATA / "nestful" / name).read_text(encoding="utf-8")):
        inputs = spec.get("query_parameters") or spec.get("parameters") or {}
        outputs = spec.get("output_parameters") or spec.get("output_parameter") or {}
        tool = {"name": spec["name"], "description": spec["description"],
                "parameters": {"type": "object", "properties": inputs},
                "returns": {"type": "object", "properties": outputs}}  # fmt: skip
        tools.setdefault(spec["name"], tool)
    return list(tools.values())


def usable(tools: list[dict[str, Any]], n: int) -> int:
    notes: list[str] = []
    worlds = worlds_of(tools, "train", notes)
    used = sum(len(world.tools) for world in worlds)
    aside = [note for note in notes if "is set aside" in note]
    assert used + len(aside) == len(tools)
    assert [fault for world in worlds for fault in faults(world)] == []
    for row in rows_of(worlds, "train", n):
        check_gold(row)
    return used


@pytest.mark.skipif(
    not (DATA / "nestful").is_dir(), reason="NESTFUL's specifications are not at hand"
)
@pytest.mark.parametrize(
    "name, count, used",
    [
        ("executable-spec.json", 39, 38),  # of one, what it returns is no schema
        ("non-executable-glaive-spec.json", 64, 64),
        ("non-executable-sgd-spec.json", 30, 30),
    ],
)
def test_nestfuls_tools(name: str, count: int, used: int) -> None:
    tools = nestful_tools(name)
    assert (len(tools), usable(tools, 60)) == (count, used)


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "toolrl").is_dir(), reason="ToolRL's rows are not at hand")
def test_toolrls_tools() -> None:
    """Of 1,081 tools some have parameters that no template can hold, or read like another tool."""
    tools: dict[str, dict[str, Any]] = {}
    for reading in toolrl.read(str(DATA / "toolrl" / "rlla_sft.json")):
        for row in reading.rows:
            for tool in row.tools:
                tools.setdefault(tool["function"]["name"], tool)
    assert len(tools) == 1081
    assert usable(list(tools.values()), 500) > 1000


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, mine = tmp_path / "rows.jsonl", tmp_path / "mine.jsonl"
    tools = [
        function("good", "Send a letter.", to={"type": "string"}),
        function("bad", x={"enum": []}),
    ]
    mine.write_text("\n".join(map(json.dumps, tools)))
    assert main(["--n", "20", "--tools", str(mine), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "1 of 2 tools used, 1 set aside" in said.out
    assert "tool 'bad' is set aside: parameter 'x': its `enum` holds nothing" in said.err
    assert "task nested is left out" in said.err
    assert len(read_rows(out)) == 20
    assert (
        main(
            ["--n", "20", "--tools", str(tmp_path / "no.json"), "--out", str(tmp_path / "no.jsonl")]
        )
        == 2
    )
    assert "no.json cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "no.jsonl").exists()
