"""No schema makes the verifier, the linter or the audit raise, and none makes a check take long.

Under pytest this tries some thousands of schemas. For a long run, which takes JSON Schema's own
tests as seeds, too, where they are at hand (test_json_schema_suite.py):

    python -m tests.verifier.test_schema_fuzz 1000000       # and a seed, for other inputs
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rlcall import wire
from rlcall.audit import audit
from rlcall.calls import Call
from rlcall.check.lint import Lint
from rlcall.data.rows import Row, RowError, parse_row
from rlcall.reward import load_reward
from rlcall.verifier.keywords.forms import FORMS
from rlcall.verifier.schema import SchemaError, compile_tools
from rlcall.verify import verify
from tests.verifier.test_bad_input import SCHEMAS
from tests.verifier.test_dialects import BROKEN, DRAFTS, READ
from tests.verifier.test_json_schema_suite import SUITE
from tests.verifier.test_keywords import UNEVALUATED

MILLISECONDS = 50
PER_SCHEMA = 10  # completions
SCALARS: list[Any] = [
    None, True, False, 0, 1, -1, 2, 0.01, 1.5, 1e308, -0.0, 10**25, "", "a", "x", "string", "STRING", "integer", "array", "object",
    "null", "number", "float", "#", "#/properties/x", "#/$defs/n", "#n", "http://a.org/b", "1", "a" * 30 + "!", "é", "2024-01-01",
    "^a+$", "(a+)+$", r"\p{L}+", r"^\d{3}$", "(", "(?<y>a)", "$var1$",
]  # fmt: skip
KEYS = [
    *FORMS, "$schema", "const", "default", "nullable", "examples", "description", "title", "format", "id", "extends", "x", "a", "n",
    "unknown", "divisibleBy", "dependencies", "readOnly", "contentEncoding", "$comment", "$vocabulary", "discriminator",
]  # fmt: skip
WIRES = ("hermes", "qwen3_coder", "glm45", "json", "python", "auto")


@cache
def seeds() -> list[tuple[Any, list[Any]]]:
    """Return the schemas that mutations start from, each with values to check."""
    pairs: list[tuple[Any, list[Any]]] = [
        (schema, [1, "a", [1], {"a": 1}]) for schema in (*SCHEMAS.values(), *BROKEN)
    ]
    for schema, fitting, others in (*READ.values(), *UNEVALUATED):
        pairs.append((schema, [*fitting, *others]))
    for path in sorted(SUITE.rglob("draft*/**/*.json")):
        for group in json.loads(path.read_text(encoding="utf-8")):
            pairs.append((group["schema"], [test["data"] for test in group["tests"]]))
    return pairs


def a_value(rng: random.Random, depth: int = 2) -> Any:
    """Return a JSON value."""
    kind = rng.random()
    if depth == 0 or kind < 0.5:
        return rng.choice(SCALARS)
    if kind < 0.75:
        return [a_value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice(KEYS): a_value(rng, depth - 1) for _ in range(rng.randrange(4))}


def mutate_schema(schema: Any, rng: random.Random) -> Any:
    """Return a copy of a schema with something changed, at any depth."""
    if isinstance(schema, dict) and schema and rng.random() < 0.7:
        key = rng.choice(list(schema))
        return {**schema, key: mutate_schema(schema[key], rng)}
    if isinstance(schema, list) and schema and rng.random() < 0.7:
        index = rng.randrange(len(schema))
        return [*schema[:index], mutate_schema(schema[index], rng), *schema[index + 1 :]]
    choice = rng.randrange(7)
    if choice == 0:
        return a_value(rng)
    if choice == 1:
        return rng.choice(seeds())[0]
    if choice == 2:
        return {rng.choice(("items", "not", "additionalProperties", "contains", "if")): schema}
    if choice == 3:
        return {rng.choice(("anyOf", "allOf", "oneOf", "prefixItems", "items")): [schema, {}]}
    if choice == 4:
        return {rng.choice(("$ref", "$dynamicRef", "$recursiveRef")): rng.choice(SCALARS[23:29])}
    if not isinstance(schema, dict):
        return {"enum": [schema]}
    if choice == 5 and schema:
        without = dict(schema)
        del without[rng.choice(list(schema))]
        return without
    return {**schema, rng.choice(KEYS): a_value(rng)}


def a_tool(schema: Any, rng: random.Random) -> dict[str, Any]:
    """Return a tool's definition with the schema, mutated."""
    for _ in range(rng.choice((0, 1, 1, 1, 2, 4))):
        schema = mutate_schema(schema, rng)
    parameters: Any = {"type": "object", "properties": {"x": schema}}
    if rng.random() < 0.3:
        parameters = schema
    elif rng.random() < 0.3:
        parameters["$schema"] = rng.choice(DRAFTS)
    function = {"name": "f", "description": "Do f.", "parameters": parameters}
    if rng.random() < 0.2:
        function["returns"] = mutate_schema(schema, rng)
    return {"type": "function", "function": function}


def an_answer(values: list[Any], rng: random.Random) -> Any:
    calls = [{"name": "f", "arguments": {"x": an_argument(values, rng)}}]
    answer: dict[str, Any] = {"calls": calls, "compare": rng.choice(("exact", "text"))}
    return rng.choice((answer, answer, {"calls": []}, {"calls": "any"}, None))


def an_argument(values: list[Any], rng: random.Random) -> Any:
    """Return one of the values, as it is or mutated, or any other."""
    if not values or rng.random() < 0.2:
        return a_value(rng, 3)
    value = rng.choice(values)
    return mutate_schema(value, rng) if rng.random() < 0.3 else value


def a_completion(values: list[Any], rng: random.Random) -> str:
    """Return calls to the tool in some wire format, or in bare JSON where that cannot write them."""
    argument = an_argument(values, rng)
    is_whole = isinstance(argument, dict) and rng.random() < 0.3
    arguments = argument if is_whole else {rng.choice("xxxa"): argument}
    calls = [Call("f", arguments)] * rng.choice((1, 1, 2))
    try:
        return wire.get(rng.choice(WIRES[:-1])).render(calls)
    except ValueError:
        return json.dumps([{"name": "f", "arguments": arguments}])


def rows(count: int, seed: int) -> Iterator[tuple[dict[str, Any], Any, list[str]]]:
    """Yield tools with mutated schemas, an answer and completions for each."""
    rng = random.Random(seed)
    for _ in range(count):
        schema, values = rng.choice(seeds())
        completions = [a_completion(values, rng) for _ in range(PER_SCHEMA)]
        yield a_tool(schema, rng), an_answer(values, rng), completions


def is_usable(tool: dict[str, Any]) -> bool:
    """Return whether the tool compiles. What it raises where it does not is a SchemaError."""
    try:
        compile_tools(json.dumps([tool]))
    except SchemaError as error:
        assert str(error)
        return False
    return True


def test_no_schema_makes_verify_raise() -> None:
    usable = 0
    for index, (tool, answer, completions) in enumerate(rows(1_500, seed=1)):
        if is_usable(tool):
            usable += 1
            for place, text in enumerate(completions):
                form = WIRES[(index + place) % len(WIRES)]
                verdict = verify(text, json.dumps([tool]), json.dumps(answer), wire=form)
                json.dumps(verdict.to_json(), allow_nan=False)
    assert usable > 300


def as_row(tool: dict[str, Any], answer: Any, name: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"Call f for {name}."}]
    return {"id": name, "messages": messages, "tools": [tool], "answer": answer}


def test_no_schema_makes_the_linter_raise(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    records = [
        as_row(tool, answer, str(index))
        for index, (tool, answer, _) in enumerate(rows(400, seed=2))
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    assert any(finding.code == "broken_schema" for finding in Lint([str(path)]).findings())


def test_no_schema_makes_the_audit_raise() -> None:
    usable: list[Row] = []
    for index, (tool, answer, _) in enumerate(rows(60, seed=3)):
        try:
            usable.append(parse_row(as_row(tool, answer, str(index)), "fuzz"))
        except RowError:
            continue
    assert usable
    audit(load_reward("graded"), usable)


def main(count: int, seed: int) -> None:
    """Fuzz `verify` with that many completions under mutated schemas, and say what came of it."""
    outcomes: Counter[str] = Counter()
    slowest, slow_row = 0.0, ""
    slowest_compilation = 0.0
    seeds()
    gc.freeze()  # collecting what was read is no part of a check
    started = time.perf_counter()
    for index, (tool, answer, completions) in enumerate(rows(count // PER_SCHEMA, seed)):
        tools, answer_text = json.dumps([tool]), json.dumps(answer)
        begun = time.process_time()
        usable = is_usable(tool)
        slowest_compilation = max(slowest_compilation, time.process_time() - begun)
        for place, text in enumerate(completions):
            if not usable:
                outcomes["refused"] += 1
                continue
            form = WIRES[(index + place) % len(WIRES)]
            seconds = timed(text, tools, answer_text, form, outcomes)
            if seconds > slowest:  # once more: the machine has other work
                seconds = min(seconds, timed(text, tools, answer_text, form, Counter()))
            if seconds > slowest:
                slowest, slow_row = seconds, f"{form} {text!r} {tools}"
        if index % 10_000 == 9_999:
            rate = (index + 1) * PER_SCHEMA / (time.perf_counter() - started)
            print(
                f"{(index + 1) * PER_SCHEMA} inputs, none raised, {rate:.0f} a second", flush=True
            )
    print(f"{count} inputs, none raised; slowest {slowest * 1e3:.1f} ms: {slow_row[:600]}")
    print(f"slowest schema compiled in {slowest_compilation * 1e3:.1f} ms")
    print(", ".join(f"{code} {number}" for code, number in outcomes.most_common()))
    assert slowest * 1e3 < MILLISECONDS


def timed(text: str, tools: str, answer: str, form: str, outcomes: Counter[str]) -> float:
    """Verify, note the outcome, and return the seconds of processor time that it took."""
    start = time.process_time()
    verdict = verify(text, tools, answer, wire=form)
    seconds = time.process_time() - start
    first = verdict.errors[0].code if verdict.errors else "wrong"
    outcomes["correct" if verdict.correct else first] += 1
    return seconds


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
