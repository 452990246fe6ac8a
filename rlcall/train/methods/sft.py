"""SFT: cross-entropy on the right completion, nothing else. Also the warm start of GRPO and DPO.

    {"input_ids": [prompt ids..., completion ids...], "labels": [-100, ..., completion ids...]}

The ids are made here: TRL would tokenise prompt and completion as one text, which may join tokens across the border,
and GRPO and evaluation, which see the prompt alone, would then see other ids.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row, RowError
from rlcall.errors import ConfigError
from rlcall.model.chat_template import end_of_turn
from rlcall.model.prompts import render_completion, render_prompt
from rlcall.samples.pairs import RightCompletion
from rlcall.train.config import Config

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase, Trainer

    from rlcall.train.session import Session


def columns(rows: Sequence[Row], tokenizer: PreTrainedTokenizerBase, wire: str) -> Dataset:
    """Rows as token ids and labels. Those whose answer does not say what to write have nothing to imitate: left out."""
    from datasets import Dataset

    gold = [row for row in rows if row.wanted.has_gold]
    if not gold:
        raise RowError(
            "train_rows", 0, "answer.calls", "no row lists the right calls", "SFT imitates these."
        )
    return Dataset.from_list(
        [_ids(row, render_completion(row, tokenizer, wire), tokenizer, wire) for row in gold]
    )


def right_columns(
    right: Sequence[RightCompletion], tokenizer: PreTrainedTokenizerBase, wire: str
) -> Dataset:
    """The same of completions that a model wrote and the verifier accepted (rejection sampling)."""
    from datasets import Dataset

    end = end_of_turn(tokenizer)
    return Dataset.from_list(
        [_ids(one.row, one.completion + end, tokenizer, wire) for one in right]
    )


def _ids(
    row: Row, text: str, tokenizer: PreTrainedTokenizerBase, wire: str
) -> dict[str, list[int]]:
    prompt = tokenizer(render_prompt(row, tokenizer, wire))["input_ids"]
    completion = tokenizer(text, add_special_tokens=False)["input_ids"]
    return {"input_ids": prompt + completion, "labels": [-100] * len(prompt) + completion}


def build_trainer(session: Session, model: Any, args: Any) -> tuple[Trainer, None]:
    from trl import SFTTrainer

    from rlcall.train.faster.completion_head import score_completions_alone
    from rlcall.train.resume.checkpoints import WholeCheckpoints

    class WholeSFTTrainer(WholeCheckpoints, SFTTrainer):
        pass

    trainer = WholeSFTTrainer(
        model=model,
        args=args,
        train_dataset=session.datasets["sft"],
        processing_class=session.tokenizer,
        peft_config=session.peft_config(),
    )
    score_completions_alone(trainer)
    return trainer, None


def warm_start_keys(config: Config, ranks: int) -> dict[str, Any]:
    """SFTConfig's keys for the warm start: those that any trainer of transformers has, and the warm start's own."""
    from transformers import TrainingArguments

    shared = {field.name for field in dataclasses.fields(TrainingArguments)}
    keys = {key: value for key, value in config.trainer.items() if key in shared}
    most = keys.get("per_device_train_batch_size", config.run.warm_start_batch_size)
    micro, accumulation = split_batch(config.run.warm_start_batch_size, ranks, most)
    return {
        **keys,
        "max_steps": config.run.warm_start_steps,
        "learning_rate": config.run.warm_start_learning_rate,
        "lr_scheduler_type": "linear",
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": accumulation,
    }


def split_batch(rows: int, ranks: int, most: int) -> tuple[int, int]:
    """(rows per rank and pass, passes): the largest pass of at most `most` rows that divides the batch."""
    if rows % ranks:
        raise ConfigError(f"warm_start_batch_size is {rows}, but must divide by the {ranks} ranks")
    share = rows // ranks
    micro = max(size for size in range(1, min(most, share) + 1) if share % size == 0)
    return micro, share // micro
