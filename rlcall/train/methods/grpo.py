"""GRPO: TRL's trainer with the verifier as its only reward function.

    {"prompt": "<|im_start|>system\n...", "tools": "[{...}]", "answer": "{\"calls\": [...]}",
     "place": 0}

Prompts are text because TRL does not render a row's own tools; tools and answer are JSON text
because Arrow would pad their objects with nulls. `place` is the row's index among the training
rows: two rows may have the same prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row
from rlcall.errors import ConfigError
from rlcall.model.ends import end_turns
from rlcall.model.load import plain_model
from rlcall.model.prompts import prompt_columns, render_prompt
from rlcall.reward import Reward, Score, reward_function
from rlcall.train.groups.curriculum import Curriculum
from rlcall.train.groups.twin_pairs import TwinPairs, originals_of
from rlcall.train.groups.worked_examples import EXAMPLE, WorkedExamples
from rlcall.train.settings import RunConfig
from rlcall.train.watch.failures import Failures
from rlcall.verify import Verdict

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase, Trainer

    from rlcall.train.session import Session


def check_settings(run: RunConfig, args: Any) -> None:
    """Refuse what is known not to share prompts before the model is there. Raises ConfigError.

    `rlcall.train.faster.shared_prefix.obstacle` knows the rest.
    """
    if not run.shared_prefix:
        return
    if args.gradient_checkpointing:
        raise ConfigError(
            "shared_prefix is true, but gradient_checkpointing (TRL's default) is on; write it as "
            "false"
        )
    if args.per_device_train_batch_size == 1:
        raise ConfigError(
            "shared_prefix is true, but per_device_train_batch_size is 1, so no two completions "
            "meet"
        )


def check_enough(rows: int, args: Any, oversample_prompts: int) -> None:
    """Refuse too few rows for one step, of which TRL would train nothing, and say nothing.

    Raises ConfigError.
    """
    prompts_due = oversample_prompts * args.generation_batch_size // args.num_generations
    if rows < prompts_due:
        raise ConfigError(
            f"a GRPO step takes {prompts_due} different prompts (all ranks' completions / "
            f"num_generations, times oversample_prompts), but train_rows gives {rows}; give more "
            "rows, a smaller batch, or more num_generations"
        )


def make_dataset(
    run: RunConfig,
    rows: list[Row],
    tokenizer: PreTrainedTokenizerBase,
    wire: str,
    reward: Reward,
) -> tuple[Dataset, str]:
    """Return the rows as `columns` has them, and a note on how many have a worked example."""
    dataset = columns(rows, tokenizer, wire)
    if not run.worked_examples:
        return dataset, ""
    examples = WorkedExamples(rows, wire, run.rows_seed)
    prompts = []
    for row in rows:
        shown = examples.shown(row)
        prompts.append(render_prompt(shown, tokenizer, wire) if shown else "")
    count = sum(map(bool, prompts))
    return dataset.add_column(EXAMPLE, prompts), f"worked examples: {count} rows have one"


def columns(rows: Sequence[Row], tokenizer: PreTrainedTokenizerBase, wire: str) -> Dataset:
    """Return rows as the columns that TRL hands on to the reward function."""
    from datasets import Dataset

    examples = []
    for index, row in enumerate(rows):
        examples.append({**prompt_columns(row, tokenizer, wire), "place": index})
    return Dataset.from_list(examples)


def build_trainer(session: Session, model: Any, args: Any) -> tuple[Trainer, Samples]:
    """Return the trainer, and the samples that it leaves behind at each step."""
    rows, run = session.rows.training.rows, session.config.run
    failures = Failures(session.folder.failures, session.runtime.rank, session.reward, rows)
    samples = Samples(rows, failures)
    reward = reward_function(
        session.reward, session.tokenizer, session.wire, observe=samples.observe
    )
    end_turns(model, session.tokenizer, args)
    trainer = _trainer_class()(
        model=model,
        reward_funcs=reward,
        args=args,
        train_dataset=session.datasets["grpo"],
        processing_class=session.tokenizer,
        peft_config=session.peft_config(),
    )
    share_where_exact(session, trainer)
    roll_out_as_told(session, trainer)
    curriculum = None
    if run.curriculum:
        curriculum = Curriculum(run.curriculum, session.rows.training.levels, args.seed)
    originals = originals_of(rows)
    prompts = run.oversample_prompts * args.generation_batch_size // args.num_generations
    pairs = originals and prompts > 1
    trainer.sample_dynamically(
        rounds=run.dynamic_sampling_rounds,
        std_floor=run.reward_std_floor,
        outcomes=lambda: samples.outcomes,
        curriculum=curriculum,
        twins=TwinPairs(originals, args.seed) if pairs else None,
        oversample=run.oversample,
        oversample_prompts=run.oversample_prompts,
        worked_examples=run.worked_examples,
    )
    return trainer, samples


def _trainer_class() -> type:
    from rlcall.train.faster.rollouts import RolloutTrainer
    from rlcall.train.faster.shared_prefix import SharedPrefixTrainer
    from rlcall.train.groups.dynamic_sampling import DynamicSampling
    from rlcall.train.resume.generation_buffer import GenerationBuffer
    from rlcall.train.resume.sealed_checkpoints import SealedCheckpoints

    # The order matters. SealedCheckpoints comes first, so that its `own_state` has what all that
    # follow add. DynamicSampling comes before RolloutTrainer, so that the completions which it
    # selects from are made by the latter's `_generate_single_turn`, which is fast and counts the
    # seconds, and those which it hands to TRL are not. RolloutTrainer comes before
    # SharedPrefixTrainer, whose log-probabilities it compares with those of the rollout.
    class ResumableGRPOTrainer(
        SealedCheckpoints, GenerationBuffer, DynamicSampling, RolloutTrainer, SharedPrefixTrainer
    ):  # type: ignore[misc]
        pass

    return ResumableGRPOTrainer


def share_where_exact(session: Session, trainer: Any) -> None:
    """Do what the key shared_prefix says, and tell.

    Raises ConfigError where it insists on what would not be exact.
    """
    from rlcall.train.faster.shared_prefix import obstacle

    wanted = session.config.run.shared_prefix
    why_not = "shared_prefix is false" if wanted is False else obstacle(trainer)
    if wanted and why_not:
        raise ConfigError(
            f"shared_prefix is true, but {why_not}; write null to share prompts where it is exact"
        )
    if why_not is None:
        trainer.share_prompts()
    session.start.note(shared_prefix=why_not is None)
    session.display.say(f"shared prompts: off, {why_not}" if why_not else "shared prompts: on")


def roll_out_as_told(session: Session, trainer: Any) -> None:
    """Do what the keys rollout_dtype and rollout_batch_size say, and tell."""
    from rlcall.model.rollouts.precision import rollout_dtype

    run = session.config.run
    trainer.rollout_batch_size = run.rollout_batch_size
    why_not = trainer.rollout_obstacle()
    if run.shared_prefix is False:
        why_not = "shared_prefix is false"
    if why_not:
        session.start.note(rollouts=f"stock: {why_not}")
        session.display.say(f"fast rollouts: off, {why_not}")
        return
    model = plain_model(trainer, trainer.model)
    dtype = model.dtype if trainer.weights_are_apart() else rollout_dtype(run.rollout_dtype, model)
    trainer.roll_out_fast(dtype)
    name = str(dtype).removeprefix("torch.")
    session.start.note(rollouts=name)
    session.display.say(f"fast rollouts: in {name}")


class Samples:
    """The completions that this rank sampled since it was last asked, with their verdicts.

    `rows` are the training rows. `outcomes` has the strict outcomes of the last batch.
    """

    def __init__(self, rows: Sequence[Row], failures: Failures) -> None:
        self.failures = failures
        self.outcomes: list[bool | None] = []
        self._rows = rows
        self._waiting: list[dict[str, Any]] = []

    def observe(
        self,
        row_indices: Sequence[int],
        completions: Sequence[Any],
        verdicts: Sequence[Verdict],
        scores: Sequence[Score],
    ) -> None:
        """Add a batch, as the reward function has judged it."""
        self.failures.observe(row_indices, completions, scores)
        self.outcomes = [verdict.correct for verdict in verdicts]
        batch = zip(row_indices, completions, verdicts, scores, strict=True)
        for index, completion, verdict, score in batch:
            row = self._rows[index]
            sample = {"id": row.id, "request": row.last_request, "completion": completion}
            self._waiting.append({**sample, **score.to_json(), **verdict.to_json()})

    def take(self) -> list[dict[str, Any]]:
        """Return the samples, lines of samples.jsonl, and forget them."""
        samples, self._waiting = self._waiting, []
        return samples
