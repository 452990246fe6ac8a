"""Types for the values that a format writes as bare text, by the tool's schema.

typed("5", Wanted(frozenset({"integer"}))) -> 5     typed("5", Wanted(frozenset({"string"}))) -> "5"
parameters_of(tools, "f").wanted("zip")     # Wanted(frozenset({"string"})), by way of a `$ref`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import regex

from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.parsed import Tools, Unreadable

# Templates that print a value with Jinja write Python's words.
PYTHON_WORDS = {"True": True, "False": False, "None": None}
MATCH_SECONDS = 0.01  # of a pattern for names


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a schema says of a value: the types that it allows, and the texts that it lists.

    `types` is None where it does not say; `texts` are those of `enum` and `const`.
    """

    types: frozenset[str] | None = None
    texts: frozenset[str] = frozenset()


ANYTHING = Wanted()


def parameters_of(tools: Tools, name: str) -> ParameterTypes:
    """Return what a tool wants of its parameters; anything where there is no such tool."""
    for tool in tools:
        function = tool.get("function", tool)
        if function.get("name") == name:
            return ParameterTypes(function.get("parameters"))
    return ParameterTypes(None)


def typed(text: str, wanted: Wanted) -> Any:
    """Return the text as JSON where that type is wanted, and as it is where text is.

    Without a known type, it is JSON where it can be read as JSON. What fits no type stays what it
    looks like, so that the schema can name the fault.
    """
    if wanted.types == {"string"}:
        return text
    try:
        value = PYTHON_WORDS[text] if text in PYTHON_WORDS else bounded_json.load(text)
    except Unreadable:
        return text
    if text in wanted.texts:
        return text
    is_text = wanted.types and "string" in wanted.types and not wanted.types & _types_of(value)
    return text if is_text else value


class ParameterTypes:
    """What a tool's schema says of its parameters: its own members, and those that it gets by
    `$ref`, `allOf`, `anyOf`, `oneOf`, `then`, `else`, and from maps.

    Each part is looked at once, wherever references lead.
    """

    def __init__(self, root: Any) -> None:
        self.root = root
        self._known: dict[int, Wanted | None] = {}

    def wanted(self, key: str) -> Wanted:
        """Return what is wanted of one parameter."""
        try:
            return self._of_member(self.root, key, set()) or ANYTHING
        except RecursionError:  # deeper than a schema that the verifier takes
            return ANYTHING

    def wanted_by(self, schema: Any) -> Wanted:
        """Return what is wanted by a schema that is a part of the tool's."""
        try:
            return self._of(schema) or ANYTHING
        except RecursionError:
            return ANYTHING

    def behind(self, schema: Any) -> Any:
        """Return the schema that another is a reference to, or the schema itself."""
        referred = self._behind(schema) if isinstance(schema, dict) else None
        return schema if referred is None else referred

    def _of_member(self, schema: Any, key: str, seen: set[int]) -> Wanted | None:
        """Return what an object's schema says of its member; None where it names none such."""
        if not isinstance(schema, dict) or id(schema) in seen:
            return None
        seen.add(id(schema))
        own = [self._of(declared) for declared in _declared(schema, key)]
        for inner in (self._behind(schema), *_list_of(schema, "allOf")):
            own.append(self._of_member(inner, key, seen))
        for keyword in ("anyOf", "oneOf"):
            branches = [self._of_member(inner, key, seen) for inner in _list_of(schema, keyword)]
            own.append(_either(branch for branch in branches if branch))
        conditional = [self._of_member(schema.get(name), key, seen) for name in ("then", "else")]
        own.append(_either(branch for branch in conditional if branch))
        return _all_of(said for said in own if said)

    def _of(self, schema: Any) -> Wanted | None:
        """Return what a schema says of the value itself; None in a circle that leads back to it."""
        if not isinstance(schema, dict):
            return ANYTHING
        if id(schema) not in self._known:
            self._known[id(schema)] = None
            self._known[id(schema)] = self._look_at(schema)
        return self._known[id(schema)]

    def _look_at(self, schema: dict[str, Any]) -> Wanted:
        said = [_own(schema), self._of(self._behind(schema))]
        said += [self._of(inner) for inner in _list_of(schema, "allOf")]
        for keyword in ("anyOf", "oneOf"):
            branches = [self._of(inner) for inner in _list_of(schema, keyword)]
            said.append(_either(branch for branch in branches if branch))
        return _all_of(wanted for wanted in said if wanted) or ANYTHING

    def _behind(self, schema: dict[str, Any]) -> Any:
        """Return the schema that a local `$ref` points at; None where there is none."""
        ref = schema.get("$ref")
        if not isinstance(ref, str) or not ref.startswith("#"):
            return None
        if ref[1:2] not in ("", "/"):
            return next(
                (part for part in _parts(self.root) if part.get("$anchor") == ref[1:]), None
            )
        node = self.root
        for step in ref[1:].split("/")[1:]:
            step = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and step.isdecimal() and int(step) < len(node):
                node = node[int(step)]
            else:
                node = node.get(step) if isinstance(node, dict) else None
        return node


def _own(schema: dict[str, Any]) -> Wanted:
    """Return what a schema's own `type`, `enum` and `const` say."""
    types: frozenset[str] | None = None
    declared = schema.get("type")
    if isinstance(declared, str):
        types = frozenset((declared,))
    elif isinstance(declared, list):
        types = frozenset(name for name in declared if isinstance(name, str))
    listed = schema["enum"] if isinstance(schema.get("enum"), list) else None
    if "const" in schema:
        listed = [schema["const"]]
    if listed is None:
        return Wanted(types)
    of_listed = frozenset[str]().union(*map(_types_of, listed))
    texts = frozenset(value for value in listed if isinstance(value, str))
    return Wanted(of_listed if types is None else types, texts)


def _declared(schema: dict[str, Any], key: str) -> Iterator[Any]:
    """Yield the schemas that an object's schema has for a member."""
    properties, patterns = schema.get("properties"), schema.get("patternProperties")
    is_named = False
    if isinstance(properties, dict) and key in properties:
        is_named = True
        yield properties[key]
    for pattern, inner in patterns.items() if isinstance(patterns, dict) else ():
        if _matches(pattern, key):
            is_named = True
            yield inner
    if not is_named and isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"]


def _matches(pattern: str, key: str) -> bool:
    try:
        return regex.search(pattern, key, timeout=MATCH_SECONDS) is not None
    except (regex.error, TimeoutError):
        return False


def _list_of(schema: dict[str, Any], keyword: str) -> list[Any]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object inside a schema."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _all_of(said: Iterable[Wanted]) -> Wanted | None:
    """Return what holds where all of these do; None of none."""
    together: Wanted | None = None
    for wanted in said:
        if together is None:
            together = wanted
        else:
            types = _common(together.types, wanted.types)
            together = Wanted(types, together.texts | wanted.texts)
    return together


def _common(first: frozenset[str] | None, second: frozenset[str] | None) -> frozenset[str] | None:
    if first is None or second is None:
        return second if first is None else first
    common = first & second
    if "number" in first | second and "integer" in first | second:
        common |= {"integer"}
    return common


def _either(said: Iterable[Wanted]) -> Wanted | None:
    """Return what holds where one of these does; None of none."""
    alternatives = list(said)
    if not alternatives:
        return None
    texts = frozenset[str]().union(*(wanted.texts for wanted in alternatives))
    types: frozenset[str] = frozenset()
    for wanted in alternatives:
        if wanted.types is None:
            return Wanted(None, texts)
        types |= wanted.types
    return Wanted(types, texts)


def _types_of(value: Any) -> set[str]:
    """Return the JSON Schema types that a value has."""
    if value is None:
        return {"null"}
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return {"integer", "number"}
    names: dict[type, str] = {float: "number", str: "string", list: "array", dict: "object"}
    return {names[type(value)]} if type(value) in names else set()
