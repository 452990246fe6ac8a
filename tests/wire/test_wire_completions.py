"""What real models wrote, read under `auto` and under their own format. BFCL's `valid` lines
hold readable calls."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rlcall import wire
from rlcall.calls import Reference, references

SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA = Path(os.environ.get("RLCALL_TEST_DATA", SHARED))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no data at {DATA}; set RLCALL_TEST_DATA"
)

# model -> its format, and the valid lines of BFCL's AST tasks that are not read without a surplus
# problem. Hermes: prose and code after the calls, which define functions of the tools' names. Llama
# 3: no closing bracket.
MODELS = {
    "NousResearch_Hermes-2-Pro-Mistral-7B": ("hermes", 3),
    "Salesforce_xLAM-1b-fc-r": ("json", 0),
    "THUDM_glm-4-9b-chat": ("glm4", 0),
    "gpt-3.5-turbo-0125-FC": ("openai", 0),
    "gpt-4-0613": ("python", 0),
    "ibm-granite_granite-20b-functioncalling": ("granite20b", 0),
    "meta-llama_Meta-Llama-3-8B-Instruct": ("python", 4),
    "mistral-tiny-2312": ("python", 0),
}


@pytest.fixture(scope="module")
def tasks() -> dict[str, Any]:
    return {
        task["id"]: task for task in map(json.loads, (DATA / "completions" / "tasks.jsonl").open())
    }


def rows(model: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in list((DATA / "completions" / f"{model}.jsonl").open())[1:]]


@pytest.mark.parametrize("model", MODELS)
def test_valid_calls_of_real_models_are_read(model: str, tasks: dict[str, Any]) -> None:
    format, unread = MODELS[model]
    for under in ("auto", format):
        kinds: Counter[str] = Counter()
        for row in rows(model):
            task = tasks[row["task"]]
            if row["valid"] and task["category"] != "irrelevance":
                parsed = wire.parse(row["completion"], task["tools"], under)
                surplus = [
                    problem.code for problem in parsed.problems if problem.code in wire.SURPLUS
                ]
                kinds["read" if parsed.calls and not surplus else str(surplus)] += 1
        assert sum(kinds.values()) - kinds["read"] == unread, kinds


@pytest.mark.parametrize("model", MODELS)
def test_the_format_of_real_calls_is_recognised(model: str, tasks: dict[str, Any]) -> None:
    found = Counter(
        parsed.wire
        for row in rows(model)
        if (parsed := wire.parse(row["completion"], tasks[row["task"]]["tools"])).calls
    )
    assert found.keys() == {MODELS[model][0]} | ({"json"} & found.keys())
    assert found.most_common(1)[0][0] == MODELS[model][0]


def test_toolrls_own_outputs_are_read() -> None:
    outputs = [row["output"] for row in json.loads((DATA / "toolrl" / "rlla_sft.json").read_text())]
    for output in outputs:
        parsed = wire.parse(output, [])
        assert bool(parsed.calls) == ("<tool_call>" in output)
        assert {problem.code for problem in parsed.problems} <= {"text_after"}


@pytest.mark.parametrize("part", ["executable", "non-executable-glaive", "non-executable-sgd"])
def test_nestfuls_chains_are_read_and_written(part: str) -> None:
    for row in json.loads((DATA / "nestful" / f"{part}-data.json").read_text()):
        parsed = wire.parse(json.dumps(row["output"]), [])
        calls = [call for call in row["output"] if call["name"] != "var_result"]
        assert (parsed.wire, parsed.problems) == ("nestful", ())
        assert [call.label for call in parsed.calls] == [call["label"] for call in calls]
        tools = [{"type": "function", "function": {"name": call.name}} for call in parsed.calls]
        for name in ("python", "nestful", "hermes"):
            assert wire.get(name).can_render(parsed.calls, tools)
            assert wire.parse(wire.get(name).render(parsed.calls), tools).calls == parsed.calls
        assert all(
            isinstance(r, Reference) for call in parsed.calls for _, r in references(call.arguments)
        )
