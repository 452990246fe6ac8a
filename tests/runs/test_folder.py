"""The folder of a run: who writes, what a killed run leaves, and which run made a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlcall.runs.folder import RunFolder, RunFolderError, checkpoints_in
from rlcall.runs.origin import is_sft_run, run_of, taught_wire


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path, writes=True)


def test_what_is_written_is_read(run: RunFolder) -> None:
    run.update_metadata(method="grpo", seconds=2.5)
    run.update_metadata(seconds=3.5)
    run.write_config({"model": "tiny", "gates": None, "learning_rate": 1e-5, "save_strategy": "no"})
    run.add_evaluation("base", {"rows": 1}, [{"id": "r1"}])
    run.add_evaluation("grpo", {"rows": 2}, [{"id": "r1"}])
    run.add_validation(20, [{"id": "v1"}])
    assert run.metadata() == {"method": "grpo", "seconds": 3.5}
    config = {"model": "tiny", "gates": None, "learning_rate": 1e-5, "save_strategy": "no"}
    assert run.config() == {**config, "output_dir": str(run.path)}
    assert run.evaluations() == {"base": {"rows": 1}, "grpo": {"rows": 2}}
    assert (run.path / "evaluation" / "base.jsonl").read_text() == '{"id": "r1"}\n'
    assert run.validation_steps() == [20] and run.validation(20) == [{"id": "v1"}]


def test_an_empty_folder_is_no_run(run: RunFolder) -> None:
    assert not run.is_run and run.metadata() == run.config() == run.evaluations() == {}
    assert run.log() == run.validation_steps() == [] and run.last_seconds() == 0.0


def test_only_rank_0_writes(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run", writes=False)
    run.update_metadata(a=1)
    run.write_config({"model": "tiny"})
    run.append_metrics({"phase": "grpo", "step": 1})
    run.append_samples([{"phase": "grpo", "step": 1}])
    run.add_evaluation("base", {"rows": 1}, [{}])
    run.add_validation(20, [{}])
    assert not (tmp_path / "run").exists()


def test_the_log_forgets_what_lies_beyond_a_checkpoint(run: RunFolder) -> None:
    steps = [("warm_start", 1), ("warm_start", 2), ("grpo", 1), ("grpo", 2), ("grpo", 3)]
    for phase, step in steps:
        run.append_metrics({"phase": phase, "step": step})
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"phase": "grpo", "st')  # the process was killed here
    run.forget_after("grpo", 1)
    assert [(line["phase"], line["step"]) for line in run.log()] == steps[:3]
    assert len((run.path / "metrics.jsonl").read_text().splitlines()) == 3


def test_a_completion_with_other_line_ends_is_one_line(run: RunFolder) -> None:
    sample = {"phase": "grpo", "step": 1, "completion": "one\u2028two\x85three\rfour"}
    run.append_samples([sample, {**sample, "step": 2}])
    run.forget_after("grpo", 1)
    text = json.dumps(sample, ensure_ascii=False) + "\n"
    assert (run.path / "samples.jsonl").read_text() == text


def test_the_seconds_of_an_interrupted_run(run: RunFolder) -> None:
    (run.path / "metrics.jsonl").write_text('{"seconds": 1.5}\n{"seconds": 2.5}\n{"seco')
    assert run.last_seconds() == 2.5


def test_the_newest_checkpoint_comes_first(tmp_path: Path) -> None:
    for name in ("checkpoint-9", "checkpoint-10", "checkpoint-best", "torn-checkpoint-12"):
        (tmp_path / name).mkdir()
    assert checkpoints_in(tmp_path) == [tmp_path / "checkpoint-10", tmp_path / "checkpoint-9"]


def test_an_edited_file_is_named(run: RunFolder) -> None:
    (run.path / "run.json").write_text("{")
    with pytest.raises(RunFolderError, match=r"run\.json: is not JSON"):
        run.metadata()


def test_a_model_is_of_the_run_that_its_folder_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(tmp_path / "run", writes=True)
    run.update_metadata(wire="hermes")
    run.model.mkdir()
    assert run_of(str(run.path)) == run_of(str(run.model)) == RunFolder(run.path)
    warm_start = run.warm_start
    for inner in (warm_start / "model", warm_start / "checkpoint-8", run.best / "weights"):
        inner.mkdir(parents=True)
        assert run_of(str(inner)) == RunFolder(run.path), "a level further down"
        assert taught_wire(str(inner)) == "hermes"
    (warm_start / "model" / "a" / "b").mkdir(parents=True)
    assert run_of(str(warm_start / "model" / "a")) is None, "nothing that a run writes"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert taught_wire("~/run/model") == "hermes"
    assert run_of(str(tmp_path)) is None and run_of("org/model") is None
    monkeypatch.chdir(run.path)
    assert run_of("smollm2-135m") is None, "a name, not a folder in this run's"
    monkeypatch.chdir(run.model)
    assert taught_wire(".") == "hermes"


def test_a_model_of_an_sft_run_is_recognised(tmp_path: Path) -> None:
    for method in ("sft", "grpo"):
        run = RunFolder(tmp_path / method, writes=True)
        run.update_metadata(method=method)
        run.model.mkdir()
    assert is_sft_run(str(tmp_path / "sft")) and is_sft_run(str(tmp_path / "sft" / "model"))
    assert not is_sft_run(str(tmp_path / "grpo" / "model")) and not is_sft_run("smollm2-135m")


def test_a_model_of_a_warm_start_is_of_its_run_and_made_by_sft(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "grpo", writes=True)
    run.update_metadata(method="grpo", wire="hermes")
    for name in ("checkpoint-8", "model"):
        folder = run.warm_start / name
        folder.mkdir(parents=True)
        assert run_of(str(folder)) == RunFolder(run.path)
        assert taught_wire(str(folder)) == "hermes" and is_sft_run(str(folder))
    (run.warm_start / "model" / "deeper").mkdir()
    assert run_of(str(run.warm_start / "model" / "deeper")) is None
