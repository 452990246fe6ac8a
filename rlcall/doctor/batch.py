"""Batches and groups, and whether they come out even on the planned number of ranks.

args = planned_args(config, ranks=8)      # TRL's arguments as each of eight ranks will see them,
from one process
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from rlcall.doctor.finding import RunFinding, attempt, ok, warning
from rlcall.train.arguments import trainer_args
from rlcall.train.config import Config, trainer_class
from rlcall.train.methods.grpo import check_enough
from rlcall.train.opening import check_settings


def planned_args(config: Config, ranks: int) -> Any:
    """Return TRL's arguments as a rank will see them. Raises ConfigError for what TRL or we refuse.

    TRL checks batch and group with its number of processes, so it is given the planned one.
    """
    cls = trainer_class(config.method)
    planned = type(cls.__name__, (cls,), {"world_size": property(lambda _: ranks)})
    args = trainer_args(planned, config.trainer, config.output_dir)
    check_settings(config, args)
    return args


def rows_per_step(config: Config, args: Any) -> int:
    """Return how many rows an optimiser step takes over all ranks; GRPO samples each repeatedly."""
    size = args.per_device_train_batch_size * args.gradient_accumulation_steps * args.world_size
    return ceil(size / args.num_generations) if config.method == "grpo" else int(size)


def rows_per_generation(config: Config, args: Any) -> int:
    """Return how many rows a run takes at once: GRPO may generate for several steps ahead."""
    if config.method != "grpo":
        return rows_per_step(config, args)
    return int(config.run.oversample_prompts * args.generation_batch_size // args.num_generations)


def steps_per_rollout(args: Any) -> float:
    """Return how many optimiser steps one generation serves; below 1 where a step has several."""
    return float(args.steps_per_generation * args.num_iterations / args.gradient_accumulation_steps)


def steps_due(config: Config, args: Any, rows: int) -> int:
    """Return the optimiser steps of the whole run without its warm start."""
    if args.max_steps > 0:
        return int(args.max_steps)
    repeats = args.num_iterations if config.method == "grpo" else 1
    return ceil(args.num_train_epochs * max(1, rows * repeats // rows_per_step(config, args)))


def check_batch(config: Config, args: Any, rows: int) -> Iterator[RunFinding]:
    """Yield what is wrong with batches, for a number of rows (or pairs) to train on."""
    findings: list[RunFinding] = []
    due, prompts = rows_per_step(config, args), config.run.oversample_prompts
    if config.method == "grpo":
        attempt("batch", lambda: check_enough(rows, args, prompts), findings)
        findings += _check_groups(config, args)
    elif rows < due:
        message = f"a step takes {due} rows, but there are {rows}: each step is a whole epoch"
        findings.append(warning("batch", message, "more rows, or a smaller batch"))
    if not findings:
        findings.append(ok("batch", _describe(config, args)))
    yield from findings


def _describe(config: Config, args: Any) -> str:
    batch, accumulation = args.per_device_train_batch_size, args.gradient_accumulation_steps
    per_step = f"{batch} x {accumulation} x {args.world_size} ranks"
    if config.method != "grpo":
        return f"a step takes {rows_per_step(config, args)} rows: {per_step}"
    prompts = rows_per_generation(config, args)
    completions = f"{prompts} prompts x {args.num_generations * config.run.oversample} completions"
    return f"{completions} at a time; a step: {per_step}"


def _check_groups(config: Config, args: Any) -> Iterator[RunFinding]:
    completions = args.per_device_train_batch_size * args.steps_per_generation
    if completions % args.num_generations:
        message = (
            f"a rank's {completions} completions are no whole groups of {args.num_generations}: "
            "prompts are read twice"
        )
        remedy = f"per_device_train_batch_size: a multiple of {args.num_generations}"
        yield warning("batch", message, remedy)
    if args.gradient_checkpointing and config.run.shared_prefix is not False:
        message = (
            "gradient_checkpointing (TRL's default) is on, so prompts are not shared: "
            "several times slower"
        )
        yield warning("batch", message, "gradient_checkpointing: false, if memory allows")
