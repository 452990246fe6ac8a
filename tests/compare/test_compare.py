"""`rlcall compare` on planted runs: hand-worked differences, seeds, cheaters, the whole report."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from scipy.stats import binomtest, t

from rlcall import wire
from rlcall.calls import without_idle_labels
from rlcall.cli.compare import main
from rlcall.cli.eval import main as evaluate
from rlcall.compare import report as compare_report
from rlcall.compare.cost import costs
from rlcall.compare.runs import read_run
from rlcall.data.rows import Row, write_rows
from rlcall.evaluation.folder import EvaluationFolder
from rlcall.metrics.baselines import POLICIES
from rlcall.samples.cost import SamplingCost, write_cost
from rlcall.tasks import phone
from rlcall.tasks.twins.twins import original_id, twins
from tests.support.compare_runs import grpo_log, planted, sft_log
from tests.support.judged import due, row, tool

GOLDEN = Path(__file__).parents[1] / "golden" / "compare.md"
CALL = tool("call", who="string")
# Each with a tool list of its own, so that rows are clusters.
ROWS = [
    row(due("call", who=f"P{n}"), [CALL, tool(f"other{n}", a="integer")], f"r{n}")
    for n in range(10)
]
FORM = wire.get("smollm2")


def gold(one: Row) -> str:
    calls = without_idle_labels(one.wanted.gold_calls())
    return FORM.render(calls) if calls else "[]"


def right_on(places: Sequence[int], rows: Sequence[Row] = ROWS) -> list[str]:
    """The gold on these rows; on the others a call with a wrong value."""
    wrong = '<tool_call>[{"name": "call", "arguments": {"who": "nobody"}}]</tool_call>'
    return [gold(one) if place in places else wrong for place, one in enumerate(rows)]


SFT, GRPO = right_on(range(6)), right_on([0, 1, 2, 3, 6, 7, 8, 9])


def table(text: str, title: str) -> dict[str, list[str]]:
    """The first table under a heading that begins so: name -> cells."""
    lines = text[text.index(f"### {title}") :].splitlines()[6:]
    found = {}
    for line in lines:
        if not line.startswith("|"):
            break
        name, *cells = (cell.strip() for cell in line.strip("|").split(" | "))
        found[name.strip("*")] = cells
    return found


def columns(text: str, title: str) -> list[str]:
    lines = text[text.index(f"### {title}") :].splitlines()
    return [
        cell.strip()
        for cell in next(line for line in lines if line.startswith("|")).strip("|").split(" | ")
    ][1:]


def report(out: Path) -> str:
    return (out / "compare.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def no_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plots take seconds, and tests/compare/test_compare_page.py looks at them."""
    monkeypatch.setattr(compare_report, "draw_plots", lambda comparison: [])


def test_differences_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    sft = planted(tmp_path / "sft", {"test": (ROWS, SFT)}, "sft", log=sft_log(20, 0.2, 0.6))
    grpo = planted(
        tmp_path / "grpo",
        {"test": (ROWS, GRPO), "own": (ROWS, GRPO)},
        "grpo",
        log=grpo_log(20, 0.6, 0.8),
    )
    assert main([str(sft), str(grpo), "--out", str(tmp_path / "page")]) == 0
    text = report(tmp_path / "page")
    assert "Left out is the evaluation own, which only" in text
    levels = table(text, "How right")
    assert levels["sft (reference)"][0] == "60.0 (31.3 to 83.2)", "Wilson's interval of 6 of 10"
    assert levels["grpo"][0] == "80.0 (49.0 to 94.3)"
    gained = table(text, "Against sft")
    value, better, worse, p = gained["grpo"][:4]
    assert value.startswith("+20.0 (") and (better, worse) == ("4", "2")
    assert p == f"{binomtest(4, 6).pvalue:.2f}" == "0.69"
    assert "sft" not in gained and {
        "never calls",
        "always the first tool",
        "random valid call",
    } <= set(gained)


def test_seeds_are_one_method(tmp_path: Path) -> None:
    runs = []
    rights = {"sft": [4, 5, 6], "dpo": [6, 8, 7]}
    for seed in range(3):
        home = tmp_path / f"seed-{seed}"
        for method, counts in rights.items():
            keys = {
                "seed": seed,
                "model": str(home / "warm"),
                "pairs": str(home / f"pairs-{seed}.jsonl"),
            }
            runs.append(
                planted(
                    home / method, {"test": (ROWS, right_on(range(counts[seed])))}, method, **keys
                )
            )
    runs.append(planted(tmp_path / "base", {"test": (ROWS, right_on([]))}))
    assert main([*map(str, runs), "--seeds", "--out", str(tmp_path / "page")]) == 0
    text = report(tmp_path / "page")
    assert "Seeds: sft 0, 1, 2; dpo 0, 1, 2; base none." in text
    levels = table(text, "Strict accuracy")
    assert levels["sft (reference)"][0].startswith("50.0 (") and levels["dpo"][0].startswith(
        "70.0 ("
    )
    value, interval = levels["dpo"][1].strip("*").split(" ", 1)
    assert value.strip("*") == "+20.0"
    low, high = (float(part.replace("−", "-")) for part in interval.strip("()").split(" to "))
    # Seeds gain 20, 30 and 10 points: Student's interval of their mean alone reaches 24.8 to each
    # side.
    reach = t.ppf(0.975, 2) * 10 / 3**0.5
    assert low < 20 - reach < 20 + reach < high
    each = table(text, "Each seed")
    assert each["dpo, seed 1"] == ["80.0 (49.0 to 94.3)", each["dpo, seed 1"][1], "3", "0", "0.25"]
    assert each["base"][1:] == ["–"] * 4
    assert "McNemar's p" in columns(text, "Each seed") and "McNemar's p" not in columns(
        text, "Against sft"
    )


def test_other_runs_can_be_the_reference(tmp_path: Path) -> None:
    sft = planted(tmp_path / "sft", {"test": (ROWS, SFT)}, "sft")
    right = planted(
        tmp_path / "rejection", {"test": (ROWS, GRPO)}, "sft", completions="right.jsonl"
    )
    base = planted(tmp_path / "base", {"test": (ROWS, right_on([]))})
    runs = [str(sft), str(right), str(base)]
    assert main([*runs, "--out", str(tmp_path / "one")]) == 0, (
        "SFT on its own completions is no reference"
    )
    assert "sft (reference)" in table(report(tmp_path / "one"), "How right")
    assert main([*runs, "--against", str(base), "--out", str(tmp_path / "two")]) == 0
    assert table(report(tmp_path / "two"), "Against base")["sft"][0].startswith("**+60.0**")


def test_cheaters_show_up_as_what_they_are(tmp_path: Path) -> None:
    rows = list(phone.generate(25, seed=11, split="test", no_call_share=0.3))
    rows = [one for original in rows for one in (original, *twins(original, Random(0)))]
    golds = {one.id: gold(one) for one in rows}
    tools = [
        json.dumps([{"name": one.tools[0]["function"]["name"], "arguments": {}}]) for one in rows
    ]
    tenfold = [
        json.dumps(json.loads(text.removeprefix("<tool_call>").removesuffix("</tool_call>")) * 10)
        for text in golds.values()
    ]
    policies: dict[str, list[str]] = {
        "honest": list(golds.values()),
        "mute": ["I can't do that."] * len(rows),
        "eager": tools,
        "tenfold": tenfold,
        "memoriser": [golds[original_id(str(one.id))] for one in rows],
    }
    runs = [
        str(planted(tmp_path / name, {"test": (rows, texts)})) for name, texts in policies.items()
    ]
    assert main([*runs, "--against", runs[0], "--out", str(tmp_path / "page")]) == 0
    text = report(tmp_path / "page")
    named = {
        name: dict(zip(columns(text, "How right"), cells, strict=True))
        for name, cells in table(text, "How right").items()
    }

    def figure(name: str, column: str) -> float:
        return float(named[name][column].split(" ")[0])

    balanced, abstains = "balanced accuracy of calling", "abstains where none is due"
    assert figure("honest (reference)", "strict accuracy") == 100.0
    assert (
        figure("mute", abstains),
        figure("mute", balanced),
        figure("never calls", balanced),
    ) == (100.0, 50.0, 50.0)
    assert (figure("eager", abstains), figure("eager", balanced)) == (0.0, 50.0)
    assert figure("tenfold", "does more than is due") == 100.0 and figure("tenfold", "reward") < 50
    dropped = table(text, "Twins")
    assert dropped["memoriser"][:1] == dropped["honest (reference)"][:1], (
        "on the rows that it knows it looks honest"
    )
    assert float(dropped["memoriser"][2].split(" ")[0]) > 20 and dropped["honest (reference)"][
        2
    ].startswith("0.0")
    assert dropped["memoriser"][3].startswith("100.0") and dropped["honest (reference)"][
        3
    ].startswith("0.0")
    assert gains(text)["mute"] < 0 and gains(text)["memoriser"] < 0


def gains(text: str) -> dict[str, float]:
    found = table(text, "Against honest")
    return {
        name: float(cells[0].split(" ")[0].strip("*").replace("−", "-"))
        for name, cells in found.items()
    }


def test_several_completions_of_a_row(tmp_path: Path) -> None:
    """Evaluated by the command, as a user would; the other tests plant what it leaves."""
    write_rows(tmp_path / "rows.jsonl", ROWS)
    runs = []
    for method, first in (("sft", right_on(range(10))), ("grpo", right_on([]))):
        run = planted(tmp_path / method, {}, method)
        texts = [
            {"id": one.id, "completion": text}
            for texts in (first, right_on([]))
            for one, text in zip(ROWS, texts, strict=True)
        ]
        (run / "written.jsonl").write_text("".join(json.dumps(line) + "\n" for line in texts))
        written = ["--completions", str(run / "written.jsonl"), "--out", str(run / "eval" / "many")]
        assert evaluate([str(tmp_path / "rows.jsonl"), *written]) == 0
        runs.append(str(run))
    assert main([*runs, "--out", str(tmp_path / "page")]) == 0
    text = report(tmp_path / "page")
    several = table(text, "Several completions")
    assert [cell.split(" ")[0] for cell in several["sft (reference)"][:2]] == ["50.0", "100.0"]
    assert [cell.split(" ")[0] for cell in several["never calls"][:2]] == ["0.0", "0.0"]
    assert table(text, "Against sft")["grpo"][0].startswith("**−50.0**")


def test_errors_as_a_part_of_the_references(tmp_path: Path) -> None:
    broken = ['<tool_call>[{"name": ', *SFT[1:]]
    runs = [planted(tmp_path / "sft", {"test": (ROWS, broken[:1] * 8 + SFT[8:])}, "sft")]
    runs += [planted(tmp_path / "dpo", {"test": (ROWS, broken[:1] * 4 + SFT[4:])}, "dpo")]
    assert main([*map(str, runs), "--out", str(tmp_path / "page")]) == 0
    text = report(tmp_path / "page")
    assert columns(text, "Errors against sft") == ["malformed", "does more than is due"], (
        "SFT makes up no tool"
    )
    errors = table(text, "Errors against sft")
    assert errors["dpo"][0].startswith("−50.0 (−") and errors["never calls"][0].startswith(
        "**−100.0**"
    )


def test_bfcl_in_its_own_scores(tmp_path: Path) -> None:
    """As `rlcall eval --suite bfcl` leaves the verdicts of BFCL's checker in bfcl.jsonl."""
    rows = [Row(one.messages, one.tools, one.answer, one.id, "simple_python") for one in ROWS]
    runs = []
    for method, right in (("sft", range(4)), ("grpo", range(10))):
        run = planted(tmp_path / method, {"bfcl": (rows, SFT)}, method)
        judged = {
            "bfcl": [place in right for place in range(10)],
            **{name: [False] * 10 for name in POLICIES},
        }
        EvaluationFolder(run / "eval/bfcl").write_bfcl(rows, judged)
        runs.append(str(run))
    assert main([*runs, "--out", str(tmp_path / "page")]) == 0
    text = report(tmp_path / "page")
    assert (
        columns(text, "BFCL, by its own checker")
        == columns(text, "BFCL, against sft")
        == ["simple_python (10)"]
    )
    levels, gained = table(text, "BFCL, by its own checker"), table(text, "BFCL, against sft")
    assert {name: cells[0].split(" ")[0] for name, cells in levels.items()} == {
        "sft (reference)": "40.0", "grpo": "100.0", **dict.fromkeys(POLICIES, "0.0")
    }  # fmt: skip
    assert gained["grpo"][0].startswith("**+60.0**") and gained["never calls"][0].startswith(
        "**−40.0**"
    )


def test_what_runs_took(tmp_path: Path) -> None:
    warm = planted(tmp_path / "warm", {}, "sft", log=sft_log(10, 0.1, 0.2))
    sft = planted(
        tmp_path / "sft", {"test": (ROWS, SFT)}, "sft", model=str(warm), log=sft_log(20, 0.2, 0.6)
    )
    passed = tmp_path / "passed.jsonl"
    write_cost(passed, SamplingCost(completions=64, seconds=12.4))
    keys = {"model": str(warm), "train_rows": str(passed)}
    grpo = planted(
        tmp_path / "grpo", {"test": (ROWS, GRPO)}, "grpo", log=grpo_log(20, 0.6, 0.8), **keys
    )
    assert main([str(sft), str(grpo), "--out", str(tmp_path / "page")]) == 0
    text = report(tmp_path / "page")
    lines = [
        line.strip("| ").split(" | ") for line in text[text.index("### Compute") :].splitlines()
    ]
    took = {": ".join(cells[:2]): cells[2:] for cells in lines if len(cells) == 7}
    assert took["grpo: start: warm"][:3] == ["10", "7,000", "–"]
    assert took["grpo: sampling 64 completions for passed.jsonl"] == ["–", "–", "–", "12", "–"]
    assert took["sft: sft"] == [
        "20",
        "14,000",
        "–",
        "40",
        "cpu",
    ]  # 2 s a step; a run's clock leaves validation out
    # 8 completions a step of 30 tokens.
    assert took["grpo: grpo"][:3] == ["20", "20,000", "4,800"]


def test_what_runs_took_where_they_were_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their configs have paths as they were given, as seen from where the command was."""
    monkeypatch.chdir(tmp_path)
    planted(Path("runs/warm"), {}, "sft", log=sft_log(10, 0.1, 0.2))
    Path("runs/pairs.jsonl").touch()
    write_cost(Path("runs/pairs.jsonl"), SamplingCost(completions=64, seconds=12.4))
    keys = {"model": "runs/warm", "pairs": "runs/pairs.jsonl"}
    planted(Path("runs/dpo"), {"test": (ROWS, GRPO)}, "dpo", log=sft_log(20, 0.2, 0.6), **keys)
    Path("runs").rename("elsewhere")
    costs_now = [cost.part for cost in costs(read_run(tmp_path / "elsewhere" / "dpo"))]
    assert costs_now == ["start: warm", "sampling 64 completions for pairs.jsonl", "sft"]


def test_the_whole_report(tmp_path: Path) -> None:
    """tests/golden/compare.md; `python -m tests.compare.test_compare FOLDER` writes it anew."""
    assert golden(tmp_path) == GOLDEN.read_text(encoding="utf-8")


def golden(folder: Path) -> str:
    """As the tests see it: without plots."""
    base = planted(folder / "base", {"test": (ROWS, ["I `can't`."] * 9 + [""])})
    sft = planted(folder / "sft", {"test": (ROWS, SFT)}, "sft", log=sft_log(20, 0.2, 0.6))
    grpo = planted(folder / "grpo", {"test": (ROWS, GRPO)}, "grpo", log=grpo_log(20, 0.6, 0.8))
    assert main([str(base), str(sft), str(grpo), "--out", str(folder / "page")]) == 0
    return report(folder / "page")


def test_how_runs_were_made(tmp_path: Path) -> None:
    base = planted(tmp_path / "base", {"test": (ROWS, SFT)})
    sft = planted(tmp_path / "sft", {"test": (ROWS, SFT)}, "sft")
    grpo = planted(
        tmp_path / "grpo",
        {"test": (ROWS, GRPO)},
        "grpo",
        versions={"torch": "2.12.1", "trl": "1.16.0"},
    )
    assert main([str(base), str(sft), str(grpo), "--out", str(tmp_path / "page")]) == 0
    text = report(tmp_path / "page")
    assert "base and sft: torch 2.13.0; grpo: torch 2.12.1, trl 1.16.0" in text
    commands = text[text.index("### Commands") :]
    assert (
        "| base | rlcall eval planted.jsonl |" in commands and "| grpo | rlcall grpo |" in commands
    )


def test_an_answer_that_names_no_call_is_not_shown_as_none(tmp_path: Path) -> None:
    """`"calls": "any"`, as BFCL's relevance has it: some call is due, whichever."""
    rows = [row({"calls": "any"}, [tool("f")], "any"), row({"calls": []}, [tool("f")], "idle")]
    call = '<tool_call>[{"name": "f", "arguments": {}}]</tool_call>'
    silent = planted(tmp_path / "sft", {"test": (rows, ["Hello", "Hello"])}, "sft")
    calling = planted(tmp_path / "grpo", {"test": (rows, [call, call])}, "grpo")
    assert main([str(silent), str(calling), "--out", str(tmp_path / "page")]) == 0
    text = report(tmp_path / "page")
    side = text[text.index("## Side by side") :]
    assert side.count('\n{"calls": "any"}\n') == side.count("\nno call is due\n") == 1


def test_as_a_program(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rlcall", "compare", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 2 and "is no run" in done.stderr and "Traceback" not in done.stderr


if __name__ == "__main__":
    compare_report.draw_plots = lambda comparison: []  # type: ignore[assignment]
    GOLDEN.write_text(golden(Path(sys.argv[1])), encoding="utf-8")
