"""DPO: prefer a right completion to a wrong one, next to a reference that stays as it was.

    {"prompt_ids": [...], "chosen_ids": [..., end of turn], "rejected_ids": [..., end of turn]}

The ids are made here, as for SFT. TRL's own would tokenise prompt and completion as one text, which
may join tokens across the border, and add the tokenizer's end token after a template's own end of
turn where the two differ.
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
from rlcall.model.ends import with_end
from rlcall.model.prompts import render_prompt
from rlcall.reward import Reward
from rlcall.runs.folder import REFERENCE
from rlcall.samples.pair_files import read_pairs
from rlcall.samples.pairs import CompletionPair, made_pairs
from rlcall.sources import refuse_benchmarks, refuse_broken_history
from rlcall.train.settings import RunConfig
from rlcall.train.watch.displacement import DisplacementWarning

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase, Trainer

    from rlcall.train.session import Session

MADE = "made"
# TRL finds an unknown loss only in the first step, and what does not go together only when the
# trainer is built.
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
    """Refuse what TRL would refuse once the warm start is done. Raises ConfigError."""
    losses = set(args.loss_type)
    pairwise = ", ".join(PAIRWISE)
    if losses - set(LOSSES):
        raise ConfigError(f"loss_type: {args.loss_type} is not made of {', '.join(LOSSES)}")
    if args.beta <= 0:
        raise ConfigError(f"beta is {args.beta}, but must be above 0")
    if "exo_pair" in losses and not args.label_smoothing:
        raise ConfigError("loss_type exo_pair needs label_smoothing, such as 1e-3")
    if args.f_divergence_type != "reverse_kl" and losses - set(PAIRWISE):
        raise ConfigError(f"f_divergence_type goes with {pairwise}")
    if args.use_weighting and losses & {"aot", "aot_unpaired"}:
        raise ConfigError("use_weighting does not go with the losses aot and aot_unpaired")
    if args.sync_ref_model and not _has_reference(run, args):
        raise ConfigError(
            "sync_ref_model needs a reference in memory, which neither lora_rank nor "
            "precompute_ref_log_probs leaves"
        )


def make_dataset(
    run: RunConfig,
    rows: list[Row],
    tokenizer: PreTrainedTokenizerBase,
    wire: str,
    reward: Reward,
) -> tuple[Dataset, str]:
    """Return the pairs that the key `pairs` asks for, and a note. Raises RowError, ConfigError."""
    pairs, dropped = _load_pairs(run, rows, wire, reward)
    if not pairs:
        reasons = _in_words(dropped)
        raise RowError("train_rows", 0, "", f"no pair can be made of {len(rows)} rows: {reasons}")
    paired = [pair.row for pair in pairs]
    refuse_broken_history(paired, run.pairs)
    refuse_benchmarks(paired, run.pairs)
    origin = "made" if run.pairs == MADE else f"of {run.pairs}"
    kinds = _in_words(Counter(pair.kind for pair in pairs))
    note = f"pairs: {len(pairs)} {origin} ({kinds})"
    if dropped:
        note += f"; rows left out: {_in_words(dropped)}"
    return columns(pairs, tokenizer, wire), note


def _load_pairs(
    run: RunConfig, rows: Sequence[Row], wire: str, reward: Reward
) -> tuple[list[CompletionPair], Counter[str]]:
    if run.pairs != MADE:
        return read_pairs(run.pairs, wire), Counter()
    kinds, per_row = run.pairs_kinds, run.pairs_per_row
    try:
        return made_pairs(rows, wire, reward, run.rows_seed, kinds, per_row)
    except ValueError as error:
        raise ConfigError(f"pairs_kinds: {error}") from error


def _in_words(counts: Counter[str]) -> str:
    """Return `wrong_name 12, wrong_value 7`."""
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def columns(
    pairs: Sequence[CompletionPair], tokenizer: PreTrainedTokenizerBase, wire: str
) -> Dataset:
    """Return pairs as token ids: the prompt's are those of SFT, GRPO and evaluation."""
    from datasets import Dataset

    end = end_of_turn(tokenizer)
    examples = []
    for pair in pairs:
        prompt = tokenizer(render_prompt(pair.row, tokenizer, wire))
        chosen = tokenizer(with_end(pair.chosen, end), add_special_tokens=False)
        rejected = tokenizer(with_end(pair.rejected, end), add_special_tokens=False)
        examples.append(
            {
                "prompt_ids": prompt["input_ids"],
                "chosen_ids": chosen["input_ids"],
                "rejected_ids": rejected["input_ids"],
            }
        )
    return Dataset.from_list(examples)


def build_trainer(session: Session, model: Any, args: Any) -> tuple[Trainer, None]:
    """Return the trainer; DPO samples nothing while it trains."""
    from trl import DPOTrainer

    from rlcall.train.faster.completion_head import score_completions_alone
    from rlcall.train.resume.sealed_checkpoints import SealedCheckpoints

    class ResumableDPOTrainer(SealedCheckpoints, DPOTrainer):
        def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
            return dataset  # it holds the ids already

    run = session.config.run
    reference = None
    if _has_reference(run, args):
        reference = models.load_model(model.name_or_path, dtype=run.dtype)
    trainer = ResumableDPOTrainer(
        model=model,
        ref_model=reference,
        args=args,
        train_dataset=_fitting_pairs(session, args),
        processing_class=session.tokenizer,
        peft_config=session.peft_config(),
    )
    score_completions_alone(trainer)
    trainer.add_callback(DisplacementWarning(session, args.beta))
    return trainer, None


def _has_reference(run: RunConfig, args: Any) -> bool:
    """Return whether a second model is held in memory.

    LoRA's reference is the model without its adapter.
    """
    return not run.lora_rank and not args.precompute_ref_log_probs


def _fitting_pairs(session: Session, args: Any) -> Dataset:
    """Return the pairs that fit in max_length.

    Of others the end, which is the completion, would be cut off.
    """
    dataset = session.datasets["dpo"]
    if args.max_length is not None:
        fitting = dataset.filter(lambda pair: pair_length(pair) <= args.max_length)
        if not len(fitting):
            raise ConfigError(
                f"max_length is {args.max_length}, but every pair is longer; write null for no "
                "limit"
            )
        left_out = len(dataset) - len(fitting)
        session.display.say(f"pairs longer than max_length: {left_out} left out")
        dataset = fitting
    return _on_disk(session, dataset, args) if args.precompute_ref_log_probs else dataset


def pair_length(pair: dict[str, list[int]]) -> int:
    """Return the tokens of a prompt with the longer of its completions."""
    return len(pair["prompt_ids"]) + max(len(pair["chosen_ids"]), len(pair["rejected_ids"]))


def _on_disk(session: Session, dataset: Dataset, args: Any) -> Dataset:
    """Return the pairs as files.

    Rank 0 puts the reference's log-probabilities there, where all ranks read them.
    """
    from datasets import Dataset

    folder = session.folder.path / REFERENCE
    with args.distributed_state.main_process_first():
        if session.folder.writes:
            shutil.rmtree(folder, ignore_errors=True)
            dataset.save_to_disk(str(folder))
    return Dataset.load_from_disk(str(folder))
