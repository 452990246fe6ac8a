"""Golds that a limit on tokens cuts off: counted before a run begins, and refused unless asked for.

    check_golds(config, args, datasets, rows, tokenizer, "smollm2")
    # ConfigError: max_completion_length is 72, which 21 of 512 golds of train_rows exceed (parallel
    # 21), the longest with 105 tokens: these can never be right. Write max_completion_length: 105,
    # or allow_cut_golds: true to go on with them

A gold that does not fit teaches SFT half a call, and no completion of GRPO or of an evaluation can
be right where it is due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row
from rlcall.errors import ConfigError
from rlcall.model.chat_template import PromptError
from rlcall.model.prompts import render_completion
from rlcall.train.config import Config
from rlcall.train.methods.dpo import pair_length
from rlcall.train.methods.sft import GOLD
from rlcall.train.row_sets import RowSets

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerBase

EFFECTS = {
    "max_completion_length": "these can never be right",
    "eval_max_new_tokens": "these can never be right",
    "max_length": "these lose their end",
}


@dataclass(frozen=True)
class CutGolds:
    """The golds of a source that are longer than a key allows."""

    key: str
    limit: int
    source: str
    lengths: list[int]
    """Tokens of all golds of the source."""
    tasks: list[str]
    """The task of each; "" where it is not known."""

    def __str__(self) -> str:
        cut = [
            task
            for task, length in zip(self.tasks, self.lengths, strict=True)
            if length > self.limit
        ]
        counts = Counter(filter(None, cut)).most_common()
        tasks = ", ".join(f"{task} {count}" for task, count in counts)
        return (
            f"{self.key} is {self.limit}, which {len(cut)} of {len(self.lengths)} golds of "
            f"{self.source} exceed{f' ({tasks})' if tasks else ''}, the longest with "
            f"{max(self.lengths)} tokens: {EFFECTS[self.key]}"
        )


def check_golds(
    config: Config,
    args: Any,
    datasets: Mapping[str, Dataset],
    rows: RowSets,
    tokenizer: PreTrainedTokenizerBase,
    wire: str,
) -> list[str]:
    """Return what to tell of golds that are cut. ConfigError where they are not asked for."""
    cut = list(_all_cut(config, args, datasets, rows, tokenizer, wire))
    if cut and not config.run.allow_cut_golds:
        needs: dict[str, int] = {}
        for golds in cut:
            needs[golds.key] = max(needs.get(golds.key, 0), *golds.lengths)
        told = "\n".join(map(str, cut))
        keys = ", ".join(f"{key}: {length}" for key, length in needs.items())
        raise ConfigError(f"{told}. Write {keys}, or allow_cut_golds: true to go on with them")
    for golds in cut:
        if golds.key == "max_length" and min(golds.lengths) > golds.limit:
            raise ConfigError(f"{golds}; no example is whole. Write max_length: null")
    return [f"warning: {golds}" for golds in cut] + _pairs_left_out(config, args, datasets)


def _all_cut(
    config: Config,
    args: Any,
    datasets: Mapping[str, Dataset],
    rows: RowSets,
    tokenizer: PreTrainedTokenizerBase,
    wire: str,
) -> Iterator[CutGolds]:
    run = config.run
    evaluated: dict[str | None, Sequence[Row]]
    evaluated = {run.eval_rows: rows.held_out, run.validation_rows: rows.validation}
    limits: list[tuple[str, str, Sequence[Row]]] = []
    if config.method == "grpo":
        limits.append(("max_completion_length", run.train_rows, rows.training.rows))
    for source, held_out in evaluated.items():
        limits.append(("eval_max_new_tokens", str(source), held_out))
    for key, source, of_source in limits:
        limit = run.eval_max_new_tokens if key == "eval_max_new_tokens" else getattr(args, key)
        golds = _measured(key, limit, source, of_source, tokenizer, wire)
        if limit is not None and any(length > limit for length in golds.lengths):
            yield golds
    if config.method == "sft" and args.max_length is not None:
        lengths = [len(ids) for ids in datasets["sft"]["input_ids"]]
        is_gold = run.completions == GOLD
        gold_rows = [row for row in rows.training.rows if row.wanted.has_gold] if is_gold else []
        tasks = [row.task or "" for row in gold_rows] or [""] * len(lengths)
        source = run.train_rows if is_gold else run.completions
        if max(lengths) > args.max_length:
            yield CutGolds("max_length", args.max_length, source, lengths, tasks)


def _measured(
    key: str,
    limit: int,
    source: str,
    rows: Sequence[Row],
    tokenizer: PreTrainedTokenizerBase,
    wire: str,
) -> CutGolds:
    texts, tasks = [], []
    for row in rows:
        if not row.wanted.has_gold:
            continue
        try:
            texts.append(render_completion(row, tokenizer, wire))
        except PromptError:  # the wire format cannot write it: nothing to cut
            continue
        tasks.append(row.task or "")
    ids = tokenizer(texts, add_special_tokens=False)["input_ids"] if texts else []
    return CutGolds(key, limit, source, list(map(len, ids)), tasks)


def _pairs_left_out(config: Config, args: Any, datasets: Mapping[str, Dataset]) -> list[str]:
    """Return how many pairs DPO leaves out. ConfigError where that is all of them."""
    if config.method != "dpo" or args.max_length is None:
        return []
    lengths = [pair_length(pair) for pair in datasets["dpo"]]
    left_out = sum(length > args.max_length for length in lengths)
    if left_out == len(lengths):
        raise ConfigError(
            f"max_length is {args.max_length}, but every pair is longer; write null for no limit"
        )
    what = f"{left_out} of {len(lengths)} pairs are longer, up to {max(lengths)} tokens"
    return [f"max_length is {args.max_length}: {what}, and left out"] if left_out else []
