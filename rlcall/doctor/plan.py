"""A launch before it is made, from the accelerate file and the keys `ranks` and `zero_stage`.

plan = read_plan(config, "configs/accelerate/zero2.yaml")
# LaunchPlan(file=..., ranks=2, stage=2, machines=1, kind="DEEPSPEED", saves_weights=False)
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.doctor.finding import RunFinding, attempt, error, ok, warning
from rlcall.doctor.machine import Machine
from rlcall.errors import ConfigError
from rlcall.files.yaml import YamlError, read_yaml
from rlcall.train.config import Config
from rlcall.train.launch_check import LaunchError, check_deepspeed
from rlcall.train.launcher import launcher_file, request_of_file
from rlcall.train.settings import RunConfig

# `accelerate launch` starts several processes for these, and one for anything else (1.15.0).
PARALLEL = ("DEEPSPEED", "FSDP", "MULTI_GPU", "MULTI_NPU", "MULTI_XPU", "MULTI_MLU", "MULTI_HPU")


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """The processes that a launch would start."""

    file: Path | None
    """What `accelerate launch --config_file` is given; None where nothing is needed."""
    ranks: int
    stage: int
    """DeepSpeed's ZeRO stage; 0 without DeepSpeed."""
    machines: int
    kind: str
    """accelerate's distributed_type."""
    saves_weights: bool
    """ZeRO-3 only: whether whole weights are gathered for a checkpoint."""

    def __str__(self) -> str:
        if self.stage:
            engine = f"DeepSpeed ZeRO-{self.stage}"
        else:
            engine = "DDP" if self.ranks > 1 else "plain PyTorch"
        ranks = "1 rank" if self.ranks == 1 else f"{self.ranks} ranks"
        machines = f" on {self.machines} machines" if self.machines > 1 else ""
        return f"{ranks}{machines}, {engine}"

    @property
    def ranks_here(self) -> int:
        """Ranks on each machine."""
        return max(1, self.ranks // self.machines)


def read_plan(run: RunConfig, path: str | None) -> LaunchPlan:
    """Return the plan; the key `ranks` replaces the file's number of processes. ConfigError."""
    if path is None:
        shipped = launcher_file(run.ranks or 1, run.zero_stage or 0)
        if shipped is None:
            return LaunchPlan(None, 1, 0, 1, "NO", True)
        path = str(shipped)
    keys = _read_keys(path)
    try:
        asked = request_of_file(path, run.ranks)
    except (ValueError, TypeError, AttributeError) as raised:  # how accelerate refuses a file
        raise ConfigError(f"{path}: accelerate refuses this file: {raised}") from raised
    stage = _stage_of_json(keys) if asked.stage is None else asked.stage
    if run.zero_stage not in (None, stage):
        raise LaunchError(
            f"{asked}, {path}: zero_stage is {run.zero_stage}; give the file of that stage, or "
            "leave it out"
        )
    saves = bool(keys.get("deepspeed_config", {}).get("zero3_save_16bit_model"))
    kind = str(keys.get("distributed_type", "NO"))
    return LaunchPlan(
        Path(path), asked.ranks or 1, stage, int(keys.get("num_machines") or 1), kind, saves
    )


def _read_keys(path: str) -> dict[str, Any]:
    if not Path(path).exists():
        problem = "there is no such file; give another one with --accelerate-config"
        raise ConfigError(f"{path}: {problem}")
    try:
        return read_yaml(Path(path))  # JSON is YAML too
    except YamlError as raised:
        raise ConfigError(str(raised)) from None


def _stage_of_json(keys: dict[str, Any]) -> int:
    """Return the stage in the DeepSpeed file that an accelerate file names."""
    name = keys.get("deepspeed_config", {}).get("deepspeed_config_file")
    try:
        return int(json.loads(Path(name).read_text(encoding="utf-8"))["zero_optimization"]["stage"])
    except (OSError, TypeError, KeyError, ValueError) as raised:
        raise ConfigError(
            f"deepspeed_config_file: {name}: no zero_optimization.stage can be read there"
        ) from raised


def check_plan(plan: LaunchPlan, config: Config, machine: Machine) -> Iterator[RunFinding]:
    """Yield launches that would train something else without a word, and what ZeRO-3 excludes."""
    findings: list[RunFinding] = []
    attempt("launch", lambda: check_deepspeed(plan.stage, plan.saves_weights), findings)
    findings += _check_processes(plan, config, machine)
    findings += _check_zero3(plan, config)
    if not findings:
        findings.append(ok("launch", f"{plan} ({plan.file or 'no accelerate file needed'})"))
    yield from findings


def _check_processes(plan: LaunchPlan, config: Config, machine: Machine) -> Iterator[RunFinding]:
    shipped = launcher_file(2, 0)
    if plan.ranks > 1 and plan.kind not in PARALLEL:
        message = f"distributed_type {plan.kind} starts a single process, not {plan.ranks}"
        yield error(
            "launch", message, f"distributed_type: MULTI_GPU, as in {shipped}; without a GPU too"
        )
    use_cpu = config.trainer.get("use_cpu")
    if plan.ranks > 1 and machine.device == "cpu" and use_cpu is False:
        message = (
            f"use_cpu is false without a GPU: {plan.ranks} runs apart would write into one folder"
        )
        yield error("launch", message, "leave use_cpu out; the device is recognised")
    if machine.device != "cpu" and use_cpu:
        yield warning(
            "launch", f"use_cpu is true: the {machine.device} stays idle", "leave use_cpu out"
        )
    if machine.device != "cpu" and plan.ranks_here > machine.devices:
        message = (
            f"{plan.ranks_here} ranks on each machine, but this one has {machine.devices} devices"
        )
        yield error(
            "launch", message, f"num_processes: {machine.devices * plan.machines}, or --ranks"
        )
    if machine.device == "cpu" and plan.ranks_here > machine.cores:
        yield warning(
            "launch", f"{plan.ranks_here} ranks share {machine.cores} cores", "fewer ranks"
        )


def _check_zero3(plan: LaunchPlan, config: Config) -> Iterator[RunFinding]:
    """Yield what ZeRO-3 excludes.

    Measured with TRL 1.16.0 and DeepSpeed 0.19.8 on two CPU ranks; where vLLM is named, read in
    TRL's source.
    """
    keys, lora = config.trainer, config.run.lora_rank > 0
    if lora and "lm_head" in config.run.lora_targets:
        yield error(
            "launch", "TRL's GRPO takes no LoRA adapter on lm_head", "lora_targets: all-linear"
        )
    if plan.stage != 3:
        return
    if lora and config.run.dtype != "float32":
        message = (
            f"under ZeRO-3 TRL trains LoRA adapters in the weights' own type, {config.run.dtype}"
        )
        yield warning("launch", message, "dtype: float32 with bf16: true, or ZeRO-2")
    if lora and keys.get("use_vllm"):
        message = (
            "LoRA's merge for vLLM gathers the whole model at once on every rank, despite ZeRO-3"
        )
        yield warning("launch", message, "ZeRO-2 if the model fits")
    if keys.get("use_vllm") and keys.get("ds3_gather_for_generation") is False:
        message = "ds3_gather_for_generation: false does not go with vLLM"
        yield error("launch", message, "leave ds3_gather_for_generation out")
