"""The preset `toolrl` against what ToolRL's own code was measured to give, from -3 to 4."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rlcall.reward import load_reward

F = {
    "type": "function",
    "function": {
        "name": "f",
        "parameters": {
            "properties": {
                "a": {"type": "integer"},
                "s": {"type": "string"},
                "d": {"type": "object"},
            },
            "required": ["a", "s"],
        },
    },
}


def block(*calls: dict[str, Any]) -> str:
    return "\n".join(["<tool_call>", *map(json.dumps, calls), "</tool_call>"])


def f(a: Any = 1, s: str = "x", **more: Any) -> dict[str, Any]:
    return {"name": "f", "parameters": {"a": a, "s": s, **more}}


ONE, DEEP = {"a": 1, "s": "x"}, {"a": 1, "s": "x", "d": {"x": {"y": [1, 2, 3]}}}
JUNK = {"name": "delete_all", "parameters": {}}


@pytest.mark.parametrize(
    ("due", "completion", "published"),
    [
        pytest.param([ONE], block(f()), 4, id="exact"),
        pytest.param([ONE], block(f(a="1")), 2.5, id="text for an integer"),
        pytest.param([ONE], block(f(a=1.0)), 4, id="1.0 for 1"),
        pytest.param([ONE], block(f(zz=1)), 3.5, id="undeclared argument"),
        pytest.param([DEEP], block(f(d={"x": {"y": [1, 2, 4]}})), 2.8, id="deep value wrong"),
        pytest.param([ONE], block(f(s="y")), 2.5, id="one of two wrong"),
        pytest.param([ONE, {"a": 2, "s": "y"}], block(f(2, "y"), f()), 4, id="swapped order"),
        pytest.param([ONE, {"a": 2, "s": "y"}], block(f()), 1, id="one of two missing"),
        pytest.param([ONE], block(f(), JUNK), 3.25, id="one junk call"),
        pytest.param([ONE], block(f(), *[JUNK] * 20), 2.57, id="20 junk calls"),
        pytest.param([ONE], block(f(), f()), 3.25, id="twice"),
        pytest.param([], block(f()), 0, id="call where none is due"),
        pytest.param([], "None of my tools fits.", 1, id="no call where none is due"),
        pytest.param([ONE], block({"name": "f"}), -2, id="no arguments"),
        pytest.param([ONE], block({"name": "", "parameters": ONE}), -2, id="empty name"),
        pytest.param([ONE], "<tool_call>\n5\n</tool_call>", -2, id="a scalar for a call"),
        pytest.param([ONE], "The answer is 5.", -3, id="no call"),
    ],
)
def test_toolrl_gives_what_was_published(due: list[Any], completion: str, published: float) -> None:
    reward = load_reward("toolrl")
    answer = {"calls": [{"name": "f", "arguments": arguments} for arguments in due]}
    score = reward.score(reward.verify(completion, [F], answer, "toolrl"))
    assert score.reward is not None
    assert 7 * score.reward - 3 == pytest.approx(published, abs=0.005)
