"""Patterns as ECMA has them, and what nothing else evaluates: bounded under every schema."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.verifier.test_dialects import DRAFTS, codes, whole


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        (r"^\d+$", ["12"], ["\u0663", "12\n", ""]),
        (r"^\w+$", ["a_1"], ["é", "a\n"]),
        (r"^\D\W\S$", ["a-b", "\u0663éc"], ["1-b", "aab", "a- "]),
        (r"^[\w-]+$", ["a-b"], ["a.b"]),
        (r"^[+-\d]+$", ["+1-"], ["a", "."]),
        (r"^[^\d\s]$", ["a", "\u0663"], ["1", "\ufeff"]),
        (r"^[\W]$", ["é", "-"], ["a", "_"]),
        (r"^\cJ\u{1F600}\uD83D\uDE01$", ["\n\U0001f600\U0001f601"], ["J"]),
        (r"^(?<year>\d{4})-\k<year>$", ["2024-2024"], ["2024-2025"]),
        (r"^\p{Lu}\p{L}+$", ["Élodie"], ["élodie", "1"]),
        ("(?i)^abc$", ["ABC"], ["abd"]),
        (r"^a\$|[$]$", ["a$", "$"], ["a"]),
    ],
)
def test_patterns_are_ecmas(pattern: str, fitting: list[str], others: list[str]) -> None:
    for text in fitting:
        assert codes({"pattern": pattern}, text) == [], text
        assert codes({"patternProperties": {pattern: False}}, {text: 1}), text
    for text in others:
        assert codes({"pattern": pattern}, text), text
        assert codes({"patternProperties": {pattern: False}}, {text: 1}) == [], text


@pytest.mark.parametrize("draft", DRAFTS[3:5])
@pytest.mark.parametrize("pattern", ["^(a+)+$", "(x|x)*y", "^([a-z0-9]+-?)+$"])
def test_patterns_beside_unevaluated_properties_are_bounded(draft: str, pattern: str) -> None:
    compiled = whole(
        {"$schema": draft, "patternProperties": {pattern: {}}, "unevaluatedProperties": False}
    )
    start = time.process_time()
    found = compiled.violations({letter * 30 + "!": 1 for letter in "ax"})
    assert found and time.process_time() - start < 0.25


UNEVALUATED = [
    ({"properties": {"a": {}}, "allOf": [{"properties": {"b": {}}}], "unevaluatedProperties": False}, [{"a": 1, "b": 1}], [{"c": 1}]),
    ({"$ref": "#/$defs/d", "unevaluatedProperties": False, "$defs": {"d": {"properties": {"a": {}}}}}, [{"a": 1}], [{"b": 1}]),
    ({"patternProperties": {r"^\p{L}$": {}}, "unevaluatedProperties": {"type": "integer"}}, [{"é": "x", "12": 1}], [{"12": "x"}]),
    ({"if": {"required": ["a"], "properties": {"a": {}}}, "then": {"properties": {"b": {}}}, "unevaluatedProperties": False}, [{"a": 1, "b": 2}], [{"b": 2}]),
    ({"dependentSchemas": {"a": {"properties": {"a": {}, "b": {}}}}, "unevaluatedProperties": False}, [{"a": 1, "b": 2}], [{"b": 2}]),
    ({"anyOf": [{"additionalProperties": {"type": "string"}}, {}], "unevaluatedProperties": False}, [{"a": "x"}], [{"a": 1}]),
    ({"prefixItems": [{}], "unevaluatedItems": False}, [[1]], [[1, 2]]),
    ({"contains": {"type": "string"}, "unevaluatedItems": {"type": "integer"}}, [["a", 1]], [["a", 1.5]]),
    ({"oneOf": [{"items": {"type": "string"}}], "unevaluatedItems": False}, [["a"]], [[1]]),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "fitting", "others"), UNEVALUATED)
def test_what_nothing_else_evaluates(
    schema: dict[str, Any], fitting: list[Any], others: list[Any]
) -> None:
    moved = json.loads(json.dumps(schema).replace("#/", "#/properties/x/"))
    for value in fitting:
        assert codes(moved, value) == [], value
    for value in others:
        assert codes(moved, value), value
