"""Nothing that a model can write makes the parser or the verifier raise, and no call can hide from
them.

Under pytest this tries some thousands of texts. For a long run over mutated real completions:

    python -m tests.wire.test_wire_fuzz 1000000
"""

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlcall import wire
from rlcall.calls import Call
from rlcall.verify import Verdict, verify
from rlcall.wire.auto import is_attempt
from rlcall.wire.reading.parsed import Unreadable
from rlcall.wire.reading.reasoning import REASONING, without_reasoning
from rlcall.wire.reading.syntax import written
from rlcall.wire.reading.turn import end_tokens, own_text
from tests.support.wire_forms import FORMS
from tests.wire.test_wire_formats import TOOLS

UNHURRIED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # a loaded machine is no failure
SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA = Path(os.environ.get("RLCALL_TEST_DATA", SHARED)) / "completions"
PIECES = [
    *(marker for format in wire.FORMATS.values() for marker in format.markers),
    *REASONING, *REASONING.values(), *end_tokens(),
    *(text for _, text, _, _ in FORMS),
    "f", "g", "f(", ")", "[", "]", "{", "}", '"', "'", "\\", ":", ",", ";", "=", "\n",
    " ", "```", "```json\n", "call:", '"name": ', '"arguments": ', '"parameters": ', '"tool_calls": ', "1e999",
    "NaN", "null", "None", "-", "\\u", "\\ud800", "\ud800", "\x00", "#", "$var1.a$", "9" * 400, "[" * 70, "é", "\u2028",
]  # fmt: skip

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join)
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
functions = st.fixed_dictionaries(
    {}, optional={"name": texts | json_like, "arguments": texts | json_like}
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "content": texts | json_like,
        "tool_calls": st.lists(
            st.fixed_dictionaries({"function": functions}) | json_like, max_size=3
        )
        | json_like,
    },
)


def surplus(parsed: wire.Parse) -> int:
    return sum(problem.code in wire.SURPLUS for problem in parsed.problems)


def assert_sound(parsed: wire.Parse) -> None:
    """A parse that can be scored, shown and written to a file."""
    assert parsed.wire in (*wire.NAMES, "text")
    assert {problem.code for problem in parsed.problems} <= wire.PROBLEMS.keys()
    assert all(isinstance(call, Call) and isinstance(call.name, str) for call in parsed.calls)
    assert all(isinstance(call.arguments, dict) for call in parsed.calls)
    str(parsed).encode()


@pytest.mark.parametrize("name", [*wire.NAMES, "auto"])
@UNHURRIED
@given(text=texts)
def test_no_text_makes_it_raise(name: str, text: str) -> None:
    assert_sound(wire.parse(text, TOOLS, name))


@UNHURRIED
@given(message=messages)
def test_no_message_makes_it_raise(message: dict[str, Any]) -> None:
    parsed = wire.parse(message, TOOLS)
    assert_sound(parsed)
    if parsed.calls or surplus(parsed):
        assert wire.attempts_call(message, TOOLS)


@UNHURRIED
@given(
    text=texts,
    answer=st.sampled_from(
        [{"calls": []}, {"calls": "any"}, {"calls": [{"name": "f", "arguments": {}}]}]
    ),
)
def test_no_text_makes_the_verifier_raise(text: str, answer: dict[str, Any]) -> None:
    verify(text, TOOLS, answer)


@pytest.mark.parametrize("name", wire.NAMES)
@UNHURRIED
@given(text=texts)
def test_a_fixed_format_never_ignores_what_is_a_call_in_another(name: str, text: str) -> None:
    """Wherever `auto` finds a call or the ruins of one, with a marker or a tool's name in it,
    something is charged."""
    if is_attempt(wire.parse(text, TOOLS)) and written(readable(text), TOOLS):
        assert is_attempt(wire.parse(text, TOOLS, name))


def readable(text: str) -> str:
    try:
        return without_reasoning(own_text(text, TOOLS))
    except Unreadable:
        return ""


JUNK = [(name, text) for name, text, calls, _ in FORMS if calls and name != "openai"]


@pytest.mark.parametrize(("name", "junk"), JUNK)
@pytest.mark.parametrize("good", [name for name in wire.NAMES if wire.get(name).markers])
def test_a_second_call_in_any_format_is_never_free(good: str, name: str, junk: str) -> None:
    """Before or after a right call in a format with markers: it is read as a call, or charged as
    a problem."""
    gold = Call("f", {"a": 1})
    text = wire.get(good).render([gold])
    junk = junk.replace("<think>hm</think>", "")
    for both in (f"{text}\n{junk}", f"{junk}\n{text}"):
        for under in (good, "auto"):
            parsed = wire.parse(both, TOOLS, under)
            prose = {problem.code for problem in parsed.problems} == {
                "text_before"
            } and name == "python"
            assert len(parsed.calls) + surplus(parsed) > 1 or parsed.calls != (gold,) or prose


@UNHURRIED
@given(
    before=st.from_regex(r"[A-Z][a-z ]{3,30}", fullmatch=True),
    after=st.from_regex(r"[A-Z][a-z ]{3,30}", fullmatch=True),
)
def test_prose_is_quoted_whole(before: str, after: str) -> None:
    block = wire.get("hermes").render([Call("g")])
    parsed = wire.parse(f"{before} {block} {before}{block}{after}", TOOLS, "hermes")
    assert [(problem.code, problem.text) for problem in parsed.problems] == [
        ("text_before", before.strip()),
        ("text_before", before.strip()),
        ("text_after", after.strip()),
    ]


def mutate(text: str, other: str, rng: random.Random) -> str:
    """A text with some pieces cut, doubled, swapped, taken from another text, or replaced by
    what a parser fears."""
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice((0, 1, 1, 2, 5, 20, 100)))
        cut = rng.randrange(len(other) + 1)
        piece = rng.choice(
            (
                "",
                "",
                text[start:end] * 2,
                rng.choice(PIECES),
                other[cut : cut + 50],
                text[start:end][::-1],
            )
        )
        text = text[:start] + piece + text[end:]
    return text


def real_rows() -> list[tuple[str, dict[str, Any]]]:
    """Completions of real models, messages as JSON text, with their tasks."""
    tasks = {task["id"]: task for task in map(json.loads, (DATA / "tasks.jsonl").open())}
    rows = []
    for path in sorted(DATA.glob("*.jsonl")):
        if path.stem != "tasks":
            for line in list(path.open())[1:]:
                row = json.loads(line)
                text = (
                    row["completion"]
                    if isinstance(row["completion"], str)
                    else json.dumps(row["completion"])
                )
                rows.append((text, tasks[row["task"]]))
    return rows


def mutants(count: int, seed: int) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Mutated completions with the text of the tools, an answer and a format to read them in."""
    rows, rng = real_rows(), random.Random(seed)
    for _ in range(count):
        text, task = rng.choice(rows)
        name, parameters = next(iter((task["answers"] or [{"f": {}}])[0].items()))
        arguments = {key: accepted[0] for key, accepted in parameters.items()}
        yield (
            mutate(text, rng.choice(rows)[0], rng),
            rng.choice((*wire.NAMES, "auto")),
            json.dumps(task["tools"]),
            {"calls": [{"name": name, "arguments": arguments}] if task["answers"] else []},
        )


@pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no real completions at {DATA}; set RLCALL_TEST_DATA"
)
def test_no_mutated_completion_makes_anything_raise() -> None:
    for text, name, tools, answer in mutants(2_000, seed=1):
        assert_sound(wire.parse(text, json.loads(tools), name))
        verify(text, tools, answer, wire=name)


def timed(text: str, tools: str, answer: dict[str, Any], name: str) -> tuple[Verdict, float]:
    """The verdict and the processor seconds it took."""
    start = time.process_time()
    verdict = verify(text, tools, answer, wire=name)
    return verdict, time.process_time() - start


def main(count: int) -> None:
    """Fuzz `verify` with that many mutated completions, and say what came of it."""
    outcomes: Counter[str] = Counter()
    slowest, slow_text = 0.0, ""
    started = time.perf_counter()
    for place, (text, name, tools, answer) in enumerate(mutants(count, seed=0), 1):
        verdict, taken = timed(text, tools, answer, name)
        if (
            taken > slowest
        ):  # once more: the first sight of a row compiles its schemas, and the machine has other work
            slowest, slow_text = max(
                (slowest, slow_text), (min(taken, timed(text, tools, answer, name)[1]), text)
            )
        outcomes[
            "correct"
            if verdict.correct
            else (verdict.errors[0].code if verdict.errors else "wrong")
        ] += 1
        if place % 50_000 == 0:
            print(
                f"{place} inputs, none raised, {place / (time.perf_counter() - started):.0f} a second",
                flush=True,
            )
    print(f"{count} inputs, none raised; slowest {slowest * 1e3:.1f} ms: {slow_text[:200]!r}")
    print(", ".join(f"{code} {number}" for code, number in outcomes.most_common()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
