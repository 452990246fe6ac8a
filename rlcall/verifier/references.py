"""References inside a schema: all of them made JSON Pointers, and followed.

schema = {"$ref": "#place", "$defs": {"p": {"$anchor": "place", "enum": ["home"]}}}
localise(schema)
schema                              # {"$ref": "#/$defs/p", "$defs": {"p": {"enum": ["home"]}}}
resolve_ref(schema, "#/$defs/p")    # {"enum": ["home"]}

Identifiers change what a reference means, and whether one is known depends on the draft. So a
schema keeps none, once its references are replaced by the places that they lead to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urljoin

from rlcall.verifier.dialects import NAMED, OPAQUE

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


@dataclass(frozen=True, slots=True)
class _Place:
    """A schema inside another: its JSON Pointer, and the document that it is in.

    A schema with an `$id` is a document of its own, with an address and a root.
    """

    schema: dict[str, Any]
    pointer: str
    address: str = ""
    root: str = "#"


def localise(root: dict[str, Any], id_keyword: str = "$id", ref_is_alone: bool = False) -> None:
    """Replace references inside the schema by JSON Pointers from its root; remove identifiers.

    `id_keyword` is `id` in the drafts up to 4, and `ref_is_alone` says that nothing beside a `$ref`
    counts, as in the drafts up to 7. What leads nowhere is left as it is.
    """
    places = list(_walk(_Place(root, "#"), id_keyword, ref_is_alone))
    pointers: dict[str, str] = {"#": "#"}  # by address and anchor
    for place in places:
        pointers.setdefault(f"{place.address}#", place.root)
        for anchor in _anchors(place.schema, id_keyword):
            pointers.setdefault(f"{place.address}#{anchor}", place.pointer)
    dynamic = Counter(str(place.schema.get("$dynamicAnchor")) for place in places)
    for place in places:
        for key in REFERENCES:
            if isinstance(place.schema.get(key), str):
                place.schema[key] = _follow(place, key, pointers, dynamic)
    for place in places:
        for key in (id_keyword, "$anchor", "$dynamicAnchor"):
            if isinstance(place.schema.get(key), str) or key == "id":
                place.schema.pop(key, None)
        place.schema.pop("$recursiveAnchor", None)


def drop_dangling(root: dict[str, Any]) -> None:
    """Remove references that lead to no schema, wherever they are."""
    for place in _walk(_Place(root, "#"), "$id", ref_is_alone=False):
        for key in REFERENCES:
            if key in place.schema and not _is_followed(root, place.schema[key]):
                del place.schema[key]


def _is_followed(root: dict[str, Any], ref: Any) -> bool:
    try:
        resolve_ref(root, ref)
    except (ValueError, AttributeError):
        return False
    return True


def _walk(place: _Place, id_keyword: str, ref_is_alone: bool) -> Iterator[_Place]:
    """Yield every schema inside a schema, itself first, also where nothing applies it."""
    identifier = place.schema.get(id_keyword)
    is_ignored = ref_is_alone and "$ref" in place.schema
    if isinstance(identifier, str) and not identifier.startswith("#") and not is_ignored:
        address = _join(place.address, identifier).partition("#")[0]
        place = _Place(place.schema, place.pointer, address, place.pointer)
    yield place
    for pointer, child in _children(place.schema, place.pointer):
        below = _Place(child, pointer, place.address, place.root)
        yield from _walk(below, id_keyword, ref_is_alone)


def _join(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # "http://[" is no address
        return address


def _anchors(schema: dict[str, Any], id_keyword: str) -> Iterator[str]:
    """Yield the names that a schema has within its document."""
    identifier = schema.get(id_keyword)
    if isinstance(identifier, str) and identifier.startswith("#"):
        yield identifier[1:]
    for key in ("$anchor", "$dynamicAnchor"):
        if isinstance(schema.get(key), str):
            yield schema[key]


def _children(schema: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schemas right below a schema, with their pointers.

    Defaults and members of `enum` only look like schemas, and are left out.
    """
    for key, item in schema.items():
        if key in OPAQUE:
            continue
        below = f"{pointer}/{_escape(key)}"
        if key in NAMED and isinstance(item, dict):
            for name, child in item.items():
                yield from _schemas_in(child, f"{below}/{_escape(name)}")
        else:
            yield from _schemas_in(item, below)


def _schemas_in(value: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield pointer, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _schemas_in(item, f"{pointer}/{index}")


def _follow(place: _Place, key: str, pointers: dict[str, str], dynamic: Counter[str]) -> str:
    """Return a reference as a pointer from the root, or as it is where it leads to nothing here."""
    ref: str = place.schema[key]
    address, _, fragment = ref.partition("#")
    address = _join(place.address, address) if address else place.address
    if key == "$recursiveRef":
        return ref if place.root == "#" else "#recursive"  # whose target depends on the way there
    if key == "$dynamicRef" and dynamic[fragment] > 1:
        return ref
    if fragment[:1] == "/":
        root = pointers.get(f"{address}#")
        return ref if root is None else f"{root}{fragment}"
    return pointers.get(f"{address}#{unquote(fragment)}", ref)


def _escape(key: str) -> str:
    return quote(key.replace("~", "~0").replace("/", "~1"), safe="~$")


def resolve_ref(root: dict[str, Any], ref: str) -> Any:
    """Return the schema behind a local reference, a JSON Pointer.

    ValueError for any other, which would be the network or another file, and for one that points at
    nothing. A schema may be true or false.
    """
    if not ref.startswith("#"):
        raise ValueError(
            f"$ref {ref!r} is not local; put the definition under $defs and use '#/$defs/...'"
        )
    if ref[1:2] not in ("", "/"):
        raise ValueError(f"$ref {ref!r} points at nothing: there is no such anchor, or several")
    node: Any = root
    for part in ref[1:].split("/")[1:]:
        part = unquote(part).replace("~1", "/").replace("~0", "~")
        try:
            node = node[int(part)] if isinstance(node, list) else node[part]
        except (LookupError, TypeError, ValueError):
            raise ValueError(f"$ref {ref!r} points at nothing: there is no {part!r}") from None
    if not isinstance(node, dict | bool):
        raise ValueError(f"$ref {ref!r} does not point at a schema")
    return node
