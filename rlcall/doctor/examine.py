"""The whole examination of a run, in order; what needs something that is missing is left out.

for finding in examine(config, "configs/accelerate/zero2.yaml", steps=False): ...
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row
from rlcall.doctor import lengths as tokens
from rlcall.doctor import memory
from rlcall.doctor.batch import check_batch, planned_args, steps_due
from rlcall.doctor.finding import RunFinding, attempt, error, ok, warning
from rlcall.doctor.machine import Machine, check_machine, free_disk, gib, look_at_machine
from rlcall.doctor.plan import LaunchPlan, check_plan, read_plan
from rlcall.doctor.two_steps import StepTimings, duration, seconds_per_step, take_steps
from rlcall.doctor.versions import check_known
from rlcall.model.load import load_tokenizer, resolve
from rlcall.model.rendering import rendering_of
from rlcall.model.runtime import quieten
from rlcall.reward import Reward, load_reward
from rlcall.train.config import Config
from rlcall.train.opening import make_datasets
from rlcall.train.row_sets import load_eval_rows, load_train_rows
from rlcall.train.start import check_folder

SHOWN_FRACTION = 0.02  # of the largest part of memory: smaller ones are not worth a person's time
TIGHT = 0.8  # of the free memory; the estimate leaves out what allocators waste

MEMORY_REMEDIES = {
    "weights": "a smaller model, dtype: bfloat16, or ZeRO-3 on more GPUs",
    "reference": "lora_rank: 16, which needs no second model, or beta: 0 for GRPO",
    "gradients": "lora_rank: 16, or ZeRO-2 on more GPUs",
    "optimiser": "lora_rank: 16, or ZeRO on more GPUs",
    "activations": ("a smaller per_device_train_batch_size with more gradient_accumulation_steps"),
    "logits": "a smaller per_device_train_batch_size with more gradient_accumulation_steps",
    "generation": (
        "fewer steps_per_generation or gradient_accumulation_steps, "
        "so that fewer are generated at once"
    ),
}


@dataclass(frozen=True, slots=True)
class PromptModel:
    """A model as far as prompts go: its tokenizer and the wire format of its calls."""

    base: str
    """As `load_model` takes it."""
    tokenizer: Any
    wire: str


@dataclass(frozen=True, slots=True)
class RunLengths:
    """The run's rows in tokens."""

    count: int
    """Rows or pairs to train on."""
    train: Sequence[tokens.RowLength]
    held_out: Sequence[tokens.RowLength]


def examine(config: Config, accelerate_config: str | None, steps: bool) -> list[RunFinding]:
    """Return errors, warnings, and a line for each part that is fine. Writes nothing that stays."""
    quieten()
    run = config.run
    machine = look_at_machine()
    findings = [*check_known(config.values()), *check_machine(machine)]
    attempt("config", lambda: check_folder(config.output_dir, run.resume), findings)
    plan = attempt("launch", lambda: read_plan(run, accelerate_config), findings)
    args = None
    if plan:
        args = attempt("batch", lambda: planned_args(config, plan.ranks), findings)
    reward = attempt("config", lambda: load_reward(run.rewards, run.gates), findings)
    rows = attempt("rows", lambda: load_train_rows(run).rows, findings)
    held_out = attempt("rows", lambda: load_eval_rows(run), findings)
    if plan:
        findings += check_plan(plan, config, machine)
    with tempfile.TemporaryDirectory(prefix="rlcall-doctor-") as folder:
        model = attempt("model", lambda: _load_prompt_model(config, Path(folder)), findings)
        lengths = None
        if model and reward and rows is not None and held_out is not None:
            lengths = attempt(
                "rows", lambda: _measure_rows(config, model, reward, rows, held_out), findings
            )
        if plan and args and model and lengths:
            findings += _check_sizes(config, plan, args, model, lengths, machine)
    if steps and plan and args and rows:
        findings += _check_steps(config, plan, args, rows, findings)
    return findings


def _load_prompt_model(config: Config, folder: Path) -> PromptModel:
    base = resolve(config.run.model, folder / "base").path
    tokenizer = load_tokenizer(base)
    rendering = rendering_of(tokenizer, base, config.run.wire)
    return PromptModel(base, tokenizer, rendering.wire)


def _measure_rows(
    config: Config,
    model: PromptModel,
    reward: Reward,
    rows: Sequence[Row],
    held_out: Sequence[Row],
) -> RunLengths:
    """Make data sets as a run does, of at most MOST_ROWS rows, and count their tokens."""
    sample = tokens.spread(rows, tokens.MOST_ROWS)
    datasets, _ = make_datasets(config, model.base, model.tokenizer, model.wire, reward, sample)
    lengths = tokens.measure(config, datasets, sample, model.tokenizer, model.wire)
    count = len(lengths) if len(sample) == len(rows) else len(rows)
    held_out_sample = tokens.spread(held_out, tokens.MOST_ROWS)
    held_out_lengths = tokens.measure_rows(held_out_sample, model.tokenizer, model.wire)
    return RunLengths(count, lengths, held_out_lengths)


def _check_sizes(
    config: Config,
    plan: LaunchPlan,
    args: Any,
    model: PromptModel,
    lengths: RunLengths,
    machine: Machine,
) -> list[RunFinding]:
    """Check what follows from the rows' number and lengths, and from the model's shape."""
    findings = [*check_batch(config, args, lengths.count)]
    failures: list[RunFinding] = []
    shape = attempt(
        "memory", lambda: memory.shape_of(resolve(model.base).path, config.run), failures
    )
    if shape is None:  # layers of a kind that is not counted here; a run can train it all the same
        message = f"not estimated, nor are lengths: {failures[0].message}"
        return [*findings, warning("memory", message)]
    findings += tokens.check_lengths(config, args, lengths.train, lengths.held_out, shape.context)
    longest = tokens.longest(config, args, lengths.train)
    load = memory.load_of(config, args, plan.stage, longest, machine.device == "cpu")
    findings.append(_check_memory(memory.estimate(shape, load), plan, machine))
    findings.append(_check_disk(config, args, shape, load))
    return findings


def _check_memory(parts: dict[str, int], plan: LaunchPlan, machine: Machine) -> RunFinding:
    """Compare the estimate with what is free, for all ranks that share it."""
    ranks = plan.ranks_here if machine.device == "cpu" else 1
    need = (memory.peak(parts) + _process_bytes(machine)) * ranks
    by_size = sorted(parts, key=lambda part: (parts[part], part), reverse=True)
    largest = by_size[0]
    shown = []
    for part in by_size:
        if parts[part] > SHOWN_FRACTION * parts[largest]:
            shown.append(f"{part} {gib(parts[part])}")
    owner = f"{ranks} ranks" if ranks > 1 else "a rank"
    message = (
        f"about {gib(need)} for {owner} at the longest rows, of {gib(machine.memory)} free "
        f"(each: {', '.join(shown)})"
    )
    if need <= TIGHT * machine.memory:
        return ok("memory", message)
    severity = error if need > machine.memory else warning
    return severity("memory", message, MEMORY_REMEDIES[largest])


def _process_bytes(machine: Machine) -> int:
    """Return the bytes of a process with its libraries; a GPU holds only their context."""
    if machine.device != "cpu":
        return memory.CUDA_CONTEXT
    import psutil

    return int(psutil.Process().memory_info().rss) + memory.TRAINER


def _check_disk(
    config: Config, args: Any, shape: memory.ModelShape, load: memory.RankLoad
) -> RunFinding:
    """Compare what checkpoints and models take with what is free.

    There is one checkpoint more than is kept: the oldest goes when the new one is whole, and so
    do the best weights.
    """
    checkpoint = memory.checkpoint_bytes(shape, load)
    model = shape.parameters * memory.BYTES[load.dtype]
    if args.save_strategy == "no":
        checkpoints = 0
    elif args.save_total_limit:
        checkpoints = args.save_total_limit + 1
    else:
        checkpoints = saves_in_a_run(args)
    models = 4 if config.run.validation_every else 2
    need, free = checkpoints * checkpoint + models * model, free_disk(config.output_dir)
    message = (
        f"{checkpoints} checkpoints of {gib(checkpoint)} and the models: {gib(need)} of "
        f"{gib(free)} free for {config.output_dir}"
    )
    if need <= free:
        return ok("disk", message)
    remedy = "save_total_limit: 1, fewer saves, or an output_dir with more room"
    return error("disk", message, remedy)


def saves_in_a_run(args: Any) -> int:
    """Return how many checkpoints a run saves, at least 1.

    TRL's `save_steps` is a number of steps or, below 1, a fraction of the run: 0.3 saves after
    0.3, 0.6, 0.9 of it, three times.
    """
    if args.save_steps >= 1:
        return max(1, int(args.max_steps // args.save_steps))
    return max(1, round(1 / args.save_steps))


def _check_steps(
    config: Config,
    plan: LaunchPlan,
    args: Any,
    rows: Sequence[Row],
    findings: Sequence[RunFinding],
) -> Iterator[RunFinding]:
    """Take two steps where nothing speaks against it."""
    if any(finding.severity == "error" for finding in findings):
        yield warning("steps", "not taken: there are errors", "correct them and ask again")
        return
    if plan.machines > 1:
        message = f"not taken: they need {plan.machines} machines"
        yield warning("steps", message, "try --ranks with one machine's file")
        return
    failures: list[RunFinding] = []
    timings = attempt("steps", lambda: take_steps(config, plan, args, rows), failures)
    yield from failures
    if timings:
        yield _describe_steps(config, args, timings, len(rows))


def _describe_steps(config: Config, args: Any, timings: StepTimings, rows: int) -> RunFinding:
    """Say what the steps took, and what the whole run would at that rate."""
    seconds = seconds_per_step(config, args, timings.seconds[config.method])
    steps = steps_due(config, args, rows)
    whole = steps * seconds
    warm_start = ""
    if "warm_start" in timings.seconds:
        whole += config.run.warm_start_steps * timings.seconds["warm_start"][-1]
        warm_start = " and the warm start"
    message = (
        f"{timings.runtime}: {seconds:.2g} s a step, so about {duration(whole)} of training for "
        f"{steps} steps{warm_start}; {gib(timings.peak)} at most on a rank"
    )
    return ok("steps", message)
