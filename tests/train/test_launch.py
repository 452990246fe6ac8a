"""The real launchers as a user runs them, on the tiny model: ranks, ZeRO stages, LoRA, refusals,
Ctrl-C and resume."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from rlcall.data.rows import write_rows
from rlcall.runs.folder import step_of
from rlcall.tasks import phone

pytest.importorskip("trl", reason="the training extra is not installed")

ROOT = Path(__file__).resolve().parents[2]
ACCELERATE = str(Path(sys.executable).with_name("accelerate"))
TOOLRL = (
    Path(os.environ.get("RLCALL_TEST_DATA", ROOT.parent / "shared" / "data"))
    / "toolrl"
    / "rlla_sft.json"
)
PATIENCE = 300  # seconds: with other work on all cores, importing torch alone takes minutes
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}


def command(
    script: str, *argv: str, config: str | None = None, launcher: tuple[str, ...] = ()
) -> list[str]:
    how = (
        ("--config_file", f"configs/accelerate/{config}.yaml")
        if config
        else ("--num_processes", "1")
    )
    method = Path(script).stem
    return [
        ACCELERATE,
        "launch",
        *how,
        *launcher,
        script,
        "--config",
        f"configs/smoke/{method}.yaml",
        *argv,
    ]


def rlcall(*argv: str) -> list[str]:
    """The same `main` without accelerate's launcher."""
    return [sys.executable, "-m", "rlcall", "grpo", *argv]


@contextmanager
def started(line: list[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a terminal starts it. Whatever happens, none of its ranks is left behind."""
    environ = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("ACCELERATE_", "RANK", "WORLD"))
    }
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    options["preexec_fn"] = lambda: signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # a background job ignores Ctrl-C
    process = subprocess.Popen(
        line, cwd=ROOT, env={**environ, **ENVIRONMENT, **environment}, **options
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            for one in [*psutil.Process(process.pid).children(recursive=True), process]:
                one.kill()


def launch(line: list[str], **environment: str) -> tuple[int, str]:
    """Exit status and everything printed."""
    with started(line, **environment) as process:
        output, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, output


def run(line: list[str], **environment: str) -> str:
    status, output = launch(line, **environment)
    assert status == 0, output[-4000:]
    return output


def read(path: Path) -> Any:
    text = path.read_text()
    return (
        [json.loads(line) for line in text.splitlines()]
        if path.suffix == ".jsonl"
        else json.loads(text)
    )


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half of the rows are due no call, so that even the tiny model earns something."""
    made = list(phone.generate(200, seed=3))
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    idle = [row for row in made if not row.answer["calls"]][:8]
    busy = [row for row in made if row.answer["calls"]][:8]
    write_rows(path, [row for pair in zip(idle, busy, strict=True) for row in pair])
    return path


def check_run(folder: Path, *, ranks: int, engine: str, stage: int) -> dict[str, Any]:
    """What every finished GRPO run leaves behind."""
    record = read(folder / "run.json")
    runtime = record["runtime"]
    assert (runtime["ranks"], runtime["engine"], runtime["zero_stage"]) == (ranks, engine, stage)
    wrapped = (
        "DeepSpeedEngine"
        if stage
        else "DistributedDataParallel"
        if ranks > 1
        else "LlamaForCausalLM"
    )
    assert record["engines"]["grpo"]["engine"] == wrapped
    assert record["finished"] and record["versions"]["torch"] and record["runtime"]["device"]
    for hashes in record["weights"].values():
        assert len(hashes) == ranks and len(set(hashes)) == 1, (
            "the ranks ended with different weights"
        )
    metrics = read(folder / "metrics.jsonl")
    rewards = [line["reward"] for line in metrics if line["phase"] == "grpo"]
    assert [line["step"] for line in metrics if line["phase"] == "grpo"] == [1, 2]
    assert len(rewards) == 2 and max(rewards) > 0
    assert all(0 <= line["rules/correct"] <= 1 for line in metrics if line["phase"] == "grpo")
    samples = read(folder / "samples.jsonl")
    assert {"id", "request", "completion", "correct", "reward", "errors"} <= set(samples[0])
    assert (
        not list(folder.rglob(".*part"))
        and not (folder / ".partial").exists()
        and not (folder / ".trained").exists()
    )
    return record


def test_sft_then_grpo_then_plain_transformers(tmp_path: Path, rows: Path) -> None:
    sft, grpo = tmp_path / "sft", tmp_path / "grpo"
    output = run(command("launch/sft.py", "--output_dir", str(sft), "--wire", "hermes"))
    assert "1 rank" in output and "after SFT" in output and str(sft / "model") in output
    assert read(sft / "evaluation.json")["sft"]["rows"] == 8

    line = command(
        "launch/grpo.py", "--output_dir", str(grpo), "--model", str(sft), "--train_rows", str(rows)
    )
    output = run(line)
    assert "warm start: skipped" in output and "95 % interval" in output
    assert "calls written as hermes" in output, (
        "the format that SFT taught, which is not the template's own"
    )
    check_run(grpo, ranks=1, engine="plain PyTorch", stage=0)
    assert list(read(grpo / "evaluation.json")) == ["base", "grpo"]

    from transformers import AutoModelForCausalLM, AutoTokenizer

    from rlcall import wire
    from rlcall.data.rows import read_rows
    from rlcall.model.prompts import render_prompt
    from rlcall.model.sample import open_model

    assert all(open_model(str(place), None).wire == "hermes" for place in (grpo, grpo / "model"))
    assert open_model(str(grpo), "smollm2").wire == "smollm2"
    model, tokenizer = (
        kind.from_pretrained(grpo / "model") for kind in (AutoModelForCausalLM, AutoTokenizer)
    )
    row = read_rows(rows)[0]
    ids = tokenizer(render_prompt(row, tokenizer, "hermes"), return_tensors="pt")
    written = model.generate(**ids, max_new_tokens=8, do_sample=False)[
        0, ids["input_ids"].shape[1] :
    ]
    parsed = wire.parse(tokenizer.decode(written), row.tools, "hermes")
    assert parsed.wire == "hermes"

    again = rlcall(*line[line.index("--config") :])
    status, output = launch(again)
    assert status == 2 and "holds a run that finished" in output
    before = (grpo / "model" / "model.safetensors").read_bytes()
    assert "nothing to resume" in run([*again, "--resume"])
    assert (grpo / "model" / "model.safetensors").read_bytes() == before


@contextmanager
def hub() -> Iterator[tuple[str, list[str]]]:
    """A hub that has nothing, and the paths it was asked for."""
    asked: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


@pytest.mark.skipif(
    not TOOLRL.is_file(), reason=f"no ToolRL rows at {TOOLRL}; set RLCALL_TEST_DATA"
)
def test_grpo_on_toolrls_rows(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    keys = (
        "--train_rows",
        f"toolrl:{TOOLRL}",
        "--eval_rows",
        "null",
        "--train_size",
        "32",
        "--warm_start_steps",
        "1",
    )
    batch = ("--per_device_train_batch_size", "4", "--lora_rank", "4", "--output_dir", str(folder))
    with hub() as (address, asked):
        output = run(
            command("launch/grpo.py", *keys, *batch), HF_HUB_OFFLINE="0", HF_ENDPOINT=address
        )
    assert asked == [], "a run on local rows and a local model called the hub"
    assert "read until there were 32 rows" in output and "set aside" in output
    assert [line["step"] for line in read(folder / "metrics.jsonl") if line["phase"] == "grpo"] == [
        1,
        2,
    ]
    assert all(sample["id"].startswith("rlla_sft-") for sample in read(folder / "samples.jsonl"))
    assert (
        not (folder / "evaluation.json").exists()
        and (folder / "model" / "model.safetensors").is_file()
    )


TWO_RANKS = [
    pytest.param("zero2", 2, 0, id="zero2-full", marks=pytest.mark.slow),
    pytest.param("zero3", 3, 4, id="zero3-lora"),
    pytest.param("zero2", 2, 4, id="zero2-lora", marks=pytest.mark.slow),
    pytest.param("zero3", 3, 0, id="zero3-full", marks=pytest.mark.slow),
    pytest.param("zero1", 1, 0, id="zero1-full", marks=pytest.mark.slow),
    pytest.param("cpu2", 0, 0, id="ddp-full", marks=pytest.mark.slow),
    pytest.param("cpu2", 0, 4, id="ddp-lora", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("config", "stage", "lora"), TWO_RANKS)
def test_grpo_on_two_ranks(tmp_path: Path, rows: Path, config: str, stage: int, lora: int) -> None:
    folder = tmp_path / "run"
    keys = (
        "--ranks",
        "2",
        "--zero_stage",
        str(stage),
        "--lora_rank",
        str(lora),
        "--train_rows",
        str(rows),
    )
    built = tmp_path / "extensions"
    output = run(
        command("launch/grpo.py", "--output_dir", str(folder), *keys, config=config),
        TORCH_EXTENSIONS_DIR=str(built),
    )
    assert not list(built.glob("**/*.so")), "DeepSpeed compiled something, which needs a compiler"
    engine = f"DeepSpeed ZeRO-{stage}" if stage else "DDP"
    assert output.count(f"running on: 2 ranks (gloo) · {engine}") == 1, "only rank 0 speaks"
    record = check_run(folder, ranks=2, engine=engine, stage=stage)
    assert list(record["weights"]) == ["warm_start", "grpo"]
    assert list(read(folder / "evaluation.json")) == ["base", "warm_start", "grpo"]
    assert changed(folder / "base", folder / "warm_start" / "model"), (
        "the warm start trained nothing"
    )
    assert (folder / "checkpoint-2" / "adapter_model.safetensors").is_file() == bool(lora)


def changed(before: Path, after: Path) -> bool:
    """Whether two models of the same shape have other weights."""
    import torch
    from safetensors.torch import load_file

    one, two = (load_file(folder / "model.safetensors") for folder in (before, after))
    assert {name: tensor.shape for name, tensor in one.items()} == {
        name: tensor.shape for name, tensor in two.items()
    }
    assert all(torch.isfinite(tensor).all() for tensor in two.values())
    return any(not torch.equal(tensor, two[name]) for name, tensor in one.items())


@pytest.mark.slow
def test_sft_on_two_ranks(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    keys = ("--ranks", "2", "--zero_stage", "3", "--lora_rank", "4")
    run(command("launch/sft.py", "--output_dir", str(folder), *keys, config="zero3"))
    hashes = read(folder / "run.json")["weights"]["sft"]
    assert len(hashes) == 2 and len(set(hashes)) == 1
    assert changed(folder / "base", folder / "model")


WRONG_LAUNCHES = [
    pytest.param(
        {"config": "zero3"}, ("--zero_stage", "2"), {}, "configs/accelerate/zero2.yaml", id="stage"
    ),
    pytest.param(
        {"config": "zero2", "launcher": ("--cpu",)},
        (),
        {},
        "zero2.yaml asks for 2 ranks",
        id="cpu-flag",
    ),
    pytest.param(
        {}, ("--ranks", "2"), {}, "cpu2.yaml --num_processes 2", id="ranks", marks=pytest.mark.slow
    ),
    pytest.param(
        {"config": "cpu2"},
        ("--use_cpu", "false"),
        {},
        "would train apart",
        id="apart",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        {"config": "zero2"},
        (),
        {"ACCELERATE_USE_CPU": "true"},
        "switches DeepSpeed off",
        id="use-cpu",
        marks=pytest.mark.slow,
    ),
]


@pytest.mark.parametrize(("how", "keys", "environment", "message"), WRONG_LAUNCHES)
def test_a_launch_that_is_not_what_was_asked_for_ends_at_once(
    tmp_path: Path,
    how: dict[str, Any],
    keys: tuple[str, ...],
    environment: dict[str, str],
    message: str,
) -> None:
    folder = tmp_path / "run"
    status, output = launch(
        command("launch/grpo.py", "--output_dir", str(folder), *keys, **how), **environment
    )
    assert status != 0
    assert message in output and output.count("error: ") == 1
    assert not folder.exists(), "nothing may be trained or written"


@pytest.mark.slow
def test_multi_cpu_which_starts_one_process_is_found_out(tmp_path: Path) -> None:
    text = (ROOT / "configs/accelerate/cpu2.yaml").read_text()
    path = tmp_path / "multi_cpu.yaml"
    path.write_text(
        text.replace("MULTI_GPU", "MULTI_CPU").replace("use_cpu: false", "use_cpu: true")
    )
    line = command(
        "launch/grpo.py",
        "--output_dir",
        str(tmp_path / "run"),
        launcher=("--config_file", str(path)),
    )
    status, output = launch([part for part in line if part not in ("--num_processes", "1")])
    assert status != 0 and "asks for 2 ranks" in output


def test_ctrl_c_leaves_a_whole_checkpoint_to_resume_from(tmp_path: Path, rows: Path) -> None:
    folder = tmp_path / "run"
    keys = (
        "--max_steps",
        "400",
        "--save_total_limit",
        "2",
        "--train_rows",
        str(rows),
        "--eval_size",
        "2",
    )
    line = rlcall("--config", "configs/smoke/grpo.yaml", "--output_dir", str(folder), *keys)
    with started(line) as process:
        wait_for(lambda: any(step_of(path) >= 3 for path in folder.glob("checkpoint-*")), process)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and "Traceback" not in output
    assert output.splitlines()[-1].endswith("--resume") and "last whole checkpoint" in output
    kept = sorted(folder.glob("checkpoint-*"), key=step_of)
    assert len(kept) in (2, 3), "the oldest goes once the newest is in place"
    assert all((path / "trainer_state.json").is_file() for path in kept)

    (folder / "checkpoint-390").mkdir()  # torn: it has no manifest.json
    step = step_of(kept[-1])
    again = [*line[: line.index("--max_steps")], "--max_steps", str(step + 1), *keys[2:]]
    status, output = launch(again)
    assert status == 2 and "unfinished run" in output and kept[-1].name in output
    output = run([*again, "--resume"])
    steps = [entry["step"] for entry in read(folder / "metrics.jsonl") if entry["phase"] == "grpo"]
    assert steps == list(range(1, step + 2)), "each step is logged once"
    assert "warm start: done already" in output and "max_steps: 400 ->" in output
    assert "checkpoint-390 is torn" in output and f"goes on from {kept[-1]}" in output


def wait_for(condition: Any, process: subprocess.Popen[str], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()[0][-4000:]
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("keys", "parts"),
    [
        (["--learning_rat", "1"], ["'learning_rat'", "'learning_rate'"]),
        (["--train_rows", "missing.jsonl"], ["missing.jsonl", "cannot be read"]),
        (["--train_rows", "{bad}"], ["bad.jsonl, line 2", "answer"]),
        (["--train_rows", "phone:all"], ["phone:all", "train, validation, test"]),
        (["--eval_rows", "{empty}"], ["empty.jsonl", "no rows"]),
        (["--rewards", "no_such_preset"], ["no_such_preset", "graded"]),
        (["--rewards", "{{no_such_rule: 1.0}}"], ["no_such_rule", "parses"]),
        (["--rows_options", "{{phrasing: 2}}"], ["'phrasing'", "phrasings"]),
        (["--output_dir", "{used}"], ["used", "model"]),
        (["--resume"], ["holds no run to resume"]),
        (["--num_generations", "3"], ["TRL refuses", "num_generations"]),
        (["--train_size", "1"], ["different prompts", "train_rows gives 1"]),
        (["--warm_start_batch_size", "0"], ["warm_start_batch_size"]),
        (["--model", "./no-such-model"], ["no-such-model", "Tried, in order"]),
        (["--wire", "no-such-format"], ["no-such-format", "smollm2"]),
    ],
    ids=lambda value: value[0].strip("-") if isinstance(value, list) else None,
)
def test_a_mistake_is_one_clear_message(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    keys: list[str],
    parts: list[str],
) -> None:
    from rlcall.train.main import main

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    good = json.dumps(next(iter(phone.generate(1, seed=0))).to_json())
    (tmp_path / "bad.jsonl").write_text(good + "\n" + good.replace('"answer"', '"anwser"') + "\n")
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "used" / "model").mkdir(parents=True)
    places = {name: str(tmp_path / f"{name}.jsonl") for name in ("bad", "empty")} | {
        "used": str(tmp_path / "used")
    }
    folder = tmp_path / "run"
    argv = [
        "--config",
        "configs/smoke/grpo.yaml",
        "--output_dir",
        str(folder),
        *(key.format(**places) for key in keys),
    ]
    monkeypatch.chdir(ROOT)
    assert main("grpo", argv) == 2
    message = capfd.readouterr().err
    assert all(part in message for part in ["error: ", *parts]), message
    assert "Traceback" not in message and not (folder / "run.json").exists(), (
        "the next try is not a resumed run"
    )


def test_without_the_training_extra_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rlcall.train import main as module

    monkeypatch.setattr(
        module.importlib.util, "find_spec", lambda name: None if name == "trl" else name
    )
    assert module.main("grpo", []) == 2
    assert "pip install 'rlcall[train]'" in capsys.readouterr().err


def test_the_command_starts_without_torch() -> None:
    code = (
        "import sys; from rlcall.__main__ import main;"
        "assert main(['--help']) == 0; assert main(['grpo', '--help']) == 0;"
        "assert main(['nothing']) == 2; assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "warm_start_steps" in done.stdout and "no such command: nothing" in done.stderr
