"""Everything that the doctor looks at, in order; what needs something that is not there is left out.

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
from rlcall.doctor.finding import Finding, attempt, error, ok, warning
from rlcall.doctor.machine import Machine, check_machine, free_disk, gib, look_at_machine
from rlcall.doctor.plan import Plan, check_plan, read_plan
from rlcall.doctor.two_steps import Taken, hours, seconds_per_step, take_steps
from rlcall.doctor.versions import check_known
from rlcall.model import load as models
from rlcall.model.rendering import rendering_of
from rlcall.model.runtime import quieten
from rlcall.reward import Reward, load_reward
from rlcall.runs.origin import taught_wire
from rlcall.train.config import Config
from rlcall.train.opening import make_datasets
from rlcall.train.row_sets import load_eval_rows, load_train_rows
from rlcall.train.start import check_folder

SHOWN = 0.02  # of the largest part: smaller ones are not worth a person's time
TIGHT = 0.8  # of the memory there is; the estimate leaves out what allocators waste


@dataclass(frozen=True, slots=True)
class Model:
    base: str
    """As `load_model` takes it."""
    tokenizer: Any
    wire: str


@dataclass(frozen=True, slots=True)
class Read:
    """The run's rows as the model reads them."""

    count: int
    """Rows or pairs to train on."""
    lengths: Sequence[tokens.Length]
    held_out: Sequence[tokens.Length]


def examine(config: Config, accelerate_config: str | None, steps: bool) -> list[Finding]:
    """Errors, warnings, and a line for each part where nothing is wrong. Writes nothing that stays."""
    quieten()
    machine = look_at_machine()
    found = [*check_known(config.values()), *check_machine(machine)]
    run = config.run
    attempt("config", lambda: check_folder(config.output_dir, run.resume), found)
    plan = attempt("launch", lambda: read_plan(run, accelerate_config), found)
    args = attempt("batch", lambda: planned_args(config, plan.ranks), found) if plan else None
    reward = attempt("config", lambda: load_reward(run.rewards, run.gates), found)
    rows = attempt("rows", lambda: load_train_rows(run).rows, found)
    held_out = attempt("rows", lambda: load_eval_rows(run), found)
    if plan:
        found += check_plan(plan, config, machine)
    with tempfile.TemporaryDirectory(prefix="rlcall-doctor-") as folder:
        model = attempt("model", lambda: _model(config, Path(folder)), found)
        read = None
        if model and reward and rows is not None and held_out is not None:
            read = attempt("rows", lambda: _read(config, model, reward, rows, held_out), found)
        if plan and args and model and read:
            found += _sizes(config, plan, args, model, read, machine)
    healthy = not any(one.severity == "error" for one in found)
    if steps and plan and args and rows:
        found += _steps(config, plan, args, rows, healthy)
    return found


def _model(config: Config, folder: Path) -> Model:
    base = models.resolve(config.run.model, folder / "base").path
    tokenizer = models.load_tokenizer(base)
    return Model(
        base, tokenizer, rendering_of(tokenizer, config.run.wire or taught_wire(base)).wire
    )


def _read(
    config: Config, model: Model, reward: Reward, rows: Sequence[Row], held_out: Sequence[Row]
) -> Read:
    """As a run makes its data sets, of at most MOST_ROWS rows."""
    some = tokens.spread(rows, tokens.MOST_ROWS)
    datasets, _ = make_datasets(config, model.base, model.tokenizer, model.wire, reward, some)
    lengths = tokens.measure(config, datasets, some, model.tokenizer, model.wire)
    count = len(lengths) if len(some) == len(rows) else len(rows)
    few = tokens.spread(held_out, tokens.MOST_ROWS)
    return Read(count, lengths, tokens.measure_rows(few, model.tokenizer, model.wire))


def _sizes(
    config: Config, plan: Plan, args: Any, model: Model, read: Read, machine: Machine
) -> list[Finding]:
    """What follows from the number and the lengths of the rows, and from the model's shape."""
    found = [*check_batch(config, args, read.count)]
    missed: list[Finding] = []
    shape = attempt(
        "memory", lambda: memory.shape_of(models.resolve(model.base).path, config.run), missed
    )
    if (
        shape is None
    ):  # a kind of model whose layers are not counted here; a run can train it all the same
        return [*found, warning("memory", f"not estimated, nor are lengths: {missed[0].message}")]
    found += tokens.check_lengths(config, args, read.lengths, read.held_out, shape.context)
    longest = tokens.longest(config, args, read.lengths)
    load = memory.load_of(config, args, plan.stage, longest, machine.device == "cpu")
    found += _memory(memory.estimate(shape, load), plan, machine)
    found += _disk(config, args, shape, load)
    return found


def _memory(parts: dict[str, int], plan: Plan, machine: Machine) -> Iterator[Finding]:
    together = plan.ranks_here if machine.device == "cpu" else 1
    need = (memory.peak(parts) + _process(machine)) * together
    largest = sorted(((size, part) for part, size in parts.items()), reverse=True)
    shares = ", ".join(
        f"{part} {gib(size)}" for size, part in largest if size > SHOWN * largest[0][0]
    )
    whose = f"{plan.ranks_here} ranks" if together > 1 else "a rank"
    message = f"about {gib(need)} for {whose} at the longest rows, of {gib(machine.memory)} free (each: {shares})"
    if need <= TIGHT * machine.memory:
        yield ok("memory", message)
        return
    remedy = {
        "weights": "a smaller model, dtype: bfloat16, or ZeRO-3 on more GPUs",
        "reference": "lora_rank: 16, which needs no second model, or beta: 0 for GRPO",
        "gradients": "lora_rank: 16, or ZeRO-2 on more GPUs",
        "optimiser": "lora_rank: 16, or ZeRO on more GPUs",
        "activations": "a smaller per_device_train_batch_size with more gradient_accumulation_steps",
        "logits": "a smaller per_device_train_batch_size with more gradient_accumulation_steps",
        "generation": "fewer steps_per_generation or gradient_accumulation_steps, so that fewer are generated at once",
    }[largest[0][1]]
    yield (error if need > machine.memory else warning)("memory", message, remedy)


def _process(machine: Machine) -> int:
    """Bytes of a process with its libraries, as this one has them; a GPU holds their context only."""
    import psutil

    own = int(psutil.Process().memory_info().rss) + memory.TRAINER
    return own if machine.device == "cpu" else memory.CUDA_CONTEXT


def _disk(config: Config, args: Any, shape: memory.Shape, load: memory.Load) -> Iterator[Finding]:
    """One checkpoint more than is kept: the oldest goes when the new one is whole, and so do the best weights."""
    one, model = memory.checkpoint_bytes(shape, load), shape.parameters * memory.BYTES[load.dtype]
    kept = (
        0
        if args.save_strategy == "no"
        else args.save_total_limit + 1
        if args.save_total_limit
        else None
    )
    if kept is None:
        kept = (
            max(1, int(args.max_steps // args.save_steps))
            if args.save_steps >= 1
            else ceil_share(args.save_steps)
        )
    models = 4 if config.run.validation_every else 2
    need, free = kept * one + models * model, free_disk(config.output_dir)
    message = f"{kept} checkpoints of {gib(one)} and the models: {gib(need)} of {gib(free)} free for {config.output_dir}"
    if need > free:
        yield error(
            "disk", message, "save_total_limit: 1, fewer saves, or an output_dir with more room"
        )
    else:
        yield ok("disk", message)


def ceil_share(share: float) -> int:
    """Saves of a run that saves after each such share of it."""
    return max(1, round(1 / share))


def _steps(
    config: Config, plan: Plan, args: Any, rows: Sequence[Row], healthy: bool
) -> list[Finding]:
    if not healthy:
        return [warning("steps", "not taken: there are errors", "mend them and ask again")]
    if plan.machines > 1:
        return [
            warning(
                "steps",
                f"not taken: they need {plan.machines} machines",
                "try --ranks with one machine's file",
            )
        ]
    found: list[Finding] = []
    taken = attempt("steps", lambda: take_steps(config, plan, args, rows), found)
    return [*found, *([_told(config, args, taken, len(rows))] if taken else [])]


def _told(config: Config, args: Any, taken: Taken, rows: int) -> Finding:
    """What the steps took, and what the whole run would at that rate."""
    each = seconds_per_step(config, args, taken.seconds[config.method])
    due = steps_due(config, args, rows)
    whole = due * each + config.run.warm_start_steps * taken.seconds.get("warm_start", [0.0])[-1]
    message = (
        f"{taken.runtime}: {each:.2g} s a step, so about {hours(whole)} of training for {due} steps"
        f"{' and the warm start' if 'warm_start' in taken.seconds else ''}; {gib(taken.peak)} at most on a rank"
    )
    return ok("steps", message)
