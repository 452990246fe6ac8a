"""References and identifiers of every draft: followed inside the schema, or refused once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rlcall.verifier.schema import SchemaError
from tests.verifier.test_dialects import DRAFTS, whole

IDENTIFIERS: list[dict[str, Any]] = [
    {}, {"id": "http://a.org/b"}, {"$id": "http://a.org/b"}, {"id": "urn:a"}, {"id": "#whole"}, {"$id": "#whole"},
    {"id": 5}, {"$id": ""}, {"id": "b.json"}, {"$anchor": "here"}, {"$recursiveAnchor": True}, {"$vocabulary": {}},
]  # fmt: skip
TARGETS = [
    {"$anchor": "n"}, {"$id": "#n"}, {"id": "#n"}, {"$dynamicAnchor": "n"}, {"$recursiveAnchor": True},
]  # fmt: skip
LEADING = [
    {"$ref": "#n"}, {"$dynamicRef": "#n"}, {"$recursiveRef": "#"}, {"$recursiveRef": "#n"},
    {"$ref": "#/definitions/n"}, {"$dynamicRef": "#/definitions/n"}, {"$ref": ""}, {"$ref": "#"},
    {"$ref": "http://a.org/b"}, {"$ref": "http://a.org/b#n"}, {"$ref": "http://a.org/b#/definitions/n"},
]  # fmt: skip


@pytest.mark.parametrize("draft", [*DRAFTS, "http://json-schema.org/draft-03/schema#", ""])
@pytest.mark.parametrize("leading", LEADING, ids=json.dumps)
def test_identifiers_and_references_of_any_draft_end_in_one_error_or_none(
    draft: str, leading: dict[str, Any]
) -> None:
    for target in TARGETS:
        for more in IDENTIFIERS:
            for place in ("root", "property", "definition"):
                parameters: dict[str, Any] = {
                    "$schema": draft,
                    "properties": {"x": dict(leading), "id": {}, "$id": {}},
                    "definitions": {"n": {"type": "integer", **target}},
                }
                if place == "root":
                    parameters |= more
                elif place == "property":
                    parameters["properties"]["x"] = {"allOf": [leading], **more}
                else:
                    parameters["definitions"]["n"] |= more
                try:
                    compiled = whole(parameters)
                except SchemaError:
                    continue
                for value in (1, "a", {"x": {"x": "a"}}):
                    compiled.violations({"x": value})
                    compiled.types(("x", "x"))
                    compiled.default(("x",))


@pytest.mark.parametrize(
    ("draft", "more", "ref"),
    [
        (DRAFTS[4], {"$id": "https://a.org/tool"}, "https://a.org/tool#/definitions/n"),
        (DRAFTS[4], {"$id": "https://a.org/tool"}, "tool#/definitions/n"),
        (DRAFTS[4], {}, "https://a.org/n"),
        (DRAFTS[2], {}, "#short"),
        (DRAFTS[0], {"id": "https://a.org/tool"}, "#/definitions/n"),
        (DRAFTS[0], {"id": "file:///a/tool.json"}, "tool.json#/definitions/n"),
    ],
)
def test_references_by_address_stay_inside(draft: str, more: dict[str, Any], ref: str) -> None:
    target = {"$id": "#short" if ref == "#short" else "https://a.org/n", "type": "integer"}
    parameters = {"$schema": draft, **more, "properties": {"x": {"$ref": ref}}}
    compiled = whole({**parameters, "definitions": {"n": target}})
    assert not compiled.violations({"x": 1}) and compiled.violations({"x": "a"})
    assert compiled.types(("x",)) == {"integer"}


@pytest.mark.parametrize("address", ["http://[", "//[::", "http://a.org:port/%zz", "\x00", "#%zz"])
@pytest.mark.parametrize("key", ["$id", "id", "$ref", "$dynamicRef", "$anchor", "$recursiveRef"])
def test_addresses_that_are_none_end_in_one_error_or_none(key: str, address: str) -> None:
    for draft in DRAFTS:
        try:
            whole({"$schema": draft, "properties": {"x": {key: address}}}).violations({"x": 1})
        except SchemaError:
            continue
