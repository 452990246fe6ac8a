"""What cannot be compared is refused, and the message names the difference and the remedy."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rlcall.cli.compare import main
from rlcall.compare.methods import name_of
from rlcall.files.yaml import dump_yaml
from tests.compare.test_compare import ROWS, right_on
from tests.support.compare_runs import evaluated, planted
from tests.support.judged import due, row, tool

SFT, GRPO = right_on(range(6)), right_on(range(8))


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    planted(folder / "sft", {"test": (ROWS, SFT)}, "sft")
    planted(folder / "grpo", {"test": (ROWS, GRPO)}, "grpo")
    return folder


def edit(file: Path, **changes: Any) -> None:
    values = {**json.loads(file.read_text()), **changes}
    file.write_text(json.dumps({key: value for key, value in values.items() if value is not None}))


def again(run: Path, rows: Any, completions: Any, *options: str) -> None:
    shutil.rmtree(run / "eval" / "test")
    evaluated(run / "eval" / "test", rows, completions, *options)


def other_content(folder: Path) -> None:
    changed = [*ROWS[:3], row(due("call", who="Q"), ROWS[3].tools, "r3"), *ROWS[4:]]
    again(folder, changed, GRPO)


def other_ids(folder: Path) -> None:
    again(
        folder,
        [row(due("call", who="P"), [tool("call", who="string")], f"s{n}") for n in range(10)],
        GRPO,
    )


def emptied(folder: Path) -> None:
    shutil.rmtree(folder / "eval")
    (folder / "run.json").unlink()


def torn(folder: Path) -> None:
    file = folder / "eval" / "test" / "verdicts.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:7]))


FAULTS: dict[str, tuple[Callable[[Path], Any], list[str]]] = {
    "unfinished": (lambda run: edit(run / "run.json", finished=None), ["is not finished", "--resume"]),
    "no evaluation": (lambda run: shutil.rmtree(run / "eval"), ["holds no evaluation", "rlcall eval", "--out"]),
    "no run": (emptied, ["is no run", "run.json nor eval/"]),
    "torn evaluation": (torn, ["has 7 of 10 completions", "again"]),
    "evaluation without metrics": (lambda run: (run / "eval/test/metrics.json").unlink(), ["no metrics.json", "again"]),
    "broken json": (lambda run: (run / "run.json").write_text("{"), ["run.json: is not JSON"]),
    "broken settings": (lambda run: (run / "eval/test/settings.json").write_text("{"), ["eval/test", "cannot be read"]),
    "config not copied": (lambda run: (run / "config.yaml").unlink(), ["config.yaml is missing", "whole folder"]),
    "broken config": (lambda run: (run / "config.yaml").write_text("a: [b"), ["config.yaml"]),
    "other name": (lambda run: (run / "eval/test").rename(run / "eval/mine"), ["is in all of these runs", "mine"]),
    "other ids": (other_ids, ["row 1 is 's0' in the one and 'r0'", "Evaluate both with the same rows"]),
    "other contents": (other_content, ["row 4, 'r3', has other answer"]),
    "fewer rows": (lambda run: again(run, ROWS[:9], GRPO[:9]), ["9 rows and 10 rows"]),
    "other rewards": (lambda run: again(run, ROWS, GRPO, "strict"), ["rewards is 'strict'", "'graded'"]),
    "more samples": (lambda run: again(run, ROWS, [[one, one] for one in GRPO]), ["samples is 2", "and 1"]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_refused(two_runs: Path, tmp_path: Path, capsys: Any, fault: str) -> None:
    shutil.copytree(two_runs, tmp_path / "runs")
    spoil, said = FAULTS[fault]
    spoil(tmp_path / "runs" / "grpo")
    refused(tmp_path, capsys, ["sft", "grpo"], said)


def refused(folder: Path, capsys: Any, runs: list[str], said: list[str], *options: str) -> None:
    capsys.readouterr()
    assert (
        main(
            [*(str(folder / "runs" / run) for run in runs), *options, "--out", str(folder / "page")]
        )
        == 2
    )
    error = capsys.readouterr().err
    assert all(part in error for part in said), error
    assert not (folder / "page").exists()


def test_decoding_differs(two_runs: Path, tmp_path: Path, capsys: Any) -> None:
    shutil.copytree(two_runs, tmp_path / "runs")
    for run, temperature in (("sft", 0.0), ("grpo", 1.0)):
        edit(
            tmp_path / "runs" / run / "eval/test/settings.json", temperature=temperature, model=run
        )
    refused(
        tmp_path, capsys, ["sft", "grpo"], ["temperature is 1.0 in the one and 0.0 in the other"]
    )


def test_reference_must_be_clear(two_runs: Path, tmp_path: Path, capsys: Any) -> None:
    shutil.copytree(two_runs, tmp_path / "runs")
    refused(tmp_path, capsys, ["grpo"], ["none of the runs is SFT", "--against RUN"])
    refused(tmp_path, capsys, ["sft", "sft"], ["is given twice"])
    refused(
        tmp_path,
        capsys,
        ["sft", "grpo"],
        ["none of the runs; they are sft, grpo"],
        "--against",
        "elsewhere",
    )
    for name in ("sft-short", "sft-long"):
        shutil.copytree(two_runs / "sft", tmp_path / "runs" / name)
    refused(tmp_path, capsys, ["sft-short", "sft-long"], ["sft-short, sft-long are all SFT"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"learning_rate": 1e-4}, ["differ in more than the seed", "learning_rate", "0.0001"]),
        ({"seed": 0}, ["have one name and the same seed, 0"]),
        ({"model": "runs/other/warm_start"}, ["differ in more than the seed", "model is"]),
    ],
)
def test_seeds_are_not_mixed_with_other_settings(
    tmp_path: Path, capsys: Any, changes: dict[str, Any], said: list[str]
) -> None:
    for seed in (0, 1):
        home = tmp_path / "runs" / f"seed-{seed}"
        keys = {"seed": seed, "model": str(home / "warm_start"), "learning_rate": 1e-5}
        planted(home / "sft", {"test": (ROWS, SFT)}, "sft", **{**keys, **(changes if seed else {})})
    refused(tmp_path, capsys, ["seed-0/sft", "seed-1/sft"], said, "--seeds")


def test_an_untrained_model_has_one_place(tmp_path: Path, capsys: Any) -> None:
    for seed in (0, 1):
        planted(tmp_path / "runs" / f"seed-{seed}" / "base", {"test": (ROWS, SFT)})
    refused(
        tmp_path,
        capsys,
        ["seed-0/base", "seed-1/base"],
        ["no seed, being untrained", "give one of them"],
        "--seeds",
    )


def test_without_matplotlib(two_runs: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith(("matplotlib", "rlcall.compare"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert (
        main([str(two_runs / "sft"), str(two_runs / "grpo"), "--out", str(two_runs / "page")]) == 2
    )
    assert "pip install 'rlcall[plots]'" in capsys.readouterr().err


def test_config_without_a_seed_key_is_read(two_runs: Path, tmp_path: Path) -> None:
    shutil.copytree(two_runs, tmp_path / "runs")
    file = tmp_path / "runs" / "sft" / "config.yaml"
    file.write_text(dump_yaml({"model": "m"}))
    from rlcall.compare.runs import read_run

    assert read_run(file.parent).seed == 42


@pytest.mark.parametrize(
    "path", ["runs/grpo", "runs/grpo-seed1", "runs/grpo_s2", "runs/seed-3/grpo", "runs/grpo/seed4"]
)
def test_names_without_seeds(path: str) -> None:
    assert name_of(Path(path)) == "grpo"


def test_a_reward_that_is_not_shipped_is_run_only_where_it_is_asked_for(
    two_runs: Path, tmp_path: Path, capsys: Any
) -> None:
    """A folder that came by mail would have its rules run otherwise."""
    folder, own = tmp_path / "runs", tmp_path / "own.yaml"
    shutil.copytree(two_runs, folder)
    own.write_text("rewards: {name: 1.0, values: 1.0}\n")
    for run, texts in (("sft", SFT), ("grpo", GRPO)):
        again(folder / run, ROWS, texts, str(own))
    argv = [str(folder / "sft"), str(folder / "grpo"), "--out", str(tmp_path / "page")]
    assert main(argv) == 2
    assert f"if you trust it, add --rewards {own}" in capsys.readouterr().err
    assert main([*argv, "--rewards", str(own)]) == 0


def test_an_evaluation_that_is_being_written_is_left_as_it_is(
    two_runs: Path, tmp_path: Path, capsys: Any
) -> None:
    folder = tmp_path / "runs"
    shutil.copytree(two_runs, folder)
    verdicts = folder / "grpo" / "eval" / "test" / "verdicts.jsonl"
    begun = verdicts.read_bytes()[:-20]
    verdicts.write_bytes(begun)
    assert main([str(folder / "sft"), str(folder / "grpo"), "--out", str(tmp_path / "page")]) == 2
    assert "has 9 of 10 completions" in capsys.readouterr().err and verdicts.read_bytes() == begun
