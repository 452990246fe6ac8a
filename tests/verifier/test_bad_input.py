"""Bad input at the verifier: nothing raises, nothing takes long, and memory stays where it is.

The limit is 50 ms of processor time on a quiet machine; CI machines are slow and shared, so
PATIENCE times that is allowed here, and the best of three tries counts.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlcall import wire
from rlcall.calls import Call
from rlcall.reward import load_reward
from rlcall.verifier.codes import CODES
from rlcall.verifier.schema import SchemaError
from rlcall.verify import Verdict, verify
from tests.wire.test_wire_fuzz import messages, mutate, texts

SECONDS = 0.05
PATIENCE = 4
UNHURRIED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
GRADED = load_reward("graded")

Schema = dict[str, Any]


def an_object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def tower(height: int) -> Schema:
    """`anyOf` inside `anyOf`: every level doubles the work."""
    return (
        {"anyOf": [tower(height - 1), {"allOf": [tower(height - 1)]}]}
        if height
        else {"type": "integer"}
    )


ANYTHING = {
    "anyOf": [
        {"type": ["string", "number"]},
        {"type": "array", "items": {"$ref": "#/$defs/any"}},
        {"type": "object", "additionalProperties": {"$ref": "#/$defs/any"}},
    ]
}
NODE = an_object(
    value={"type": "integer"}, children={"type": "array", "items": {"$ref": "#/$defs/node"}}
)
FILTER = {
    "anyOf": [
        {
            "required": ["op", "of"],
            "properties": {
                "op": {"const": op},
                "of": {"type": "array", "items": {"$ref": "#/$defs/filter"}},
            },
        }
        for op in ("and", "or", "not")
    ]
    + [an_object(field={"type": "string"}, op=False)]
}
DOUBLING = {"d0": {"type": "integer"}} | {
    f"d{level}": {"anyOf": [{"$ref": f"#/$defs/d{level - 1}"}] * 2} for level in range(1, 17)
}
INTEGERS = {"type": "array", "items": {"type": "integer"}}
SCHEMAS: dict[str, Schema] = {
    "open": {},
    "integers": an_object(a=INTEGERS),
    "pattern": an_object(a={"type": "string", "pattern": "(a+)+$"}),
    "unique": an_object(a={"type": "array", "uniqueItems": True}),
    "any JSON": {"$defs": {"any": ANYTHING}, **an_object(a={"$ref": "#/$defs/any"})},
    "tree": {"$defs": {"node": NODE}, **an_object(a={"$ref": "#/$defs/node"})},
    "tower": an_object(a=tower(7)),
    "filter": {"$defs": {"filter": FILTER}, **an_object(a={"$ref": "#/$defs/filter"})},
    "references": {"$defs": DOUBLING, **an_object(a={"$ref": "#/$defs/d16"})},
    "patterns": an_object(a={"type": "array", "items": {"type": "string", "pattern": "^(a|aa)+$"}}),
    "pattern keys": {
        "patternProperties": {"(a|aa)+$": {"type": "integer"}},
        "additionalProperties": False,
    },
    "closed": {**an_object(a={"type": "integer"}), "additionalProperties": False},
}
ANSWERS: list[Any] = [
    {"calls": [{"name": "f", "arguments": {"a": [1, 2, 3]}}]},
    {
        "calls": [
            {"name": "f", "arguments": {"a": 1}},
            {"name": "f", "arguments": {"a": "$var1.a$"}},
        ]
    },
    {
        "calls": [
            {
                "name": "f",
                "arguments": {"a": 1},
                "accept": {"$.a[*].b": [1, 2]},
                "compare": {"$.a": "set"},
            }
        ]
    },
    {"calls": []},
    {"calls": "any"},
    None,
]


def tools(schema: Schema) -> str:
    return json.dumps([{"type": "function", "function": {"name": "f", "parameters": schema}}])


def check(verdict: Verdict) -> None:
    """A verdict that can be scored, shown and written to a file."""
    assert {error.code for error in verdict.errors} <= CODES.keys()
    score = GRADED.score(verdict)
    assert score.reward is None or 0 <= score.reward <= 1
    json.dumps(verdict.to_json(), ensure_ascii=False, allow_nan=False).encode()


rows = st.tuples(
    st.sampled_from(list(SCHEMAS.values())).map(tools), st.sampled_from(ANSWERS).map(json.dumps)
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
    | st.sampled_from(["$var1$", "$var2.a$", "$varx$", "a" * 30 + "!"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@UNHURRIED
@given(completion=texts | messages, row=rows, form=st.sampled_from([*wire.NAMES, "auto"]))
def test_nothing_written_makes_verify_raise(completion: Any, row: Any, form: str) -> None:
    check(verify(completion, *row, wire=form))


@UNHURRIED
@given(
    arguments=st.lists(st.dictionaries(st.sampled_from("ab"), values, max_size=2), max_size=4),
    row=rows,
)
def test_no_arguments_make_verify_raise(arguments: list[dict[str, Any]], row: Any) -> None:
    calls = [{"name": "f", "arguments": item} for item in arguments]
    check(verify(json.dumps({"tool_calls": calls}), *row))


@UNHURRIED
@given(
    arguments=st.dictionaries(st.sampled_from("ab"), values, max_size=2),
    row=rows,
    seed=st.integers(0, 999),
)
def test_no_mutated_call_makes_verify_raise(arguments: dict[str, Any], row: Any, seed: int) -> None:
    rng = random.Random(seed)
    text = wire.get("hermes").render([Call("f", arguments), Call("f", {"a": 1})])
    check(verify(mutate(text, text[::-1], rng), *row))


def raw(arguments: str) -> str:
    return f'<tool_call>{{"name": "f", "arguments": {arguments}}}</tool_call>'


def hermes(*arguments: Any) -> str:
    return "\n".join(raw(json.dumps(item)) for item in arguments)


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else 1


def branch(depth: int) -> dict[str, Any]:
    return {"value": 1, "children": [branch(depth - 1)]} if depth else {"value": "leaf"}


def negated(depth: int) -> dict[str, Any]:
    return {"op": "not", "of": [negated(depth - 1)]} if depth else {"field": "x"}


# name -> schema, completion, and the code that says what is wrong
COSTLY: dict[str, tuple[str, Any, str]] = {
    "brackets": ("open", "[" * 100_000, "too_large"),
    "brackets in a block": ("open", raw("[" * 60_000), "too_large"),
    "a megabyte of backslashes": ("open", "\\" * 1_000_000, "too_large"),
    "backslashes in a string": ("open", raw('{"a": "' + "\\" * 60_000), "truncated"),
    "NaN": ("open", raw('{"a": NaN}'), "not_json"),
    "10,000 digits": ("integers", raw('{"a": ' + "9" * 10_000 + "}"), "too_large"),
    "10,000 digits in Python": ("integers", f"[f(a={'9' * 10_000})]", "too_large"),
    "300 digits": ("integers", raw('{"a": [' + "9" * 300 + "]}"), "wrong_value"),
    "the same key twice": ("open", raw('{"a": 1, "a": 2}'), "duplicate_key"),
    "half a surrogate pair": ("open", raw('{"a": "\\ud800"}'), "not_text"),
    "half a surrogate pair in a name": ("open", "\ud800", "not_text"),
    "100,000 items": ("integers", hermes({"a": [1] * 100_000}), "too_large"),
    "100,000 items in a message": (
        "integers",
        {
            "role": "assistant",
            "tool_calls": [{"function": {"name": "f", "arguments": {"a": [1] * 100_000}}}],
        },
        "too_large",
    ),
    "a pattern that backtracks": ("pattern", hermes({"a": "a" * 40 + "!"}), "pattern_mismatch"),
    "unique objects": ("unique", hermes({"a": [{"k": i} for i in range(900)]}), "wrong_value"),
    "deep lists": ("any JSON", hermes({"a": nested(60)}), "wrong_value"),
    "a deep tree": ("tree", hermes({"a": branch(30)}), "wrong_type"),
    "a tower of anyOf": ("tower", hermes({"a": "x"}), "schema_violation"),
    "branches that lead back": ("filter", hermes({"a": negated(20)}), "too_large"),
    "references to references": ("references", hermes({"a": "x"}), "too_large"),
    "many texts that backtrack": ("patterns", hermes({"a": ["a" * 30 + "!"] * 1000}), "too_large"),
    "names that backtrack": (
        "pattern keys",
        hermes({"a" * 30 + f"!{i}": i for i in range(50)}),
        "too_large",
    ),
    "more values than are checked": ("open", hermes({"a": [1] * 2100}), "too_large"),
    "as many values as are checked": ("integers", hermes({"a": [1] * 2000}), "surplus_value"),
    "as many names as are checked": (
        "open",
        hermes({f"k{i}": i for i in range(2000)}),
        "unknown_parameter",
    ),
    "lists in 99 calls": ("open", hermes(*({"a": [1] * 90} for _ in range(99))), "too_large"),
    "lists in 20 calls": (
        "integers",
        hermes(*({"a": [1] * 90} for _ in range(20))),
        "duplicate_call",
    ),
    "100 calls": ("open", hermes(*({"a": i} for i in range(100))), "surplus_call"),
    "a call too many": ("open", hermes(*({"a": i} for i in range(110))), "too_large"),
    "a chain of 100 calls": (
        "open",
        hermes(*({"a": f"$var{i}$"} for i in range(100))),
        "dangling_reference",
    ),
    "a circle": ("open", hermes({"a": "$var2$"}, {"a": "$var1$"}), "cyclic_reference"),
}


CHAINED = {  # without a chain in the row, "$var1$" is a text
    "calls": [
        {"name": "f", "arguments": {"a": 1}, "label": "var1"},
        {"name": "f", "arguments": {"a": "$var1$"}},
    ]
}


@pytest.mark.parametrize("name", COSTLY)
def test_nothing_takes_long(name: str) -> None:
    schema, completion, code = COSTLY[name]
    answer = CHAINED if code.endswith("_reference") else ANSWERS[0]
    row = tools(SCHEMAS[schema]), json.dumps(answer)
    verify("", *row)  # tools and answers are compiled once per row
    verdict, seconds = timed(lambda: verify(completion, *row))
    check(verdict)
    assert verdict.has(code), verdict.errors[:5]
    assert seconds < SECONDS * PATIENCE, f"{1e3 * seconds:.0f} ms"


@pytest.mark.parametrize(
    "schema", [{"$ref": "#"}, {"$defs": {"x": {"anyOf": [{"$ref": "#/$defs/x"}]}}}]
)
def test_a_reference_that_leads_back_to_itself_is_a_mistake_of_the_row(schema: Schema) -> None:
    with pytest.raises(SchemaError, match="leads back to itself"):
        verify("", tools(schema), "null")


def timed(run: Callable[[], Verdict]) -> tuple[Verdict, float]:
    """The verdict, and the least processor time of three tries."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        verdict = run()
        spent.append(time.process_time() - start)
    return verdict, min(spent)


ORDINARY = ("open", "integers", "unique", "any JSON", "tree", "closed")


def variations(count: int) -> Iterator[tuple[str, str, str]]:
    """Completions, no two of them the same, of a few rows.

    Each names parameters that no other one names.
    """
    rng = random.Random(0)
    prepared = [
        (tools(SCHEMAS[name]), json.dumps(answer)) for name in ORDINARY for answer in ANSWERS
    ]
    for index in range(count):
        a = rng.choice([index, str(index), [index, "x"], {"b": index}, "$var1.a$"])
        text = hermes({"a": a, f"k{index}": {f"c{index}": [index]}})
        yield (
            (text if index % 3 else mutate(text, "<tool_call>", rng)),
            *prepared[index % len(prepared)],
        )


@pytest.mark.slow
def test_memory_is_flat() -> None:
    """200,000 verifications after 40,000 to warm up add less than 4 MiB."""
    process = psutil.Process()
    warm = 0
    for index, row in enumerate(variations(240_000)):
        verify(*row)
        if index == 40_000:
            warm = process.memory_info().rss
    assert process.memory_info().rss - warm < 4 * 2**20
