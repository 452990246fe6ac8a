"""SFT: cross-entropy on the right completion, nothing else. Also the warm start of GRPO and DPO.

    {"input_ids": [prompt ids..., completion ids...], "labels": [-100, ..., completion ids...]}

The ids are made here: TRL would tokenise prompt and completion as one text, which may join tokens
across the border, and GRPO and evaluation, which see the prompt alone, would then see other ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row, RowError
from rlcall.model.chat_template import end_of_turn
from rlcall.model.ends import with_end
from rlcall.model.prompts import render_completion, render_prompt
from rlcall.reward import Reward
from rlcall.samples.pair_files import read_right
from rlcall.samples.pairs import RightCompletion
from rlcall.sources import refuse_benchmarks, refuse_broken_history
from rlcall.train.settings import RunConfig

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase, Trainer

    from rlcall.train.session import Session

GOLD = "gold"


def check_settings(run: RunConfig, args: Any) -> None:
    """Accept all: SFT has no settings that would not go together."""


def make_dataset(
    run: RunConfig,
    rows: list[Row],
    tokenizer: PreTrainedTokenizerBase,
    wire: str,
    reward: Reward,
) -> tuple[Dataset, str]:
    """Return what the key `completions` has the model imitate, and a note. Raises RowError."""
    if run.completions == GOLD:
        return columns(rows, tokenizer, wire), ""
    right = read_right(run.completions, wire)
    imitated = [completion.row for completion in right]
    refuse_broken_history(imitated, run.completions)
    refuse_benchmarks(imitated, run.completions)
    note = f"completions: {len(right)} of {run.completions}"
    return right_columns(right, tokenizer, wire), note


def columns(rows: Sequence[Row], tokenizer: PreTrainedTokenizerBase, wire: str) -> Dataset:
    """Return rows as token ids and labels.

    Rows whose answer does not say what to write are left out.

    Raises RowError where none is left.
    """
    gold = [row for row in rows if row.wanted.has_gold]
    if not gold:
        raise RowError(
            "train_rows", 0, "answer.calls", "no row lists the right calls", "SFT imitates these."
        )
    texts = [render_completion(row, tokenizer, wire) for row in gold]
    return _tokenise(zip(gold, texts, strict=True), tokenizer, wire)


def right_columns(
    right: Sequence[RightCompletion], tokenizer: PreTrainedTokenizerBase, wire: str
) -> Dataset:
    """Return the same of completions that the verifier accepted (rejection sampling)."""
    end = end_of_turn(tokenizer)
    texts = [(imitated.row, with_end(imitated.completion, end)) for imitated in right]
    return _tokenise(texts, tokenizer, wire)


def _tokenise(
    texts: Iterable[tuple[Row, str]], tokenizer: PreTrainedTokenizerBase, wire: str
) -> Dataset:
    from datasets import Dataset

    examples = []
    for row, text in texts:
        prompt = tokenizer(render_prompt(row, tokenizer, wire))["input_ids"]
        completion = tokenizer(text, add_special_tokens=False)["input_ids"]
        labels = [-100] * len(prompt) + completion
        examples.append({"input_ids": prompt + completion, "labels": labels})
    return Dataset.from_list(examples)


def build_trainer(session: Session, model: Any, args: Any) -> tuple[Trainer, None]:
    """Return the trainer; SFT samples nothing."""
    from trl import SFTTrainer

    from rlcall.train.faster.completion_head import score_completions_alone
    from rlcall.train.resume.sealed_checkpoints import SealedCheckpoints

    class ResumableSFTTrainer(SealedCheckpoints, SFTTrainer):
        pass

    trainer = ResumableSFTTrainer(
        model=model,
        args=args,
        train_dataset=session.datasets["sft"],
        processing_class=session.tokenizer,
        peft_config=session.peft_config(),
    )
    score_completions_alone(trainer)
    return trainer, None
