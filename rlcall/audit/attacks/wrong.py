"""Attacks where a call is due: calls that are not the right ones, such as `[f(a=True)]` for
`[f(a=1)]`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.audit.attacks.nothing import tagged
from rlcall.audit.attacks.perturb import json_type, map_leaves, other_types, other_value
from rlcall.calls import Call, Path, Reference, encode, references, with_value
from rlcall.data.rows import Row
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.values import canonical, same
from rlcall.wire.reading.reasoning import REASONING

HUGE = ("9" * 10_000, "1" + "0" * 250, "1e999", "NaN", "-Infinity", json.dumps("A" * 50_000))


def echoed_tools(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    text = row.tools_text
    yield text
    yield f"<tools>\n{text}\n</tools>"
    yield f"```json\n{text}\n```"
    yield f"<tool_call>\n{text}\n</tool_call>"
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
        for index in range(len(gold.calls)):
            yield gold.calls[:index] + gold.calls[index + 1 :]
        yield gold.calls[:1]


def no_arguments(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """Only the names, where a call of the answer has an argument that its schema requires."""
    required = {tool["function"]["name"]: _required(tool) for tool in row.tools}
    if any(required.get(call.name, set()) & call.arguments.keys() for call in gold.calls):
        yield [replace(call, arguments={}) for call in gold.calls]
        yield "\n".join(tagged({"name": call.name}) for call in gold.calls)


def _required(tool: dict[str, Any]) -> set[str]:
    parameters = tool["function"].get("parameters") or {}
    required = parameters.get("required")
    return set(required) if isinstance(required, list) else set()


def undeclared_arguments(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for count in (1, 50):
        padding = {f"undeclared_{number}": number for number in range(count)}
        yield [replace(call, arguments={**call.arguments, **padding}) for call in gold.calls]


def other_values(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """One argument, then all that can be, with another value of the same type."""
    all_changed = list(gold.calls)
    for index, key, value in _literals(gold):
        new = other_value(value)
        right_values = _right_values(gold.expected[index], key)
        if not any(same(right, new, "text") for right in right_values):
            yield _with_argument(gold.calls, index, (key,), new)
            all_changed = _with_argument(all_changed, index, (key,), new)
    if all_changed != gold.calls:
        yield all_changed


def thoughts_in_names(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """A name with a thought in it, in every format: one that is cut out leaves the right name."""
    for form in gold.formats:
        index = rng.randrange(len(gold.calls))
        calls = list(gold.calls)
        name = calls[index].name  # before it, a thought is before the call
        calls[index] = replace(calls[index], name=name[:1] + _with_thought(name[1:], rng))
        yield form.render(calls)


def thoughts_in_values(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """A text with a thought in it, in every format, and in the form that a granular row asks."""
    texts = [literal for literal in _literals(gold) if isinstance(literal[2], str)]
    for form in gold.formats if texts else ():
        index, key, value = rng.choice(texts)
        calls = _with_argument(gold.calls, index, (key,), _with_thought(value, rng))
        yield calls if gold.answer.granular else form.render(calls)


def _with_thought(text: str, rng: Random) -> str:
    opening = rng.choice(sorted(REASONING))
    at = rng.randrange(len(text) + 1)
    return f"{text[:at]}{opening}or another?{REASONING[opening]}{text[at:]}"


def nested_value(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """One leaf of an argument with another value, where the row accepts no other argument."""
    for index, key, value in _literals(gold):
        leaves = list(_leaves(value)) if isinstance(value, dict | list) else []
        if leaves and len(_right_values(gold.expected[index], key)) == 1:
            path, leaf = rng.choice(leaves)
            yield _with_argument(gold.calls, index, (key, *path), other_value(leaf))


def confused_types(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """`true` or `"1"` for 1, `["a"]` for "a", where the row accepts nothing of that type."""
    for index, key, value in _literals(gold):
        right_types = {json_type(right) for right in _right_values(gold.expected[index], key)}
        for new in other_types(value):
            if json_type(new) not in right_types:
                yield _with_argument(gold.calls, index, (key,), new)


def huge_values(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """Each instead of the first argument's value, as text, since no format writes some of them."""
    for index, key, _ in _literals(gold):
        calls = _with_argument(gold.calls, index, (key,), "HUGE")
        objects = [{"name": call.name, "arguments": encode(call.arguments)} for call in calls]
        template = "\n".join(map(tagged, objects))
        for text in HUGE:
            yield template.replace('"HUGE"', text)
        return


def of_another_row(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    if gold.others:
        yield list(gold.others)


def dangling_labels(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for index, path, reference in _references(gold):
        own_label = gold.calls[index].label or ""
        for label in ("var99", own_label):
            yield _with_argument(gold.calls, index, path, replace(reference, label=label))


def literals_for_references(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for index, path, _ in _references(gold):
        yield _with_argument(gold.calls, index, path, "the result of the first call")


def swapped_labels(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """The labels of two calls exchanged, where that gives some call another call's result."""
    used = {reference.label for _, _, reference in _references(gold)}
    right = sorted(_spell_out(gold.calls))
    for first, second in combinations(gold.calls, 2):
        if used.isdisjoint((first.label, second.label)):
            continue
        swaps = {first.label: second.label, second.label: first.label}
        calls = [replace(call, label=swaps.get(call.label, call.label)) for call in gold.calls]
        if sorted(_spell_out(calls)) != right:
            yield calls


def sequence_reversed(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    if gold.answer.order == "sequence":
        calls = _spell_out(gold.calls)
        if calls != calls[::-1]:
            yield gold.calls[::-1]


def _literals(gold: Gold) -> Iterator[tuple[int, str, Any]]:
    """Yield (call, key, value) for arguments without references whose right values are listed."""
    for index, (call, expected) in enumerate(zip(gold.calls, gold.expected, strict=False)):
        for key, value in call.arguments.items():
            if _has_inner_choices(expected, key) or _is_ignored(expected, key):
                continue
            if not any(references(value)):
                yield index, key, value


def _has_inner_choices(expected: ExpectedCall, key: str) -> bool:
    """Return whether the answer accepts other values, or none, somewhere inside an argument."""
    paths = (*expected.accept, *expected.optional)
    return any(path[0] == key and len(path) > 1 for path in paths)


def _references(gold: Gold) -> Iterator[tuple[int, Path, Reference]]:
    """Yield (call, path, reference) for the references that alone are right at their paths."""
    for index, (call, expected) in enumerate(zip(gold.calls, gold.expected, strict=False)):
        for path, reference in references(call.arguments):
            has_choices = any(accepted_path[0] == path[0] for accepted_path in expected.accept)
            if not has_choices and not _is_ignored(expected, path[0]):
                yield index, path, reference


def _is_ignored(expected: ExpectedCall, key: str | int) -> bool:
    for path, comparator in expected.compare.items():
        if comparator == "ignore" and path[:1] in ((key,), ()):
            return True
    return False


def _right_values(expected: ExpectedCall, key: str) -> list[Any]:
    return [expected.arguments.get(key), *expected.accepted((key,))]


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, step))
    elif value is not None:
        yield path, value


def _spell_out(calls: list[Call]) -> list[str]:
    """Return each call as text, with calls instead of references: equal texts, equal effects."""
    texts: dict[str, str] = {}

    def spell(leaf: Any) -> Any:
        if isinstance(leaf, Reference):
            return [texts.get(leaf.label, "no earlier call"), leaf.path]
        return leaf

    for call in calls:
        texts[call.label or ""] = canonical([call.name, map_leaves(call.arguments, spell)])
    return [texts[call.label or ""] for call in calls]


def _with_argument(calls: list[Call], index: int, path: Path, value: Any) -> list[Call]:
    """Return the calls with another value at a path of one call's arguments."""
    arguments = with_value(calls[index].arguments, path, value)
    result = list(calls)
    result[index] = replace(calls[index], arguments=arguments)
    return result
