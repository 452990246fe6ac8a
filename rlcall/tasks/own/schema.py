"""Values for a JSON Schema, each with the words in which a request gives it.

    drawers = Drawers({"type": "object", "properties": {}})
    schema = {"type": "integer", "minimum": 10, "multipleOf": 5}
    draw_limit = drawers.of(schema, ParameterPlace("limit"))
    draw_limit(Draw(Random(0), "train"))        # Value(spoken="45", value=45)

`CannotDraw` says of a schema that is not understood, or that nothing fits, where that is and what
would help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rlcall.tasks.draw import Draw, Pool, Value
from rlcall.tasks.own.numbers import numbers
from rlcall.tasks.own.place import CannotDraw, ParameterPlace, guessed_type, merged
from rlcall.tasks.own.spoken import literal, spoken_list, spoken_object
from rlcall.tasks.own.strings import texts
from rlcall.tasks.shared_kinds import DATE
from rlcall.verifier.references import resolve_ref
from rlcall.verifier.values import canonical

Drawer = Callable[[Draw], Value]

TRIES = 40
MOST_ITEMS = 20
DEEPEST = 8  # objects in one another, at most
OPTIONAL_DEEP = 2  # objects in one another as far as optional properties are given
OPTIONAL_SHARE = 0.4
SEVERAL_SHARE = 0.8  # of lists, those that have two items or more where they may
_FREE_KEYS = Pool("color; size; source; team; season; level; shape; region; mood; phase")


class Drawers:
    """Drawers for the parts of one tool's parameters, whose root holds the targets of `$ref`."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = dict(root)
        self._of_type = {
            "string": _string,
            "integer": _number,
            "number": _number,
            "boolean": _boolean,
            "null": _null,
            "array": self._array,
            "object": self._object,
        }

    def of(self, schema: Any, place: ParameterPlace) -> Drawer:
        """Return a drawer for a schema. CannotDraw where there is none."""
        if place.depth > DEEPEST:
            reason = "it goes on inside itself without an end"
            raise CannotDraw(place.path, reason, "Make the inner one optional.")
        if schema is False:
            reason = "its schema is `false`, which permits nothing"
            raise CannotDraw(place.path, reason, "Remove the parameter.")
        flat = self.flat(schema, place)
        if "const" in flat:
            return _fixed([flat["const"]])
        if "enum" in flat:
            return _enum(flat["enum"], place)
        for key in ("anyOf", "oneOf"):
            if isinstance(flat.get(key), list):
                return self._branch(flat, key, place)
        return self._typed(flat, place)

    def flat(self, schema: Any, place: ParameterPlace) -> dict[str, Any]:
        """Put `$ref` and `allOf` into the schema."""
        flat: dict[str, Any] = dict(schema) if isinstance(schema, dict) else {}
        for _ in range(TRIES):
            if "$ref" in flat:
                flat = merged(self._target(flat.pop("$ref"), place), flat)
            elif isinstance(flat.get("allOf"), list):
                for part in flat.pop("allOf"):
                    flat = merged(flat, self.flat(part, place))
            else:
                return flat
        raise CannotDraw(place.path, "its `$ref` leads back to itself", "Let it lead to a schema.")

    def _target(self, ref: str, place: ParameterPlace) -> dict[str, Any]:
        try:
            return resolve_ref(self.root, ref)
        except ValueError as error:
            remedy = "Put the definition under $defs of the parameters."
            raise CannotDraw(place.path, str(error), remedy) from None

    def _typed(self, flat: dict[str, Any], place: ParameterPlace) -> Drawer:
        declared = flat.get("type", guessed_type(flat))
        types = [declared] if isinstance(declared, str) else list(declared)
        types = [name for name in types if name != "null"] or types
        if not types or types[0] not in self._of_type:
            reason = f"its type {declared!r} is not known"
            raise CannotDraw(place.path, reason, "JSON Schema has seven types.")
        return self._of_type[types[0]](flat, place)

    def _branch(self, flat: dict[str, Any], key: str, place: ParameterPlace) -> Drawer:
        """Draw from any branch that can be drawn from; null only where there is nothing else."""
        rest = {name: item for name, item in flat.items() if name != key}
        drawers: list[Drawer] = []
        nulls: list[Drawer] = []
        errors = []
        for branch in flat[key]:
            whole = merged(rest, self.flat(branch, place))
            try:
                drawer = self.of(whole, place)
            except CannotDraw as error:
                errors.append(error)
            else:
                (nulls if whole.get("type") == "null" else drawers).append(drawer)
        usable = drawers or nulls
        if usable:
            return lambda draw: draw.choice(usable)(draw)
        if errors:
            raise errors[0]
        raise CannotDraw(place.path, f"its `{key}` is empty", "Write at least one branch.")

    def _array(self, flat: dict[str, Any], place: ParameterPlace) -> Drawer:
        low, high = _lengths(flat, place)
        first, later = _items(flat)
        if later is False or (later is True and first):  # nothing says what would come later
            low, high = min(max(low, len(first)), high), min(high, len(first))
        drawers = [self.of(schema, place.item(schema)) for schema in first[:high]]
        if later is not False and high > len(first):
            drawers += [self.of(later, place.item(later))] * (high - len(first))
        is_unique = bool(flat.get("uniqueItems"))

        def draw_array(draw: Draw) -> Value:
            least = low
            if draw.chance(SEVERAL_SHARE):
                least = max(low, min(2, high))
            count = draw.between(least, high)
            return _draw_items(drawers[:count], is_unique, draw)

        return draw_array

    def _object(self, flat: dict[str, Any], place: ParameterPlace) -> Drawer:
        properties = flat.get("properties") or {}
        others = flat.get("additionalProperties", True)
        required = list(flat.get("required") or ())
        drawers = {}
        names = [*required, *properties] if place.depth < OPTIONAL_DEEP else required
        for name in dict.fromkeys(names):
            schema = properties.get(name, others)
            drawers[name] = self.of(schema, place.member(name, schema))
        optional = [name for name in drawers if name not in required]
        missing = flat.get("minProperties", 0) - len(required)
        free = None
        if not properties and others is not False:
            free = self.of(others, place.member("value", others))

        def draw_object(draw: Draw) -> Value:
            chosen = [name for name in optional if draw.chance(OPTIONAL_SHARE)]
            included = {*required, *chosen, *optional[: max(0, missing)]}
            parts = {name: make(draw) for name, make in drawers.items() if name in included}
            if free and not parts:
                for _ in range(draw.between(max(1, missing), 2)):
                    key = str(draw.of(_FREE_KEYS))
                    parts[key] = free(draw)
            return spoken_object(parts)

        return draw_object


def _lengths(flat: Mapping[str, Any], place: ParameterPlace) -> tuple[int, int]:
    """Return how many items a list has, at least and at most. CannotDraw."""
    may_be_filled = flat.get("maxItems", 1) > 0
    low = flat.get("minItems", 1 if may_be_filled else 0)
    most = flat.get("maxItems", max(low + 1, 3))
    high = min(most, max(low + 2, 3))
    if low > min(high, MOST_ITEMS):
        reason = f"it asks for from {low} to {flat.get('maxItems', 'any number of')} items"
        raise CannotDraw(place.path, reason, f"A request can list {MOST_ITEMS} at most.")
    return low, high


def _items(flat: Mapping[str, Any]) -> tuple[list[Any], Any]:
    """Return the schemas of the first items, and that of all later ones (False: there are none)."""
    items = flat.get("items", True)
    if isinstance(items, list):  # before draft 2020-12
        return flat.get("prefixItems") or items, flat.get("additionalItems", True)
    return flat.get("prefixItems") or [], items


def _enum(values: Sequence[Any], place: ParameterPlace) -> Drawer:
    if not values:
        raise CannotDraw(place.path, "its `enum` holds nothing", "List at least one value.")
    return _fixed([value for value in values if value is not None] or [None])


def _fixed(values: Sequence[Any]) -> Drawer:
    pairs = [(literal(value), value) for value in values]
    return lambda draw: Value(*draw.choice(pairs))


def _null(flat: Mapping[str, Any], place: ParameterPlace) -> Drawer:
    return lambda draw: Value("null", None)


def _boolean(flat: Mapping[str, Any], place: ParameterPlace) -> Drawer:
    pairs = (("true", True), ("yes", True), ("false", False), ("no", False))
    return lambda draw: Value(*draw.choice(pairs))


def _string(flat: Mapping[str, Any], place: ParameterPlace) -> Drawer:
    if flat.get("format") == "date" and not flat.keys() & {"pattern", "minLength", "maxLength"}:
        return DATE.draw
    try:
        source = texts(flat, place.words, place.description)
    except ValueError as error:
        remedy = "A simpler pattern, or an `enum` of examples, would help."
        raise CannotDraw(place.path, str(error), remedy) from None

    def draw_string(draw: Draw) -> Value:
        text = source.draw(draw)
        is_quoted = source.quoted and text == text.strip()
        return Value(f'"{text}"' if is_quoted else literal(text), text)

    return draw_string


def _number(flat: Mapping[str, Any], place: ParameterPlace) -> Drawer:
    try:
        return numbers(flat, place.words)
    except ValueError as error:
        remedy = "Correct its minimum, maximum and multipleOf."
        raise CannotDraw(place.path, str(error), remedy) from None


def _draw_items(drawers: Sequence[Drawer], is_unique: bool, draw: Draw) -> Value:
    """Draw items that are different where they must be, as far as there are enough."""
    items: dict[str, Value] = {}
    for index, make in enumerate(drawers):
        for _ in range(TRIES if is_unique else 1):
            value = make(draw)
            key = canonical(value.value) if is_unique else str(index)
            if key not in items:
                items[key] = value
                break
    return spoken_list(list(items.values()))
