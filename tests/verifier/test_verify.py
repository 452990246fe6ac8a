"""The verifier against data: golden rows, and the battery that other verifiers were tried on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rlcall.reward import load_reward
from rlcall.verifier.answer import read_answer
from rlcall.verifier.codes import CODES
from rlcall.verify import verify
from tests.support.docs import read_pages

GOLDEN = Path(__file__).parents[1] / "golden" / "verdicts.jsonl"
DATA = Path(os.environ.get("RLCALL_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
BATTERY = DATA / "battery.jsonl"


def lines(path: Path) -> list[dict]:
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if path.is_file()
        else []
    )


def judge(row: dict) -> tuple:
    reward = load_reward("graded")
    verdict = reward.verify(row["completion"], row["tools"], row["answer"])
    return verdict, reward.score(verdict).reward


@pytest.mark.parametrize("row", lines(GOLDEN), ids=lambda row: row["id"])
def test_golden(row: dict) -> None:
    verdict, reward = judge(row)
    expect = row["expect"]
    assert verdict.correct is expect["correct"], verdict.errors
    assert sorted({error.code for error in verdict.errors}) == expect["codes"], verdict.errors
    low, high = expect["reward"]
    assert reward is None if low is None else low <= reward <= high
    assert verdict.wire == expect.get("wire", verdict.wire)


@pytest.mark.skipif(not BATTERY.is_file(), reason=f"no {BATTERY}; set RLCALL_TEST_DATA")
@pytest.mark.parametrize("row", lines(BATTERY), ids=lambda row: row["id"])
def test_battery(row: dict) -> None:
    verdict, reward = judge(row)
    low, high = row["expect"]["reward"]
    assert verdict.correct is row["expect"]["correct"], verdict.errors
    assert low <= reward <= high


def test_every_code_has_a_golden_example() -> None:
    seen = {code for row in lines(GOLDEN) for code in row["expect"]["codes"]}
    assert seen == set(CODES)


def test_the_page_of_codes_is_the_list_of_codes() -> None:
    page = read_pages("codes.md")
    rows = [line.split(" | ")[:2] for line in page.splitlines() if line.startswith("| `")]
    assert {code.strip("| `"): meaning for code, meaning in rows}.items() >= CODES.items()


def test_who_edits_a_gold_call_edits_no_answer() -> None:
    parameters = {"type": "object", "properties": {"x": {"type": "array"}}}
    tools = json.dumps([{"type": "function", "function": {"name": "f", "parameters": parameters}}])
    answer = '{"calls": [{"name": "f", "arguments": {"x": [{"y": 1}]}}]}'
    [call] = read_answer(answer).gold_calls()
    call.arguments["x"][0]["y"] = 2
    call.arguments["z"] = 3
    assert verify('[{"name": "f", "arguments": {"x": [{"y": 1}]}}]', tools, answer).correct
