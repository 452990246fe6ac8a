"""JSON Schema's own tests, where they are at hand: each group's schema as that of a parameter.

    git clone https://github.com/json-schema-org/JSON-Schema-Test-Suite
    JSON_SCHEMA_TEST_SUITE=JSON-Schema-Test-Suite pytest tests/verifier/test_json_schema_suite.py

What differs is listed here by its reason, and docs/schemas.md has the same counts.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rlcall.verifier.schema import SchemaError, Tool, check_tool, compile_tool
from tests.support.bfcl_completions import DATA
from tests.support.docs import read_pages

SUITE = Path(os.environ.get("JSON_SCHEMA_TEST_SUITE", DATA / "JSON-Schema-Test-Suite")) / "tests"
DRAFTS = {
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
# Groups whose references lead to another document, by file and words of what they are about.
REMOTE = ("refRemote.json", "cross-draft.json", "metaschema", "remote ref, containing refs itself")
# What is not as the suite has it.
DIFFERENCES = {
    "content": ("content.json",),
    "an `$id` that is none": ("$id inside an unknown keyword", "inside an enum is not a real"),
    "vocabularies": ("custom metaschema",),
    "a reference of 2019-09 that needs the root": ("$recursiveRef without $recursiveAnchor",),
    "references that depend on the way there": ("$dynamicRef", "$dynamicAnchor", "ynamic", "$recursiveRef"),
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    not SUITE.is_dir(), reason=f"no tests of JSON Schema at {SUITE}; set JSON_SCHEMA_TEST_SUITE"
)


def groups(draft: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the groups of a draft but those about formats, each with its file and words."""
    for path in sorted((SUITE / draft).rglob("*.json")):
        if "format" not in path.parts:
            for group in json.loads(path.read_text(encoding="utf-8")):
                yield f"{path.name}: {group['description']}", group


def as_parameter(schema: Any, id_keyword: str) -> Any:
    """Return a schema whose references from its root lead there when it is that of parameter x."""
    if isinstance(schema, list):
        return [as_parameter(item, id_keyword) for item in schema]
    if not isinstance(schema, dict):
        return schema
    identifier = schema.get(id_keyword)
    if isinstance(identifier, str) and not identifier.startswith("#"):
        return schema  # a document of its own
    moved = {}
    for key, item in schema.items():
        if key in ("enum", "const", "default", "examples"):
            moved[key] = item
        elif key in ("$ref", "$dynamicRef") and isinstance(item, str) and item[:2] in ("#", "#/"):
            moved[key] = f"#/properties/x{item[1:]}"
        else:
            moved[key] = as_parameter(item, id_keyword)
    return moved


def compile_group(group: dict[str, Any], draft: str) -> Tool:
    schema = as_parameter(group["schema"], "id" if draft == "draft4" else "$id")
    parameters = {"$schema": DRAFTS[draft], "type": "object", "properties": {"x": schema}}
    return compile_tool(json.dumps({"function": {"name": "f", "parameters": parameters}}))


@cache
def outcomes(draft: str) -> dict[str, tuple[int, int]]:
    """Return for each group how many instances agree, and how many do not; -1 if it is refused."""
    counts = {}
    for name, group in groups(draft):
        try:
            tool = compile_group(group, draft)
        except SchemaError:
            counts[name] = (0, -1)
            continue
        verdicts = [not tool.violations({"x": test["data"]}) for test in group["tests"]]
        expected = [test["valid"] for test in group["tests"]]
        agree = sum(map(bool.__eq__, verdicts, expected))
        counts[name] = (agree, len(expected) - agree)
    return counts


def reason(name: str) -> str | None:
    """Return why a group may differ; None where it must not."""
    for why, words in DIFFERENCES.items():
        if any(word in name for word in words):
            return why
    return None


@pytest.mark.parametrize("draft", DRAFTS)
def test_what_is_refused_has_a_remote_reference_or_a_dynamic_one(draft: str) -> None:
    refused = [name for name, (_, differ) in outcomes(draft).items() if differ < 0]
    groups_by_name = dict(groups(draft))
    for name in refused:
        is_remote = any(word in name for word in REMOTE) or "http://localhost:1234/" in json.dumps(
            groups_by_name[name]["schema"]
        )
        assert is_remote or reason(name), name


@pytest.mark.parametrize("draft", DRAFTS)
def test_what_differs_is_listed(draft: str) -> None:
    differing = [name for name, (_, differ) in outcomes(draft).items() if differ > 0]
    assert [name for name in differing if reason(name) is None] == []


def test_the_page_has_the_counts() -> None:
    page = " ".join(read_pages("schemas.md").split())
    counts: Counter[str] = Counter()
    for draft in ("draft7", "draft2020-12"):
        for agree, differ in outcomes(draft).values():
            counts["agree"] += agree
            counts["all"] += agree + max(differ, 0)
            counts["refused"] += differ < 0
            counts["groups"] += 1
    assert f"{counts['agree']:,} of {counts['all']:,} instances agree" in page
    assert f"{counts['refused']} of {counts['groups']} groups" in page


@pytest.mark.parametrize("draft", DRAFTS)
def test_the_meta_schema_allows_what_is_compiled(draft: str) -> None:
    for name, group in groups(draft):
        if outcomes(draft)[name][1] >= 0:
            check_tool(compile_group(group, draft))
