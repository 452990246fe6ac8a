"""The other choices of an answer, at paths that its arguments may not have."""

from __future__ import annotations

from typing import Any

import pytest

from rlcall.check.gold import faults
from rlcall.data.rows import Row

TEXTS = {"type": "array", "items": {"type": "string"}}
LISTS = {"type": "array", "items": {"type": "object", "properties": {"b": TEXTS}}}


@pytest.mark.parametrize(
    ("schema", "value", "path", "code"),
    [
        (LISTS, [{"b": [1]}], "$.a[0].b[*]", "gold_wrong"),
        (TEXTS, [1, "y", 2], "$.a[*]", "gold_wrong"),
        (TEXTS, 5, "$.a[*]", "gold_impossible"),
        (TEXTS, None, "$.c[*]", "gold_impossible"),
    ],
)
def test_choices_are_tried_wherever_their_path_leads(
    schema: dict[str, Any], value: Any, path: str, code: str
) -> None:
    parameters = {"type": "object", "properties": {"a": schema}}
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    call = {"name": "f", "arguments": {"a": value}, "accept": {path: ["x"]}}
    row = Row([{"role": "user", "content": "?"}], [tool], {"calls": [call]})
    assert {fault.code for fault in faults(row)} == {code}
