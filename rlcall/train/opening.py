"""Opening a run: everything it needs is loaded and checked before anything is trained.

session = open_session(config)       # every mistake of the user's ends the run here
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row
from rlcall.model import load as models
from rlcall.model.chat_template import PromptError
from rlcall.model.prompts import render_prompt
from rlcall.model.rendering import rendering_of
from rlcall.model.runtime import Runtime, quieten, read_runtime, set_threads, use_gloo_only
from rlcall.reward import Reward, load_reward
from rlcall.runs.folder import RunFolder
from rlcall.sources import located
from rlcall.train.arguments import trainer_args
from rlcall.train.config import Config, trainer_class
from rlcall.train.gold_lengths import check_golds
from rlcall.train.launch_check import check_launch
from rlcall.train.methods import grpo, implementation, sft
from rlcall.train.row_sets import describe_rows, load_row_sets
from rlcall.train.session import Session
from rlcall.train.start import Start, changes_since, check_folder
from rlcall.train.trl_keys import refuse_missing_packages
from rlcall.train.warm_start import split_batch, why_no_warm_start
from rlcall.train.watch.clock import TrainingClock
from rlcall.train.watch.display import Display

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase, TrainingArguments


def open_session(config: Config) -> Session:
    """Load and check everything that a run needs, and begin its folder. Raises UserError."""
    run = config.run
    refuse_missing_packages(config.trainer)
    check_folder(config.output_dir, run.resume)
    reward = load_reward(run.rewards, run.gates)
    rows = load_row_sets(run)
    args, runtime = _set_up_processes(config)
    if config.method == "grpo":
        levels = len(set(rows.training.levels)) or 1
        grpo.check_enough(len(rows.training.rows) // levels, args, run.oversample_prompts)
    display = Display(speaks=runtime.rank == 0)
    display.say(f"running on: {runtime}")
    for note in describe_rows(rows, run):
        display.say(note)

    base, tokenizer, wire = _load_tokenizer(config, args, display)
    with naming_rows(rows.training.rows, run.train_rows, run.model):
        datasets, note = make_datasets(config, base, tokenizer, wire, reward, rows.training.rows)
    for evaluated, source in (
        (rows.held_out, run.eval_rows),
        (rows.validation, run.validation_rows),
    ):
        with naming_rows(evaluated, source or "", run.model):
            for row in evaluated:
                render_prompt(row, tokenizer, wire)
    if note:
        display.say(note)
    for warning in check_golds(config, args, datasets, rows, tokenizer, wire):
        display.say(warning)

    folder = RunFolder(config.output_dir, writes=runtime.rank == 0)
    for change in changes_since(folder, config):
        display.say(f"changed since this run began: {change}")
    trainer_keys = args.to_sanitized_dict()
    facts = {"wire": wire, "runtime": runtime.metadata(), "trainer": trainer_keys}
    start = Start(folder, config, facts)
    if not run.resume:
        start.write()
    return Session(
        config=config,
        runtime=runtime,
        device=args.device,
        folder=folder,
        start=start,
        display=display,
        base=base,
        tokenizer=tokenizer,
        wire=wire,
        reward=reward,
        rows=rows,
        datasets=datasets,
        clock=TrainingClock(folder.last_seconds()),
    )


@contextmanager
def naming_rows(rows: list[Row], source: str, model: str) -> Iterator[None]:
    """Say of a row that cannot become a prompt where it is. Raises RowError, PromptError."""
    try:
        yield
    except PromptError as error:
        for index, row in enumerate(rows):
            if row is error.row:
                remedy = f"`rlcall check --model {model}` lists all such rows."
                raise located(error.reason, "messages", rows, index, source, remedy) from error
        raise


def _load_tokenizer(
    config: Config, args: TrainingArguments, display: Display
) -> tuple[str, PreTrainedTokenizerBase, str]:
    """Return the model to begin with, its tokenizer, and the wire format of its calls."""
    name = config.run.model
    with args.distributed_state.main_process_first():  # which may build or convert it
        location = models.resolve(name, config.output_dir / "base")
    tokenizer = models.load_tokenizer(location.path)
    rendering = rendering_of(tokenizer, location.path, config.run.wire)
    display.say(f"model: {name} ({location.source}), calls written as {rendering.wire}")
    if rendering.note:
        display.say(f"{name}: {rendering.note}")
    return location.path, tokenizer, rendering.wire


def _set_up_processes(config: Config) -> tuple[TrainingArguments, Runtime]:
    """Return TRL's arguments and the processes that it finds, which are those asked for."""
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
    """Refuse settings that do not go together on as many ranks as `args` is for.

    Raises ConfigError.
    """
    run = config.run
    implementation(config.method).check_settings(run, args)
    if config.method != "sft" and run.warm_start_steps:
        split_batch(run.warm_start_batch_size, args.world_size, args.per_device_train_batch_size)


def make_datasets(
    config: Config, base: str, tokenizer: Any, wire: str, reward: Reward, rows: list[Row]
) -> tuple[dict[str, Dataset], str]:
    """Return the rows as each method of this run wants them, and a note for the user, or ""."""
    method = implementation(config.method)
    dataset, note = method.make_dataset(config.run, rows, tokenizer, wire, reward)
    datasets = {config.method: dataset}
    if why_no_warm_start(config, base) is None:
        datasets["sft"] = sft.columns(rows, tokenizer, wire)
    return datasets, note
