"""Values for a JSON Schema, each with the words in which a request gives it.

    drawers = Drawers({"type": "object", "properties": {}})
    draw_limit = drawers.of({"type": "integer", "minimum": 10, "multipleOf": 5}, Place("limit"))
    draw_limit(Draw(Random(0), "train"))        # Value(spoken="45", value=45)

`CannotDraw` says of a schema that is not understood, or that nothing fits, where that is and what would help.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rlcall.tasks.draw import Draw, Pool, Value
from rlcall.tasks.kinds import listed
from rlcall.tasks.own.numbers import numbers
from rlcall.tasks.own.place import CannotDraw, Place, guessed_type, merged
from rlcall.tasks.own.strings import texts
from rlcall.tasks.own.words import name_words
from rlcall.tasks.shared_kinds import DATE
from rlcall.verifier.subschemas import resolve_ref
from rlcall.verifier.values import canonical

Drawer = Callable[[Draw], Value]

TRIES = 40
MOST_ITEMS = 20
DEEPEST, OPTIONAL_DEEP = (
    8,
    2,
)  # objects in one another: at most, and as far as optional properties are given
OPTIONAL_SHARE = 0.4
_FREE_KEYS = Pool("color; size; source; team; season; level; shape; region; mood; phase")


class Drawers:
    """Drawers for the parts of one tool's parameters, whose root holds the targets of `$ref`."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = dict(root)
        self._of_type = {
            "string": _string, "integer": _number, "number": _number, "boolean": _boolean, "null": _null,
            "array": self._array, "object": self._object,
        }  # fmt: skip

    def of(self, schema: Any, at: Place) -> Drawer:
        """A drawer for a schema. CannotDraw where there is none."""
        if at.depth > DEEPEST:
            raise CannotDraw(
                at.path, "it goes on inside itself without an end", "Make the inner one optional."
            )
        if schema is False:
            raise CannotDraw(
                at.path, "its schema is `false`, which permits nothing", "Remove the parameter."
            )
        flat = self.flat(schema, at)
        if "const" in flat:
            return _fixed([flat["const"]])
        if "enum" in flat:
            if not flat["enum"]:
                raise CannotDraw(at.path, "its `enum` holds nothing", "List at least one value.")
            return _fixed([value for value in flat["enum"] if value is not None] or [None])
        for key in ("anyOf", "oneOf"):
            if isinstance(flat.get(key), list):
                return self._branch(flat, key, at)
        return self._typed(flat, at)

    def flat(self, schema: Any, at: Place) -> dict[str, Any]:
        """The schema with `$ref` and `allOf` put into it."""
        flat: dict[str, Any] = dict(schema) if isinstance(schema, dict) else {}
        for _ in range(TRIES):
            if "$ref" in flat:
                flat = merged(self._target(flat.pop("$ref"), at), flat)
            elif isinstance(flat.get("allOf"), list):
                for part in flat.pop("allOf"):
                    flat = merged(flat, self.flat(part, at))
            else:
                return flat
        raise CannotDraw(at.path, "its `$ref` leads back to itself", "Let it lead to a schema.")

    def _target(self, ref: str, at: Place) -> dict[str, Any]:
        try:
            return resolve_ref(self.root, ref)
        except ValueError as error:
            raise CannotDraw(
                at.path, str(error), "Put the definition under $defs of the parameters."
            ) from None

    def _typed(self, flat: dict[str, Any], at: Place) -> Drawer:
        given = flat.get("type", guessed_type(flat))
        types = [given] if isinstance(given, str) else list(given)
        types = [name for name in types if name != "null"] or types
        if not types or types[0] not in self._of_type:
            raise CannotDraw(
                at.path, f"its type {given!r} is not known", "JSON Schema has seven types."
            )
        return self._of_type[types[0]](flat, at)

    def _branch(self, flat: dict[str, Any], key: str, at: Place) -> Drawer:
        """One of the branches that can be drawn; null only where there is nothing else."""
        rest = {name: item for name, item in flat.items() if name != key}
        drawers, errors = [], []
        for branch in flat[key]:
            whole = merged(rest, self.flat(branch, at))
            try:
                drawers.append((whole.get("type") == "null", self.of(whole, at)))
            except CannotDraw as error:
                errors.append(error)
        if not drawers:
            raise (
                errors[0]
                if errors
                else CannotDraw(at.path, f"its `{key}` is empty", "Write at least one branch.")
            )
        usable = [drawer for is_null, drawer in drawers if not is_null] or [
            drawer for _, drawer in drawers
        ]
        return lambda draw: draw.choice(usable)(draw)

    def _array(self, flat: dict[str, Any], at: Place) -> Drawer:
        low = flat.get("minItems", 1 if flat.get("maxItems", 1) else 0)
        high = min(flat.get("maxItems", max(low + 1, 3)), max(low + 2, 3))
        if low > min(high, MOST_ITEMS):
            reason = f"it asks for from {low} to {flat.get('maxItems', 'any number of')} items"
            raise CannotDraw(at.path, reason, f"A request can list {MOST_ITEMS} at most.")
        first = flat.get("prefixItems") or (
            flat["items"] if isinstance(flat.get("items"), list) else []
        )
        later = (
            flat.get("items", True)
            if not isinstance(flat.get("items"), list)
            else flat.get("additionalItems", True)
        )
        if later is False or (later is True and first):
            low, high = min(max(low, len(first)), high), min(high, len(first))
        slots = [self.of(schema, at.item(schema)) for schema in first[:high]]
        more = self.of(later, at.item(later)) if later is not False and high > len(first) else None
        unique = bool(flat.get("uniqueItems"))

        def drawn(draw: Draw) -> Value:
            count = draw.between(max(low, min(2, high)) if draw.chance(0.8) else low, high)
            return _several(
                [*slots, *([more] * count if more else [])][: max(count, low)], unique, draw
            )

        return drawn

    def _object(self, flat: dict[str, Any], at: Place) -> Drawer:
        properties = flat.get("properties") or {}
        others = flat.get("additionalProperties", True)
        required = list(flat.get("required") or ())
        drawers = {
            name: self.of(schema, at.member(name, schema))
            for name in [*required, *(properties if at.depth < OPTIONAL_DEEP else ())]
            for schema in [properties.get(name, others)]
        }
        optional = [name for name in drawers if name not in required]
        wanted = flat.get("minProperties", 0) - len(required)
        free = (
            None if properties or others is False else self.of(others, at.member("value", others))
        )

        def drawn(draw: Draw) -> Value:
            given = {name for name in optional if draw.chance(OPTIONAL_SHARE)}
            given |= set(optional[: max(0, wanted)])
            parts = {
                name: make(draw)
                for name, make in drawers.items()
                if name in required or name in given
            }
            if free and not parts:
                parts = {
                    str(draw.of(_FREE_KEYS)): free(draw)
                    for _ in range(draw.between(max(1, wanted), 2))
                }
            return _spoken_object(parts)

        return drawn


def _fixed(values: Sequence[Any]) -> Drawer:
    pairs = [(_said(value), value) for value in values]
    return lambda draw: Value(*draw.choice(pairs))


def _said(value: Any) -> str:
    """A value as a request says it."""
    if isinstance(value, str):
        return value if value and value == value.strip() else f'"{value}"'
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def _null(flat: Mapping[str, Any], at: Place) -> Drawer:
    return lambda draw: Value("null", None)


def _boolean(flat: Mapping[str, Any], at: Place) -> Drawer:
    pairs = (("true", True), ("yes", True), ("false", False), ("no", False))
    return lambda draw: Value(*draw.choice(pairs))


def _string(flat: Mapping[str, Any], at: Place) -> Drawer:
    if flat.get("format") == "date" and not flat.keys() & {"pattern", "minLength", "maxLength"}:
        return DATE.draw
    try:
        source = texts(flat, at.words, at.description)
    except ValueError as error:
        raise CannotDraw(
            at.path, str(error), "A simpler pattern, or an `enum` of examples, would help."
        ) from None

    def drawn(draw: Draw) -> Value:
        text = source.draw(draw)
        return Value(f'"{text}"' if source.quoted and text == text.strip() else _said(text), text)

    return drawn


def _number(flat: Mapping[str, Any], at: Place) -> Drawer:
    try:
        return numbers(flat, at.words)
    except ValueError as error:
        raise CannotDraw(
            at.path, str(error), "Correct its minimum, maximum and multipleOf."
        ) from None


def _several(drawers: Sequence[Drawer], unique: bool, draw: Draw) -> Value:
    """Items that are different where they must be, as far as there are enough."""
    found: dict[str, Value] = {}
    for place, make in enumerate(drawers):
        for _ in range(TRIES if unique else 1):
            value = make(draw)
            key = canonical(value.value) if unique else str(place)
            if key not in found:
                found[key] = value
                break
    items = list(found.values())
    return Value(
        listed([_inner(item) for item in items]) if items else "nothing",
        [item.value for item in items],
    )


def _spoken_object(parts: Mapping[str, Value]) -> Value:
    said = (
        listed([f"{name_words(name)} {_inner(value)}" for name, value in parts.items()])
        if parts
        else "nothing"
    )
    return Value(f"({said})", {name: value.value for name, value in parts.items()})


def _inner(value: Value) -> str:
    """The words of a value that stands within another: a list in brackets, so that it is seen where it ends."""
    return (
        f"({value.spoken})"
        if isinstance(value.value, list) and len(value.value) > 1
        else value.spoken
    )
