"""Where a call is due: calls that are not the right ones. `[f(a=True)]` for `[f(a=1)]`, for one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.audit.attacks.nothing import tagged
from rlcall.audit.attacks.perturb import json_type, mapped, other_types, other_value
from rlcall.calls import Call, Path, Reference, encode, references, with_value
from rlcall.data.rows import Row
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.values import canonical, same

HUGE = ("9" * 10_000, "1" + "0" * 250, "1e999", "NaN", "-Infinity", json.dumps("A" * 50_000))


def echoed_tools(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    text = row.tools_text
    yield from (
        text,
        f"<tools>\n{text}\n</tools>",
        f"```json\n{text}\n```",
        f"<tool_call>\n{text}\n</tool_call>",
    )
    yield "\n".join(json.dumps(tool) for tool in row.tools)
    yield "\n".join(json.dumps(tool["function"]) for tool in row.tools)


def answer_after(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield f"{gold.text}\nDone: it worked, and the answer is 42."


def truncated(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """Cut anywhere, the last character included."""
    for end in (1, len(gold.text) // 2, rng.randrange(1, len(gold.text)), len(gold.text) - 1):
        yield gold.text[:end]


def calls_left_out(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    if len(gold.calls) > 1:
        for left_out in gold.calls:
            yield [call for call in gold.calls if call is not left_out]
        yield gold.calls[:1]


def no_arguments(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """Only the names, where a call of the answer has an argument that its schema requires."""
    required = {tool["function"]["name"]: _required(tool) for tool in row.tools}
    if any(required.get(call.name, set()) & call.arguments.keys() for call in gold.calls):
        yield [replace(call, arguments={}) for call in gold.calls]
        yield "\n".join(tagged({"name": call.name}) for call in gold.calls)


def _required(tool: dict[str, Any]) -> set[str]:
    required = (tool["function"].get("parameters") or {}).get("required")
    return set(required) if isinstance(required, list) else set()


def undeclared_arguments(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for count in (1, 50):
        padding = {f"undeclared_{number}": number for number in range(count)}
        yield [replace(call, arguments={**call.arguments, **padding}) for call in gold.calls]


def other_values(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """One argument, or all that can be, at another value of the same type."""
    changed = list(gold.calls)
    for index, key, value in _literals(gold):
        new = other_value(value)
        if not any(same(right, new, "text") for right in _accepted(gold.expected[index], key)):
            yield _with(gold.calls, index, (key,), new)
            changed = _with(changed, index, (key,), new)
    if changed != gold.calls:
        yield changed


def nested_value(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """One leaf inside an argument at another value, where the row accepts nothing else for that argument."""
    for index, key, value in _literals(gold):
        leaves = list(_leaves(value)) if isinstance(value, dict | list) else []
        if leaves and len(_accepted(gold.expected[index], key)) == 1:
            path, leaf = rng.choice(leaves)
            yield _with(gold.calls, index, (key, *path), other_value(leaf))


def confused_types(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """`true` or `"1"` for 1, `["a"]` for "a", where the row accepts nothing of that type."""
    for index, key, value in _literals(gold):
        types = {json_type(right) for right in _accepted(gold.expected[index], key)}
        for new in other_types(value):
            if json_type(new) not in types:
                yield _with(gold.calls, index, (key,), new)


def huge_values(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """Each in the place of one argument's value, in JSON text, since no format would write some of them."""
    for index, key, _ in _literals(gold):
        for text in HUGE:
            calls = _with(gold.calls, index, (key,), "HUGE")
            objects = [{"name": call.name, "arguments": encode(call.arguments)} for call in calls]
            yield "\n".join(map(tagged, objects)).replace('"HUGE"', text)
        return


def of_another_row(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    if gold.others:
        yield list(gold.others)


def dangling_labels(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for index, path, reference in _references(gold):
        for wrong in (
            replace(reference, label="var99"),
            replace(reference, label=gold.calls[index].label or ""),
        ):
            yield _with(gold.calls, index, path, wrong)


def literals_for_references(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for index, path, _ in _references(gold):
        yield _with(gold.calls, index, path, "the result of the first call")


def swapped_labels(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """The labels of two calls exchanged, where that gives some call another call's result."""
    used = {reference.label for _, _, reference in _references(gold)}
    for a, b in combinations(gold.calls, 2):
        if used & {a.label, b.label}:
            swap = {a.label: replace(a, label=b.label), b.label: replace(b, label=a.label)}
            swapped = [swap.get(call.label, call) for call in gold.calls]
            if sorted(_spelled_out(swapped)) != sorted(_spelled_out(gold.calls)):
                yield swapped


def sequence_reversed(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    calls = _spelled_out(gold.calls)
    if gold.answer.order == "sequence" and calls != calls[::-1]:
        yield gold.calls[::-1]


def _literals(gold: Gold) -> Iterator[tuple[int, str, Any]]:
    """Arguments without references whose right values `_accepted` lists: call, key, value."""
    for index, (call, expected) in enumerate(zip(gold.calls, gold.expected, strict=False)):
        for key, value in call.arguments.items():
            choices = any(
                path[0] == key and len(path) > 1 for path in (*expected.accept, *expected.optional)
            )
            if not choices and not _is_ignored(expected, key) and not any(references(value)):
                yield index, key, value


def _references(gold: Gold) -> Iterator[tuple[int, Path, Reference]]:
    """References that alone are right where they stand: call, path, reference."""
    for index, (call, expected) in enumerate(zip(gold.calls, gold.expected, strict=False)):
        for path, reference in references(call.arguments):
            choices = any(other[0] == path[0] for other in expected.accept)
            if not choices and not _is_ignored(expected, path[0]):
                yield index, path, reference


def _is_ignored(expected: ExpectedCall, key: str | int) -> bool:
    return any(
        path[:1] in ((key,), ()) and how == "ignore" for path, how in expected.compare.items()
    )


def _accepted(expected: ExpectedCall, key: str) -> list[Any]:
    return [expected.arguments.get(key), *expected.accepted((key,))]


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, step))
    elif value is not None:
        yield path, value


def _spelled_out(calls: list[Call]) -> list[str]:
    """Each call as text, with whole calls in the place of references: equal texts, equal effects."""
    known: dict[str, str] = {}

    def spell(leaf: Any) -> Any:
        return (
            [known.get(leaf.label, "no earlier call"), leaf.path]
            if isinstance(leaf, Reference)
            else leaf
        )

    for call in calls:
        known[call.label or ""] = canonical([call.name, mapped(call.arguments, spell)])
    return [known[call.label or ""] for call in calls]


def _with(calls: list[Call], index: int, path: Path, value: Any) -> list[Call]:
    call = calls[index]
    return [
        *calls[:index],
        replace(call, arguments=with_value(call.arguments, path, value)),
        *calls[index + 1 :],
    ]
