"""Texts of every wire format with their calls, from tests/golden/wire_forms.jsonl.

    {"wire": "glm4", "auto": "glm4", "text": "f\\n{}", "calls": [{"name": "f", "arguments": {}}]}

`auto` is the format that `auto` finds.
"""

from __future__ import annotations

import json
from pathlib import Path

from rlcall.calls import Call, decode

GOLDEN = Path(__file__).parents[1] / "golden" / "wire_forms.jsonl"


def _read() -> list[tuple[str, str, list[Call], str]]:
    forms = []
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        calls = []
        for call in row["calls"]:
            calls.append(Call(call["name"], decode(call["arguments"]), call.get("label")))
        forms.append((row["wire"], row["text"], calls, row["auto"]))
    return forms


FORMS = _read()
"""Format, text, calls, and the format that `auto` finds."""
