"""Lengths of the run's rows in tokens, against every limit that cuts something off.

lengths = measure(config, datasets, rows, tokenizer, "smollm2")     # [RowLength(prompt=131,
completion=42), ...]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rlcall.data.rows import Row
from rlcall.doctor.finding import RunFinding, error, ok, warning
from rlcall.model.chat_template import PromptError
from rlcall.model.prompts import render_completion, render_prompt
from rlcall.train.config import Config

MOST_ROWS = 1000  # evenly spread, so that measuring takes seconds
MANY_CUT = 0.5  # fraction of golds beyond the limit that makes an error: most rows teach nothing


@dataclass(frozen=True, slots=True)
class RowLength:
    """Tokens of one row."""

    prompt: int
    completion: int | None
    """The gold completion's, for DPO the longer one's; None where there is no gold, or the
    format cannot write it."""

    @property
    def whole(self) -> int:
        return self.prompt + (self.completion or 0)


def spread(rows: Sequence[Row], most: int) -> list[Row]:
    """Return at most this many rows, evenly spread, the first and the last among them."""
    if len(rows) <= most:
        return list(rows)
    if most == 1:
        return [rows[0]]
    return [rows[round(index * (len(rows) - 1) / (most - 1))] for index in range(most)]


def measure(
    config: Config, datasets: Mapping[str, Any], rows: Sequence[Row], tokenizer: Any, wire: str
) -> list[RowLength]:
    """Return the lengths of what the method trains on; for GRPO, of its rows."""
    lengths = []
    if config.method == "grpo":
        return measure_rows(rows, tokenizer, wire)
    if config.method == "dpo":
        for pair in datasets["dpo"]:
            longer = max(len(pair["chosen_ids"]), len(pair["rejected_ids"]))
            lengths.append(RowLength(len(pair["prompt_ids"]), longer))
        return lengths
    for example in datasets["sft"]:
        prompt = example["labels"].count(-100)
        lengths.append(RowLength(prompt, len(example["labels"]) - prompt))
    return lengths


def measure_rows(rows: Sequence[Row], tokenizer: Any, wire: str) -> list[RowLength]:
    """Return the lengths of rows' prompts and golds."""
    lengths = []
    for row in rows:
        prompt = _count(render_prompt(row, tokenizer, wire), tokenizer, special_tokens=True)
        lengths.append(RowLength(prompt, _gold_length(row, tokenizer, wire)))
    return lengths


def _gold_length(row: Row, tokenizer: Any, wire: str) -> int | None:
    if not row.wanted.has_gold:
        return None
    try:
        text = render_completion(row, tokenizer, wire)
    except PromptError:  # this wire format cannot write the calls
        return None
    return _count(text, tokenizer, special_tokens=False)


def _count(text: str, tokenizer: Any, special_tokens: bool) -> int:
    return len(tokenizer(text, add_special_tokens=special_tokens)["input_ids"])


def longest(config: Config, args: Any, lengths: Sequence[RowLength]) -> tuple[int, int]:
    """Return the longest prompt and completion that a batch may hold."""
    prompt = max(length.prompt for length in lengths)
    if config.method == "grpo":
        return prompt, int(args.max_completion_length)
    completion = max((length.completion or 0 for length in lengths), default=0)
    most = args.max_length or prompt + completion
    return min(prompt, most), min(completion, max(0, most - prompt))


def check_lengths(
    config: Config,
    args: Any,
    lengths: Sequence[RowLength],
    held_out: Sequence[RowLength],
    context: int,
) -> Iterator[RunFinding]:
    """Yield what is too long; `context` is the most tokens that the model was made for."""
    findings = [
        *_check_context(config, args, lengths, context),
        *_check_limits(config, args, lengths),
        *_check_held_out(config, held_out),
    ]
    if not findings:
        message = f"{_describe(lengths)}; the model was made for {context:,}"
        findings.append(ok("lengths", message))
    yield from findings


def _check_context(
    config: Config, args: Any, lengths: Sequence[RowLength], context: int
) -> Iterator[RunFinding]:
    if config.method == "grpo":
        room = args.max_completion_length
        part = f"prompt and max_completion_length ({room})"
        sizes = [length.prompt + room for length in lengths]
    else:
        part = "prompt and completion"
        sizes = [length.whole for length in lengths]
    too_long = [size for size in sizes if size > context]
    if not too_long:
        return
    message = (
        f"{part} exceed the {context:,} tokens that the model was made for in "
        f"{_fraction(too_long, lengths)}, by up to {max(too_long) - context:,}"
    )
    remedy = f"leave them out (rlcall check --max-length {context} lists them), or another model"
    yield error("lengths", message, remedy)


def _check_limits(config: Config, args: Any, lengths: Sequence[RowLength]) -> Iterator[RunFinding]:
    key = "max_completion_length" if config.method == "grpo" else "max_length"
    limit = getattr(args, key)
    with_gold = [length for length in lengths if length.completion is not None]
    if limit is None or not with_gold:
        return
    if config.method == "grpo":
        sizes = [length.completion or 0 for length in with_gold]
    else:
        sizes = [length.whole for length in with_gold]
    too_long = [size for size in sizes if size > limit]
    if not too_long:
        return
    effects = {
        "grpo": "can never be right",
        "dpo": "are left out",
        "sft": "lose their end, which is the completion",
    }
    message = f"{key} is {limit}: {_fraction(too_long, with_gold)} {effects[config.method]}"
    remedy = f"{key}: {max(sizes)}"
    if config.method != "grpo":
        remedy += ", or null"
    is_refused = config.method != "dpo" and not config.run.allow_cut_golds
    severity = error if is_refused or len(too_long) / len(with_gold) > MANY_CUT else warning
    yield severity("lengths", message, remedy)


def _check_held_out(config: Config, held_out: Sequence[RowLength]) -> Iterator[RunFinding]:
    limit = config.run.eval_max_new_tokens
    golds = [length.completion for length in held_out if length.completion is not None]
    too_long = [size for size in golds if size > limit]
    if too_long:
        rows = _fraction(too_long, golds)
        message = f"eval_max_new_tokens is {limit}: {rows} held out cannot be right"
        severity = warning if config.run.allow_cut_golds else error
        yield severity("lengths", message, f"eval_max_new_tokens: {max(too_long)}")


def _fraction(part: Sequence[Any], rows: Sequence[Any]) -> str:
    return f"{len(part)} of {len(rows)} rows ({len(part) / len(rows):.0%})"


def _describe(lengths: Sequence[RowLength]) -> str:
    prompts = [length.prompt for length in lengths]
    golds = [length.completion for length in lengths if length.completion is not None]
    text = f"{len(lengths)} rows: prompts of {min(prompts)} to {max(prompts)} tokens"
    if golds:
        text += f", completions {min(golds)} to {max(golds)}"
    return text
