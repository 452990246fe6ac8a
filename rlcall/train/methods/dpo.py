"""DPO: prefer a right completion to a wrong one of the same prompt, beside a reference that stays as training began.

    {"prompt_ids": [...], "chosen_ids": [..., end of turn], "rejected_ids": [..., end of turn]}

The ids are made here, as for SFT. TRL's own would tokenise prompt and completion as one text, which may join tokens
across the border, and add the tokenizer's end token after a template's own end of turn where the two differ.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row, RowError
from rlcall.errors import ConfigError
from rlcall.model import load as models
from rlcall.model.chat_template import end_of_turn
from rlcall.model.prompts import render_prompt
from rlcall.reward import Reward
from rlcall.samples.pair_files import read_pairs
from rlcall.samples.pairs import CompletionPair, made_pairs
from rlcall.train.settings import RunConfig
from rlcall.train.watch.displacement import DisplacementWarning

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase, Trainer

    from rlcall.train.session import Session

MADE = "made"
REFERENCE = ".reference"  # where a run keeps what precompute_ref_log_probs gives, while it trains
# TRL finds an unknown loss only in the first step, and what does not go together only when the trainer is built.
PAIRWISE = ("sigmoid", "sigmoid_norm", "hinge", "ipo", "exo_pair", "robust", "discopop", "sft")
LOSSES = (
    *PAIRWISE,
    "nca_pair",
    "bco_pair",
    "sppo_hard",
    "aot",
    "aot_unpaired",
    "apo_zero",
    "apo_down",
)


def check_settings(run: RunConfig, args: Any) -> None:
    """Raises ConfigError for what TRL would refuse once the warm start is done."""
    losses = set(args.loss_type)
    unpaired, sorting = losses - set(PAIRWISE), losses & {"aot", "aot_unpaired"}
    without_reference = run.lora_rank or args.precompute_ref_log_probs
    faults = (
        (losses - set(LOSSES), f"loss_type: {args.loss_type} is not made of {', '.join(LOSSES)}"),
        (args.beta <= 0, f"beta is {args.beta}, but must be above 0"),
        ("exo_pair" in losses and not args.label_smoothing, "loss_type exo_pair needs label_smoothing, such as 1e-3"),
        (args.f_divergence_type != "reverse_kl" and unpaired, f"f_divergence_type goes with {', '.join(PAIRWISE)}"),
        (args.use_weighting and sorting, "use_weighting does not go with the losses aot and aot_unpaired"),
        (args.sync_ref_model and without_reference, "sync_ref_model needs a reference in memory, which neither "
         "lora_rank nor precompute_ref_log_probs leaves"),
    )  # fmt: skip
    for applies, message in faults:
        if applies:
            raise ConfigError(message)


def load_pairs(
    run: RunConfig, rows: Sequence[Row], wire: str, reward: Reward
) -> tuple[list[CompletionPair], str]:
    """The pairs that the key `pairs` asks for, and what to say of them. RowError, ConfigError."""
    if run.pairs != MADE:
        pairs, dropped = read_pairs(run.pairs, wire), Counter[str]()
    else:
        try:
            pairs, dropped = made_pairs(
                rows, wire, reward, run.rows_seed, run.pairs_kinds, run.pairs_per_row
            )
        except ValueError as error:
            raise ConfigError(f"pairs_kinds: {error}") from error
    if not pairs:
        raise RowError(
            "train_rows", 0, "", f"no pair can be made of {len(rows)} rows: {_counted(dropped)}"
        )
    kinds = _counted(Counter(pair.kind for pair in pairs))
    left_out = f"; rows left out: {_counted(dropped)}" if dropped else ""
    return (
        pairs,
        f"pairs: {len(pairs)} {'made' if run.pairs == MADE else f'of {run.pairs}'} ({kinds}){left_out}",
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def columns(
    pairs: Sequence[CompletionPair], tokenizer: PreTrainedTokenizerBase, wire: str
) -> Dataset:
    """Pairs as token ids: the prompt's are those of SFT, GRPO and evaluation."""
    from datasets import Dataset

    end = end_of_turn(tokenizer)
    return Dataset.from_list([_ids(pair, tokenizer, wire, end) for pair in pairs])


def _ids(
    pair: CompletionPair, tokenizer: PreTrainedTokenizerBase, wire: str, end: str
) -> dict[str, list[int]]:
    return {
        "prompt_ids": tokenizer(render_prompt(pair.row, tokenizer, wire))["input_ids"],
        "chosen_ids": tokenizer(pair.chosen + end, add_special_tokens=False)["input_ids"],
        "rejected_ids": tokenizer(pair.rejected + end, add_special_tokens=False)["input_ids"],
    }


def build_trainer(session: Session, model: Any, args: Any) -> tuple[Trainer, None]:
    from trl import DPOTrainer

    from rlcall.train.faster.completion_head import score_completions_alone
    from rlcall.train.resume.checkpoints import WholeCheckpoints

    class WholeDPOTrainer(WholeCheckpoints, DPOTrainer):
        def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
            return dataset  # it holds the ids already

    trainer = WholeDPOTrainer(
        model=model,
        ref_model=_reference(session, model, args),
        args=args,
        train_dataset=_dataset(session, args),
        processing_class=session.tokenizer,
        peft_config=session.peft_config(),
    )
    score_completions_alone(trainer)
    trainer.add_callback(DisplacementWarning(session, args.beta))
    return trainer, None


def _reference(session: Session, model: Any, args: Any) -> Any:
    """The model that training begins with, once more. LoRA's is the model without its adapter."""
    if session.config.run.lora_rank or args.precompute_ref_log_probs:
        return None
    return models.load_model(model.name_or_path, dtype=session.config.run.dtype)


def _dataset(session: Session, args: Any) -> Dataset:
    """The pairs that fit in max_length: of others the end, which is the completion, would be cut off."""
    dataset = session.datasets["dpo"]
    if args.max_length is not None:
        short = dataset.filter(lambda pair: _length(pair) <= args.max_length)
        if not len(short):
            raise ConfigError(
                f"max_length is {args.max_length}, but every pair is longer; write null for no limit"
            )
        session.display.say(f"pairs longer than max_length: {len(dataset) - len(short)} left out")
        dataset = short
    return _on_disk(session, dataset, args) if args.precompute_ref_log_probs else dataset


def _length(pair: dict[str, list[int]]) -> int:
    return len(pair["prompt_ids"]) + max(len(pair["chosen_ids"]), len(pair["rejected_ids"]))


def _on_disk(session: Session, dataset: Dataset, args: Any) -> Dataset:
    """The pairs as files: rank 0 puts the reference's log-probabilities beside them, where TRL has all ranks look."""
    from datasets import Dataset

    folder = session.folder.path / REFERENCE
    with args.distributed_state.main_process_first():
        if session.folder.writes:
            shutil.rmtree(folder, ignore_errors=True)
            dataset.save_to_disk(str(folder))
    return Dataset.load_from_disk(str(folder))
