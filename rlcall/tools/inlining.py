"""Definitions put where they are referred to.

    inlined({"properties": {"at": {"$ref": "#/$defs/At"}}, "$defs": {"At": {"type": "string"}}})
    # {"properties": {"at": {"type": "string"}}}

What leads back to itself stays a reference, and so does everything where the schema would grow
beyond reason.
"""

from __future__ import annotations

import json
import re
from typing import Any

from rlcall.tools.places import Schema, changed, schemas

# Keywords that say something to a reader and decide nothing.
ANNOTATIONS = frozenset((
    "title", "description", "default", "examples", "example", "deprecated", "readOnly",
    "writeOnly", "$comment", "xml", "externalDocs",
))  # fmt: skip
ADDRESSED = frozenset(("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef"))
"""Keywords by which a reference may lead elsewhere than its text says."""
DEFINITIONS = ("$defs", "definitions")
GROWTH = 2  # times as long as it was: a longer schema is no gain
SMALL = 2000  # characters up to which any schema may grow
_POINTER = re.compile(r"#/(\$defs|definitions)/([^/]+)")
_REF_ALONE = re.compile(r"draft-0[3-7]")


class _TooLong(Exception):
    """The schema grew beyond what its length allows."""


def is_plain(schema: Schema) -> bool:
    """Tell whether every reference is to a definition by its name, or to the whole schema."""
    for part in schemas(schema):
        if ADDRESSED & part.keys() or isinstance(part.get("id"), str):
            return False
        reference = part.get("$ref", "#")
        if not isinstance(reference, str):
            return False
        if reference != "#" and _definition(schema, reference) is None:
            return False
    return True


def inlined(schema: Schema) -> Schema:
    """Return a schema that `is_plain` with its definitions put in place, where that is no loss."""
    limit = max(SMALL, GROWTH * len(json.dumps(schema)))
    try:
        result = _Inlining(schema, limit).of(schema)
    except _TooLong:
        result = schema
    return without_unused(result)


def without_unused(schema: Schema) -> Schema:
    """Return a schema without the definitions to which nothing leads."""
    body = {key: part for key, part in schema.items() if key not in DEFINITIONS}
    reached: dict[str, None] = {}
    waiting = [body]
    while waiting:
        for part in schemas(waiting.pop()):
            reference = part.get("$ref")
            target = _definition(schema, reference) if isinstance(reference, str) else None
            if reference is not None and target is not None and reference not in reached:
                reached[reference] = None
                waiting.append(target)
    for key in DEFINITIONS:
        kept = {}
        for name, part in schema.get(key, {}).items():
            if f"#/{key}/{_escaped(name)}" in reached:
                kept[name] = part
        if kept:
            body[key] = kept
    return body


class _Inlining:
    """One schema that is being written out, and how much may still be written."""

    def __init__(self, root: Schema, limit: int) -> None:
        self._root = root
        self._left = limit
        self._cyclic: dict[str, bool] = {}
        self._ref_is_alone = bool(_REF_ALONE.search(str(root.get("$schema", ""))))

    def of(self, schema: Schema) -> Schema:
        """Return a part with its references replaced."""
        self._left -= 2 + len(schema)
        if self._left < 0:
            raise _TooLong
        reference = schema.get("$ref", "#")
        target = _definition(self._root, reference)
        if target is not None and reference not in self._cyclic:
            self._cyclic[reference] = self._leads_back(reference)
        if target is None or self._cyclic[reference]:
            return changed(schema, lambda part, _name: self.of(part))
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        if self._ref_is_alone:
            beside = {key: value for key, value in beside.items() if key in ANNOTATIONS}
        inner = self.of(target)
        if ANNOTATIONS.issuperset(beside):
            result = {**inner, **beside}
            # A definition's name says nothing where it is used, a text of its own does.
            if "title" not in beside and "description" not in result:
                result.pop("title", None)
            self._left -= len(json.dumps(target))
            return result
        # Keywords such as additionalProperties look at what stands beside them.
        outer = changed(beside, lambda part, _name: self.of(part))
        return {**outer, "allOf": [inner, *outer.get("allOf", [])]}

    def _leads_back(self, reference: str) -> bool:
        """Tell whether a definition is part of itself, by itself or through others."""
        seen: set[str] = set()
        waiting = [reference]
        while waiting:
            target = _definition(self._root, waiting.pop())
            for part in schemas(target or {}):
                next_reference = part.get("$ref")
                if next_reference == reference or next_reference == "#":
                    return True
                if isinstance(next_reference, str) and next_reference not in seen:
                    seen.add(next_reference)
                    waiting.append(next_reference)
        return False


def _definition(root: Schema, reference: str) -> Schema | None:
    match = _POINTER.fullmatch(reference)
    if not match:
        return None
    name = match[2].replace("~1", "/").replace("~0", "~")
    container: Any = root.get(match[1])
    target = container.get(name) if isinstance(container, dict) else None
    return target if isinstance(target, dict) else None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
