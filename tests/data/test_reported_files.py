"""Files that users of other projects reported: read where they are at hand, each as it should be.

What each kind of them asks for is tested on inputs of this project's own next door (tool forms,
replies, developer messages, the golden cases of each form).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcall.check.lint import Lint
from rlcall.cli.convert import main as convert_main
from rlcall.cli.tasks import main as tasks_main
from rlcall.cli.verify import main as verify_main
from rlcall.data.formats import READERS, recognised_form
from rlcall.data.reading.counts import gather
from tests.support.bfcl_completions import DATA

FOLDER = DATA / "reports" / "data"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no reported files at {FOLDER}; set RLCALL_TEST_DATA"
)

# file -> the form that it is recognised as, rows, set aside
CONVERSATIONS = {
    "axolotl_tools.jsonl": ("openai", 3, 0),
    "axolotl_tools_arrow.parquet": ("openai", 3, 0),
    "calls_in_words.jsonl": ("openai", 1, 12),
    "hermes_reasoning.jsonl": ("hermes", 1, 0),
    "llama_factory_sharegpt.json": ("sharegpt", 7, 0),
    "mobile_actions.jsonl": ("mobile_actions", 1, 1),
    "ms_swift_agent.jsonl": ("ms_swift", 1, 0),
    "openai_request_settings.jsonl": ("openai", 4, 6),
    "openai_tools_as_text.jsonl": ("trl", 1, 0),
    "openai_words_beside_call.jsonl": ("openai", 1, 0),
    "responses_api_flat_tools_chat.jsonl": ("openai", 5, 0),
    "toucan_main.jsonl": ("toucan", 1, 0),
    "trl_preference_tools.jsonl": ("trl_preferences", 1, 0),
    "when2call_sft.jsonl": ("when2call", 2, 0),
    "xlam_60k_sample.json": ("xlam", 4, 0),
}
# file of tools -> the arguments that each gold of a tool must hold
TOOLS = {
    "mcp_tools.json": ("convert_time", {"sourceTimezone", "targetTimezone", "time"}),
    "anthropic_tools.json": ("convert_time", {"sourceTimezone", "targetTimezone", "time"}),
    "mcp_tools_list_result.json": ("convert_time", {"sourceTimezone", "targetTimezone", "time"}),
    "mcp_tools_as_parameters.json": ("convert_time", {"sourceTimezone", "targetTimezone", "time"}),
    "responses_api_tools.json": ("convert_time", {"sourceTimezone", "targetTimezone", "time"}),
    "tools_bare_parameters.json": ("get_weather", {"city", "days"}),
    "tools_required_outside.json": ("get_weather", {"city"}),
    "tools_gemini_declarations.json": ("get_weather", {"city"}),
    "mcp_pattern_with_length.json": ("cep-search", {"cep"}),
    "python_functions_get_json_schema.json": ("get_forecast", {"city"}),
}
REFUSED_TOOLS = {"tools_parameters_list.json": "parameters", "tools_toolbench.json": "name"}
# Completions whose values their tools take, whatever dialect the schema is in
COMPLETIONS = [
    "nullable_completions.jsonl",
    "type_list_in_python_words.jsonl",
    "rows_with_arrow_nulls.jsonl",
]
LINTED = [
    "additional_properties_empty_schema.jsonl",
    "developer_role_rows.jsonl",
    "mcp_zod_undefined_rows.jsonl",
]
HISTORIES = sorted(file.name for file in FOLDER.glob("history_*.jsonl"))
GUARDED = ["bfcl_v2_wording_rows.jsonl", "grounding_chinese_dates.jsonl"]


def test_every_file_is_looked_at() -> None:
    names = {*CONVERSATIONS, *TOOLS, *REFUSED_TOOLS, *COMPLETIONS, *LINTED, *HISTORIES, *GUARDED}
    assert {file.name for file in FOLDER.iterdir()} - {"README.md"} == names


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_gives_its_rows(name: str) -> None:
    form, rows, set_aside = CONVERSATIONS[name]
    assert recognised_form(str(FOLDER / name)) == form
    read, counts = gather(READERS[form](str(FOLDER / name)))
    assert (len(read), counts.set_aside) == (rows, set_aside)


@pytest.mark.parametrize("name", TOOLS)
def test_tools_give_tasks_with_their_arguments(name: str, tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    options = ["--n", "60", "--out", str(out)]
    assert tasks_main(["--tools", str(FOLDER / name), *options]) == 0
    tool, required = TOOLS[name]
    calls: list[dict[str, Any]] = []
    for line in out.read_text(encoding="utf-8").splitlines():
        calls += json.loads(line)["answer"].get("calls", [])
    of_tool = [call for call in calls if call["name"] == tool]
    assert of_tool and all(required <= call["arguments"].keys() for call in of_tool)


@pytest.mark.parametrize("name", REFUSED_TOOLS)
def test_tools_that_are_not_read_are_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        tasks_main(["--tools", str(FOLDER / name), "--n", "6", "--out", str(tmp_path / "o")]) == 2
    )
    assert REFUSED_TOOLS[name] in capsys.readouterr().err


@pytest.mark.parametrize("name", COMPLETIONS)
def test_completions_are_verified(name: str, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.jsonl"
    verify_main([str(FOLDER / name), "--out", str(out)])
    verdicts = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(verdicts) == len((FOLDER / name).read_text(encoding="utf-8").splitlines())
    codes = [error["code"] for verdict in verdicts for error in verdict["errors"]]
    assert not {"wrong_type", "not_in_enum", "unknown_parameter"} & set(codes)


@pytest.mark.parametrize("name", LINTED)
def test_sound_rows_have_no_error(name: str) -> None:
    findings = list(Lint([str(FOLDER / name)]).findings())
    assert not [finding for finding in findings if finding.severity == "error"]


@pytest.mark.parametrize("name", [*HISTORIES, *GUARDED])
def test_no_history_stops_the_linter_or_the_converter(name: str, tmp_path: Path) -> None:
    list(Lint([str(FOLDER / name)]).findings())
    status = convert_main(["--from", "rows", str(FOLDER / name), str(tmp_path / "o.jsonl")])
    assert status in (0, 1)
