"""GRPO: TRL's trainer with the verifier as its only reward function.

    {"prompt": "<|im_start|>system\n...", "tools": "[{...}]", "answer": "{\"calls\": [...]}", "place": 0}

Prompts are text because TRL does not render a row's own tools; tools and answer are JSON text because Arrow would pad
their objects with nulls. `place` is the row's among the training rows: two rows may have one prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row
from rlcall.errors import ConfigError
from rlcall.model.ends import end_turns
from rlcall.model.prompts import prompt_columns
from rlcall.reward import Score, reward_function
from rlcall.train.groups.pace import Pace
from rlcall.train.watch.failures import Failures
from rlcall.verify import Verdict

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase, Trainer

    from rlcall.train.session import Session


def columns(rows: Sequence[Row], tokenizer: PreTrainedTokenizerBase, wire: str) -> Dataset:
    """Rows as the columns that TRL hands on to the reward function."""
    from datasets import Dataset

    return Dataset.from_list(
        [{**prompt_columns(row, tokenizer, wire), "place": place} for place, row in enumerate(rows)]
    )


def build_trainer(session: Session, model: Any, args: Any) -> tuple[Trainer, Samples]:
    """The trainer, and the samples that it leaves behind at each step."""
    rows = session.train_rows
    failures = Failures(session.folder.failures, session.runtime.rank, session.reward, rows)
    samples = Samples(rows, failures)
    end_turns(model, session.tokenizer, args)
    trainer = _trainer_class()(
        model=model,
        reward_funcs=reward_function(
            session.reward, session.tokenizer, session.wire, observe=samples.observe
        ),
        args=args,
        train_dataset=session.datasets["grpo"],
        processing_class=session.tokenizer,
        peft_config=session.peft_config(),
    )
    share_where_exact(session, trainer)
    trainer.rollout_batch_size = session.config.run.rollout_batch_size
    sample_as_asked(session, trainer, samples)
    return trainer, samples


def _trainer_class() -> type:
    from rlcall.train.faster.shared_prefix import SharedPrefixTrainer
    from rlcall.train.groups.dynamic_sampling import DynamicSampling
    from rlcall.train.resume.checkpoints import WholeCheckpoints
    from rlcall.train.resume.generation_buffer import GenerationBuffer

    class WholeGRPOTrainer(
        WholeCheckpoints, GenerationBuffer, DynamicSampling, SharedPrefixTrainer
    ):  # type: ignore[misc]
        pass

    return WholeGRPOTrainer


def share_where_exact(session: Session, trainer: Any) -> None:
    """Do what the key shared_prefix says, and tell. Raises ConfigError where it insists on what would not be exact."""
    from rlcall.train.faster.shared_prefix import is_random, obstacle

    wanted = session.config.run.shared_prefix
    why_not = "shared_prefix is false" if wanted is False else obstacle(trainer)
    if wanted and why_not:
        raise ConfigError(
            f"shared_prefix is true, but {why_not}; write null for sharing prompts where it is exact"
        )
    if wanted is not False and not is_random(trainer):
        trainer.let_ended_leave()
    if why_not is None:
        trainer.share_prompts()
    session.start.note(shared_prefix=why_not is None)
    session.display.say(f"shared prompts: off, {why_not}" if why_not else "shared prompts: on")


def sample_as_asked(session: Session, trainer: Any, samples: Samples) -> None:
    """Dynamic sampling, the floor of the standard deviation and the curriculum, as the config has them."""
    run = session.config.run
    trainer.sample_dynamically(
        rounds=run.dynamic_sampling_rounds,
        std_floor=run.reward_std_floor,
        correct=lambda: samples.correct,
        pace=Pace(run.curriculum, session.train_levels, trainer.args.seed)
        if run.curriculum
        else None,
    )


class Samples:
    """What this rank sampled since it was last asked, with the verdicts. `rows` are the training rows.

    `correct` has the strict outcomes of the last batch.
    """

    def __init__(self, rows: Sequence[Row], failures: Failures) -> None:
        self._rows, self.failures = rows, failures
        self._waiting: list[dict[str, Any]] = []
        self.correct: list[bool | None] = []

    def observe(
        self,
        places: Sequence[int],
        completions: Sequence[Any],
        verdicts: Sequence[Verdict],
        scores: Sequence[Score],
    ) -> None:
        self.failures.observe(places, completions, scores)
        self.correct = [verdict.correct for verdict in verdicts]
        for place, completion, verdict, score in zip(
            places, completions, verdicts, scores, strict=True
        ):
            row = self._rows[place]
            said = {"id": row.id, "request": row.last_request, "completion": completion}
            self._waiting.append({**said, **score.to_json(), **verdict.to_json()})

    def take(self) -> list[dict[str, Any]]:
        taken, self._waiting = self._waiting, []
        return taken
