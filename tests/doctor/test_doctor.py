"""The doctor: what it finds in planted configs, what it estimates, and its two steps for real on
the tiny model."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

from rlcall.cli import doctor as cli_doctor
from rlcall.doctor import examine as module
from rlcall.doctor import memory, two_steps
from rlcall.doctor.finding import RunFinding
from rlcall.doctor.machine import Machine
from rlcall.doctor.versions import KNOWN_CONFLICTS, check_known, check_required
from rlcall.files.yaml import dump_yaml
from rlcall.train.settings import RunConfig

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
CASES = [json.loads(line) for line in GOLDEN.joinpath("doctor.jsonl").open(encoding="utf-8")]
MACHINE = Machine("cpu", 1, 2, 16_000_000_000)
LONG_ENOUGH = {"max_completion_length": 80, "eval_max_new_tokens": 80}


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the checkout, on a small machine without a GPU, without a hub, and with nothing of
    other tests' launches."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("ACCELERATE_USE_CPU", raising=False)
    monkeypatch.setattr(module, "look_at_machine", lambda: MACHINE)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def argv_of(case: dict[str, Any], folder: Path, model: Path) -> list[str]:
    """The case as a command line: the smoke config, the tiny model, the case's keys."""
    (folder / "used" / "model").mkdir(parents=True)
    (folder / "broken").mkdir()
    (folder / "broken" / "config.json").write_text("{")
    own = {"warm_start_steps": 0} if case["method"] != "sft" else {}
    long = LONG_ENOUGH if case["method"] == "grpo" else {"eval_max_new_tokens": 80}
    keys = {"model": str(model), "output_dir": str(folder / "run"), **own, **long, **case["keys"]}
    argv = ["--no-steps", "--config", f"configs/smoke/{case['method']}.yaml"]
    places = {name: str(folder / name) for name in ("used", "broken")}
    for key, value in keys.items():
        text = value.format(**places) if isinstance(value, str) else json.dumps(value)
        argv.append(f"--{key}={text}")
    return argv + accelerate(case.get("accelerate"), folder)


def accelerate(given: str | dict[str, Any] | None, folder: Path) -> list[str]:
    """A shipped file by name, or a file with these keys."""
    if given is None:
        return []
    if isinstance(given, str):
        return ["--accelerate_config", f"configs/accelerate/{given}.yaml"]
    path = folder / "accelerate.yaml"
    path.write_text(dump_yaml({"compute_environment": "LOCAL_MACHINE", "use_cpu": False, **given}))
    return ["--accelerate_config", str(path)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_golden(
    case: dict[str, Any], tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in case.get("environment", {}).items():
        monkeypatch.setenv(name, value)
    found: list[RunFinding] = []
    monkeypatch.setattr(cli_doctor, "show", lambda _, findings: found.extend(findings))
    status = cli_doctor.main(argv_of(case, tmp_path, tiny_folder))
    bad = sorted((one.severity, one.about, one.message) for one in found if one.severity != "ok")
    told = [(severity, about) for severity, about, _ in bad]
    assert told == [(severity, about) for severity, about, _ in case["expect"]], bad
    assert all(
        part in message for (*_, part), (*_, message) in zip(case["expect"], bad, strict=True)
    ), bad
    assert status == any(severity == "error" for severity, _ in told)
    assert not (tmp_path / "run").exists() and not list(tmp_path.glob("rlcall-doctor-*"))


def test_the_table() -> None:
    """As it is printed where the output is no terminal."""
    findings = [
        RunFinding("ok", "launch", "2 ranks, DeepSpeed ZeRO-2 (configs/accelerate/zero2.yaml)"),
        RunFinding(
            "warning", "batch", "prompts are not shared: several times slower. " * 4, "memory: more"
        ),
        RunFinding("error", "rows", "my[rows].jsonl, line 7: tools: is missing"),
    ]
    assert shown(findings) == GOLDEN.joinpath("doctor.txt").read_text(encoding="utf-8")


def test_what_a_file_holds_cannot_steer_the_terminal() -> None:
    text = shown([RunFinding("error", "config", "no key \x1b[2Jx", "write \u202ey")])
    assert "\x1b" not in text and "⟨U+001B⟩[2Jx" in text and "⟨U+202E⟩y" in text


def shown(findings: list[RunFinding]) -> str:
    with redirect_stdout(StringIO()) as out:
        cli_doctor.show("grpo", findings)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["--method", "ppo"], "must be one of sft, dpo, grpo"),
        (["--config", "missing.yaml"], "missing.yaml is not a file"),
        (["grpo"], "where a key was expected"),
    ],
)
def test_wrong_use(argv: list[str], part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_doctor.main(argv) == 2
    assert part in capsys.readouterr().err


def test_the_method_follows_from_the_configs_name() -> None:
    read = cli_doctor.read_doctor_arguments
    assert read(["--config", "configs/sft.yaml"]).method == "sft"
    assert read(["--config", "configs/sft.yaml", "--method=grpo"]).method == "grpo"
    assert read([]) == ("grpo", None, True, [])


PINNED = dict(
    line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
)


def test_versions_that_were_measured_together_are_not_warned_of() -> None:
    assert [one.severity for one in check_known({"lora_rank": 4}, PINNED.get)] == ["ok"]
    assert [*check_required(lambda name: PINNED.get(name) or PINNED.get(name.lower(), "99"))] == []


@pytest.mark.parametrize(
    ("versions", "key", "expected"),
    [
        ({"vllm": "0.33.0"}, "use_vllm", ["error"]),
        ({"vllm": "0.33.0"}, "lora_rank", ["warning"]),
        ({"vllm": "0.31.0"}, "use_vllm", ["error"]),
        ({"vllm": "0.31.0", "transformers": "5.17.0"}, "use_vllm", ["ok"]),
        (
            {"vllm": "0.31.0+cu129", "transformers": "5.17.0", "torch": "2.12.0+cpu"},
            "use_vllm",
            ["error"],
        ),
        ({"peft": "0.19.1"}, "lora_rank", ["error"]),
        ({}, "use_vllm", ["error"]),
    ],
)
def test_versions_known_not_to_go_together(
    versions: dict[str, str], key: str, expected: list[str]
) -> None:
    found = [*check_known({key: 1}, {**PINNED, **versions}.get)]
    assert [one.severity for one in found] == expected, found
    assert all(one.source for one in KNOWN_CONFLICTS)


def test_the_range_of_vllm_is_trls_own() -> None:
    from importlib import metadata

    from packaging.requirements import Requirement

    own = next(
        one for one in map(Requirement, metadata.requires("trl") or ()) if one.name == "vllm"
    )
    known = next(one for one in KNOWN_CONFLICTS if (one.package, one.other) == ("trl", "vllm"))
    assert own.specifier == Requirement(f"vllm{known.needs}").specifier


def test_what_is_not_installed_is_named_with_what_to_install() -> None:
    found = [*check_required({**PINNED, "trl": "1.15.0", "torch": None}.get)]
    told = {one.message.split()[0]: one for one in found}
    assert "is 1.15.0" in told["trl"].message and "is not installed" in told["torch"].message
    assert all("rlcall[train]" in one.remedy for one in found)


def load(**given: Any) -> memory.RankLoad:
    plain = {
        "method": "sft",
        "ranks": 1,
        "stage": 0,
        "dtype": "float32",
        "mixed": False,
        "checkpointing": False,
    }
    none = {"cpu": True, "optimiser": "adamw_torch", "reference": False, "generated": 0}
    return memory.RankLoad(
        **{**plain, **none, "sequences": 4, "prompts": 4, "prompt": 90, "completion": 30, **given}
    )


@pytest.mark.parametrize(("stage", "gigabytes"), [(1, 31.4), (2, 16.6), (3, 1.9)])
def test_model_states_are_those_of_the_zero_paper(stage: int, gigabytes: float) -> None:
    """Figure 1 of Rajbhandari et al.: 7.5 billion parameters, 64 ranks, mixed precision with
    Adam."""
    shape = memory.ModelShape(7_500_000_000, 7_500_000_000, 1, 1, 1, 1, 1, 1)
    parts = memory.estimate(shape, load(ranks=64, stage=stage, mixed=True))
    states = parts["weights"] + parts["gradients"] + parts["optimiser"]
    assert states / 1e9 == pytest.approx(gigabytes, abs=0.05)


@pytest.mark.parametrize(("at_once", "generated"), [(None, 32), (8, 8), (64, 32)])
def test_a_rollout_in_parts_holds_one_part(at_once: int | None, generated: int) -> None:
    run = RunConfig(rollout_batch_size=at_once)
    args = SimpleNamespace(
        per_device_train_batch_size=8, steps_per_generation=4, num_generations=4, world_size=1
    )
    args.__dict__.update(
        gradient_checkpointing=False, beta=0.0, bf16=False, fp16=False, optim="sgd", use_vllm=False
    )
    config = SimpleNamespace(method="grpo", run=run)
    assert memory.load_of(config, args, 0, (90, 30), cpu=True).generated == generated  # type: ignore[arg-type]


def test_activations_are_what_autograd_keeps(tiny_folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_folder).train()
    shape = memory.shape_of(str(tiny_folder), RunConfig())
    assert shape.parameters == shape.trainable == sum(one.numel() for one in model.parameters())
    own = {one.untyped_storage().data_ptr() for one in model.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    mask = torch.ones(4, 120, dtype=torch.long)
    mask[0, :5] = 0
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = model.base_model(
            input_ids=torch.full((4, 120), 7), attention_mask=mask, use_cache=False
        )
    assert output.last_hidden_state.requires_grad
    forward = (
        memory.estimate(shape, load())["activations"] * 2 / 3
    )  # without what the way back adds to two layers
    assert forward == pytest.approx(sum(kept.values()), rel=0.1)


def test_adapters_are_what_lora_trains(tiny_folder: Path) -> None:
    shape = memory.shape_of(str(tiny_folder), RunConfig(lora_rank=4))
    widths = {"q": (64, 64), "k": (64, 32), "v": (64, 32), "o": (64, 64), "mlp": (64, 128)}
    a_layer = sum(4 * sum(widths[name]) for name in ("q", "k", "v", "o")) + 3 * 4 * sum(
        widths["mlp"]
    )
    assert shape.trainable == 2 * a_layer < shape.parameters


def test_two_steps_for_real(
    tmp_path: Path, tiny_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No file of the user's is made, and none of the doctor's is left."""
    case = {"method": "grpo", "keys": {"warm_start_steps": 1, "max_steps": 1000}}
    argv = [one for one in argv_of(case, tmp_path, tiny_folder) if one != "--no-steps"]
    assert cli_doctor.main(argv) == 0
    table = " ".join(capfd.readouterr().out.split())
    assert (
        "s a step" in table
        and "for 1000 steps and the warm start" in table
        and "1 rank · plain PyTorch" in table
    )
    assert not (tmp_path / "run").exists() and not list(tmp_path.glob("rlcall-doctor-*"))


def test_a_rank_that_is_killed_wanted_memory(tmp_path: Path) -> None:
    with pytest.raises(two_steps.StepsError, match="want of memory"):
        two_steps._run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], tmp_path)


def test_steps_that_take_too_long_are_stopped_with_all_their_ranks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], start_new_session=True)"
    rank = f"import os, time; open(r'{tmp_path}/rank', 'w').write(str(os.getpid())); time.sleep(60)"
    monkeypatch.setattr(two_steps, "LIMIT_SECONDS", 3)
    with pytest.raises(two_steps.StepsError, match="took more than"):
        two_steps._run([sys.executable, "-c", launcher, rank], tmp_path)
    number = int((tmp_path / "rank").read_text())
    assert not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE


@pytest.mark.slow
def test_two_steps_on_two_ranks(
    tmp_path: Path, tiny_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = {"method": "grpo", "keys": {}, "accelerate": "zero2"}
    argv = [one for one in argv_of(case, tmp_path, tiny_folder) if one != "--no-steps"]
    assert cli_doctor.main(argv) == 0
    assert "2 ranks (gloo) · DeepSpeed ZeRO-2" in " ".join(capfd.readouterr().out.split())


@pytest.mark.slow
def test_what_ends_the_steps_is_told_in_a_line(
    tmp_path: Path, tiny_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A setting that only the optimiser refuses, when it is built."""
    case = {"method": "sft", "keys": {"adam_beta1": 1.5}}
    argv = [one for one in argv_of(case, tmp_path, tiny_folder) if one != "--no-steps"]
    assert cli_doctor.main(argv) == 1
    table = " ".join(capfd.readouterr().out.split())
    assert "error steps ValueError: Invalid beta parameter" in table and "all output:" in table
    assert "Traceback" not in table
