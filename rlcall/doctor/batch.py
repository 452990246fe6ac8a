"""Batches, groups and saves: whether they come out even on the ranks that are planned.

args = planned_args(config, ranks=8)      # TRL's arguments as each of eight ranks will see them, from one process
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from rlcall.doctor.finding import Finding, attempt, ok, warning
from rlcall.train.arguments import trainer_args
from rlcall.train.config import Config, trainer_class
from rlcall.train.methods.grpo import check_enough
from rlcall.train.opening import check_settings


def planned_args(config: Config, ranks: int) -> Any:
    """TRL's own checks of batch and group are made with its number of processes, so they get the planned one.

    Raises ConfigError for what TRL refuses, and for what our own settings do not go with.
    """
    cls = trainer_class(config.method)
    planned = type(cls.__name__, (cls,), {"world_size": property(lambda _: ranks)})
    args = trainer_args(planned, config.trainer, config.output_dir)
    check_settings(config, args)
    return args


def rows_per_step(config: Config, args: Any) -> int:
    """How many rows an optimiser step takes over all ranks; for GRPO each is sampled num_generations times."""
    size = args.per_device_train_batch_size * args.gradient_accumulation_steps * args.world_size
    return ceil(size / args.num_generations) if config.method == "grpo" else int(size)


def rows_per_generation(config: Config, args: Any) -> int:
    """How many rows a run takes at once: GRPO may generate for several steps ahead."""
    if config.method != "grpo":
        return rows_per_step(config, args)
    return int(args.generation_batch_size // args.num_generations)


def steps_per_rollout(args: Any) -> float:
    """How many optimiser steps the completions of one generation serve; below 1 where a step has several."""
    return float(args.steps_per_generation * args.num_iterations / args.gradient_accumulation_steps)


def steps_due(config: Config, args: Any, rows: int) -> int:
    """Optimiser steps of the whole run, the warm start aside."""
    if args.max_steps > 0:
        return int(args.max_steps)
    repeats = args.num_iterations if config.method == "grpo" else 1
    return ceil(args.num_train_epochs * max(1, rows * repeats // rows_per_step(config, args)))


def check_batch(config: Config, args: Any, rows: int) -> Iterator[Finding]:
    """`rows`: how many rows (or pairs) there are to train on."""
    found: list[Finding] = []
    if config.method == "grpo":
        attempt("batch", lambda: check_enough(rows, args), found)
        found += _grpo(config, args)
    elif rows < rows_per_step(config, args):
        message = f"a step takes {rows_per_step(config, args)} rows, but there are {rows}: each step is a whole epoch"
        found.append(warning("batch", message, "more rows, or a smaller batch"))
    yield from found or [ok("batch", _batch(config, args))]


def _batch(config: Config, args: Any) -> str:
    per_rank = f"{args.per_device_train_batch_size} x {args.gradient_accumulation_steps} x {args.world_size} ranks"
    if config.method != "grpo":
        return f"a step takes {rows_per_step(config, args)} rows: {per_rank}"
    prompts = rows_per_generation(config, args)
    return f"{prompts} prompts x {args.num_generations} completions at a time; a step: {per_rank}"


def _grpo(config: Config, args: Any) -> Iterator[Finding]:
    own = args.per_device_train_batch_size * args.steps_per_generation
    if own % args.num_generations:
        message = f"a rank's {own} completions are no whole groups of {args.num_generations}: prompts are read twice"
        yield warning(
            "batch", message, f"per_device_train_batch_size: a multiple of {args.num_generations}"
        )
    if args.gradient_checkpointing and config.run.shared_prefix is not False:
        message = "gradient_checkpointing (TRL's default) is on, so prompts are not shared: several times slower"
        yield warning("batch", message, "gradient_checkpointing: false, if memory allows")
