"""`launch/dpo.py` as a user runs it, on the tiny model: one rank, two ranks, LoRA, and going on
after a stop."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch

from rlcall.train.main import main
from tests.train.test_launch import ROOT, changed, command, read, run

KEYS = ("--max_steps", "4", "--save_steps", "2", "--eval_size", "2", "--warm_start_steps", "1")
METRICS = (
    "logps/chosen",
    "logps/rejected",
    "rewards/chosen",
    "rewards/rejected",
    "rewards/margins",
)


def dpo_lines(folder: Path) -> list[dict[str, Any]]:
    return [line for line in read(folder / "metrics.jsonl") if line["phase"] == "dpo"]


def stopped_at_2(folder: Path, copy: Path) -> None:
    """The run as it would be had it been killed after its second step."""
    shutil.copytree(folder, copy)
    for made in ("checkpoint-4", "model"):
        shutil.rmtree(copy / made)
    record = read(copy / "run.json")
    del record["finished"]
    (copy / "run.json").write_text(json.dumps(record))
    results = read(copy / "evaluation.json")
    del results["dpo"]
    (copy / "evaluation.json").write_text(json.dumps(results))


def check_equal(folder: Path, copy: Path, output: str) -> None:
    """The copy went on after step 2 and ended as the run itself did."""
    assert (
        "warm start: done already" in output and "step 3/4" in output and "step 2/4" not in output
    )
    one, two = (path / "model" / "model.safetensors" for path in (folder, copy))
    assert one.read_bytes() == two.read_bytes(), "the resumed run has other weights"
    assert [line["step"] for line in dpo_lines(copy)] == [1, 2, 3, 4]
    assert [line["loss"] for line in dpo_lines(copy)] == [
        line["loss"] for line in dpo_lines(folder)
    ]


def test_dpo_and_the_same_again_after_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    output = run(command("launch/dpo.py", *KEYS, "--output_dir", str(folder)))
    assert "pairs: 64 made (" in output and "after DPO" in output and "| margin " in output
    assert list(read(folder / "evaluation.json")) == ["base", "warm_start", "dpo"]
    lines = dpo_lines(folder)
    assert [line["step"] for line in lines] == [1, 2, 3, 4] and all(
        set(METRICS) <= set(line) for line in lines
    )
    assert lines[0]["rewards/margins"] == pytest.approx(0, abs=1e-4), (
        "it begins as its own reference"
    )
    assert (
        changed(folder / "warm_start" / "model", folder / "model")
        and not (folder / ".reference").exists()
    )
    copy, threads = tmp_path / "copy", torch.get_num_threads()
    stopped_at_2(folder, copy)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.chdir(ROOT)
    try:
        assert (
            main(
                "dpo",
                [
                    "--config",
                    "configs/smoke/dpo.yaml",
                    *KEYS,
                    "--output_dir",
                    str(copy),
                    "--resume",
                ],
            )
            == 0
        )
    finally:
        torch.set_num_threads(threads)
    check_equal(folder, copy, capsys.readouterr().out)


TWO_RANKS = [
    pytest.param("zero2", 2, 0, False, id="zero2-full"),
    pytest.param("zero2", 2, 4, True, id="zero2-lora-precomputed"),
    pytest.param("zero3", 3, 4, False, id="zero3-lora"),
    pytest.param("zero3", 3, 0, True, id="zero3-full-precomputed"),
    pytest.param("cpu2", 0, 0, True, id="ddp-full-precomputed"),
    pytest.param("cpu2", 0, 4, False, id="ddp-lora"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("config", "stage", "lora", "precompute"), TWO_RANKS)
def test_dpo_on_two_ranks(
    tmp_path: Path, config: str, stage: int, lora: int, precompute: bool
) -> None:
    folder = tmp_path / "run"
    keys = (*KEYS, "--ranks", "2", "--zero_stage", str(stage), "--lora_rank", str(lora))
    keys += (
        "--precompute_ref_log_probs",
        str(precompute).lower(),
        "--per_device_train_batch_size",
        "2",
    )
    line = command("launch/dpo.py", *keys, config=config)
    run([*line, "--output_dir", str(folder)])
    record = read(folder / "run.json")
    assert record["engines"]["dpo"]["engine"] == (
        "DeepSpeedEngine" if stage else "DistributedDataParallel"
    )
    for hashes in record["weights"].values():
        assert len(hashes) == 2 and len(set(hashes)) == 1, "the ranks ended with different weights"
    assert dpo_lines(folder)[0]["rewards/margins"] == pytest.approx(0, abs=1e-4)
    assert changed(folder / "warm_start" / "model", folder / "model")
    assert (folder / "checkpoint-4" / "adapter_model.safetensors").is_file() == bool(lora)
    stopped_at_2(folder, tmp_path / "copy")
    check_equal(
        folder, tmp_path / "copy", run([*line, "--output_dir", str(tmp_path / "copy"), "--resume"])
    )


@pytest.mark.slow
def test_precomputed_log_probabilities_train_the_same_model(tmp_path: Path) -> None:
    """To the bit, as long as the pairs of a batch are next to each other in both; so one pair
    a batch."""
    for name, precompute in (("before", "true"), ("during", "false")):
        keys = ("--precompute_ref_log_probs", precompute, "--per_device_train_batch_size", "1")
        run(command("launch/dpo.py", *KEYS, *keys, "--output_dir", str(tmp_path / name)))
    one, two = (tmp_path / name / "model" / "model.safetensors" for name in ("before", "during"))
    assert one.read_bytes() == two.read_bytes()
