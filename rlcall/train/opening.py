"""Opening a run: everything it needs is loaded and checked before anything is trained.

session = open_session(config)       # every mistake of the user's ends the run here
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rlcall.check.contamination import certain_repeats
from rlcall.data.rows import Row
from rlcall.errors import ConfigError
from rlcall.model import load as models
from rlcall.model.rendering import rendering_of
from rlcall.model.runtime import Runtime, quieten, read_runtime, set_threads, use_gloo_only
from rlcall.reward import Reward, load_reward
from rlcall.runs.folder import RunFolder
from rlcall.runs.origin import is_sft_run, taught_wire
from rlcall.samples.pair_files import read_right
from rlcall.sources import refuse_benchmarks
from rlcall.train.config import Config, trainer_class
from rlcall.train.launch_check import check_launch
from rlcall.train.methods import dpo, grpo, sft
from rlcall.train.row_sets import load_train_rows
from rlcall.train.settings import RunConfig
from rlcall.train.start import Start, changes_since, check_folder
from rlcall.train.watch.clock import Clock
from rlcall.train.watch.display import Display

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import TrainingArguments


from rlcall.train.arguments import trainer_args
from rlcall.train.row_sets import load_eval_rows, load_validation_rows
from rlcall.train.session import Session


def open_session(config: Config) -> Session:
    """Load and check everything that a run needs. Raises ConfigError, RowError, RewardError, ModelNotFoundError."""
    run = config.run
    check_folder(config.output_dir, run.resume)
    reward = load_reward(run.rewards, run.gates)
    rows, about_rows = _load_rows(run)
    args, runtime = _set_up(config)
    if config.method == "grpo":
        check_enough(len(rows["train_rows"]) // max(1, len(set(rows["train_levels"]))), args)
    display = Display(speaks=runtime.rank == 0)
    _tell(display, f"running on: {runtime}", *about_rows)
    with args.distributed_state.main_process_first():
        location = models.resolve(run.model, config.output_dir / "base")
    base = location.path
    tokenizer = models.load_tokenizer(base)
    rendering = rendering_of(tokenizer, run.wire or taught_wire(base))
    note = f"{run.model}: {rendering.note}" if rendering.note else ""
    _tell(
        display, f"model: {run.model} ({location.source}), calls written as {rendering.wire}", note
    )
    own = (base, tokenizer, rendering.wire, reward)
    datasets, note = make_datasets(config, *own, rows["train_rows"])
    folder = RunFolder(config.output_dir, writes=runtime.rank == 0)
    changes = changes_since(folder, config)
    _tell(display, note, *(f"changed since this run began: {change}" for change in changes))
    facts = {
        "wire": rendering.wire,
        "runtime": runtime.metadata(),
        "trainer": args.to_sanitized_dict(),
    }
    start = Start(folder, config, facts)
    if not run.resume:
        start.write()
    clock = Clock(folder.last_seconds())
    return Session(
        config,
        runtime,
        args.device,
        folder,
        start,
        display,
        *own,
        datasets=datasets,
        clock=clock,
        **rows,
    )


def _load_rows(run: RunConfig) -> tuple[dict[str, Any], list[str]]:
    """The session's rows under their names there, and what to say of them."""
    training = load_train_rows(run)
    train_rows, levels, note = training.rows, training.levels, training.note
    refuse_benchmarks(train_rows, run.train_rows)
    eval_rows, validation_rows = load_eval_rows(run), load_validation_rows(run)
    said = [note or f"rows: {len(train_rows)} of {run.train_rows}, {len(eval_rows)} held out"]
    if validation_rows:
        said.append(
            f"validation: {len(validation_rows)} of {run.validation_rows}, every {run.validation_every} steps"
        )
        if shared := len(certain_repeats(train_rows, validation_rows)):
            said.append(
                f"warning: {shared} training rows ask what a validation row asks, which may have been memorised"
            )
    elif run.validation_rows:
        said.append("validation: off, since validation_every is 0")
    rows = {"train_rows": train_rows, "train_levels": levels}
    return {**rows, "eval_rows": eval_rows, "validation_rows": validation_rows}, said


def _tell(display: Display, *notes: str) -> None:
    for note in filter(None, notes):
        display.say(note)


def _set_up(config: Config) -> tuple[TrainingArguments, Runtime]:
    """The processes as TRL finds them, checked against what was asked for."""
    quieten()
    set_threads(config.run.cpu_threads)
    args = trainer_args(trainer_class(config.method), config.trainer, config.output_dir)
    runtime = read_runtime(args)
    check_launch(args, runtime, config)
    check_settings(config, args)
    if runtime.zero_stage and runtime.device == "cpu":
        use_gloo_only()
    return args, runtime


def check_settings(config: Config, args: TrainingArguments) -> None:
    """Whether the settings go together, on as many ranks as `args` is for. Raises ConfigError."""
    if config.method == "dpo":
        dpo.check_settings(config.run, args)
    if config.method != "sft" and config.run.warm_start_steps:
        sft.split_batch(
            config.run.warm_start_batch_size, args.world_size, args.per_device_train_batch_size
        )
    if config.method == "grpo" and config.run.shared_prefix:
        _check_shared_prefix(args)


def _check_shared_prefix(args: Any) -> None:
    """What can be known before the model is there; `rlcall.train.faster.shared_prefix.obstacle` knows the rest."""
    if args.gradient_checkpointing:
        raise ConfigError(
            "shared_prefix is true, but gradient_checkpointing (TRL's default) is on; write it as false"
        )
    if args.per_device_train_batch_size == 1:
        raise ConfigError(
            "shared_prefix is true, but per_device_train_batch_size is 1, so no two completions meet"
        )


def make_datasets(
    config: Config, base: str, tokenizer: Any, wire: str, reward: Reward, rows: list[Row]
) -> tuple[dict[str, Dataset], str]:
    """The rows, and what goes with them, as each method that this run uses wants them; and what to say of that."""
    run, note = config.run, ""
    datasets = {}
    if config.method == "grpo":
        datasets["grpo"] = grpo.columns(rows, tokenizer, wire)
    if config.method == "dpo":
        pairs, note = dpo.load_pairs(run, rows, wire, reward)
        refuse_benchmarks([pair.row for pair in pairs], run.pairs)
        datasets["dpo"] = dpo.columns(pairs, tokenizer, wire)
    if config.method == "sft" and run.completions != "gold":
        right = read_right(run.completions, wire)
        refuse_benchmarks([one.row for one in right], run.completions)
        datasets["sft"] = sft.right_columns(right, tokenizer, wire)
        note = f"completions: {len(right)} of {run.completions}"
    elif config.method == "sft" or wants_warm_start(run, base):
        datasets["sft"] = sft.columns(rows, tokenizer, wire)
    return datasets, note


def check_enough(rows: int, args: Any) -> None:
    """TRL leaves out what does not fill a step, so that a run on too few rows would train nothing, and say nothing."""
    prompts_due = args.generation_batch_size // args.num_generations
    if rows < prompts_due:
        raise ConfigError(
            f"a GRPO step takes {prompts_due} different prompts (all ranks' completions / num_generations), but "
            f"train_rows gives {rows}; give more rows, a smaller batch, or more num_generations"
        )


def wants_warm_start(run: RunConfig, base: str) -> bool:
    """Not where it is switched off, and not where the model is an SFT run's."""
    return run.warm_start_steps > 0 and not is_sft_run(base)
