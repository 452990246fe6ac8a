"""The run's own rows as tokens, under the model's own template, against every limit that cuts something off.

lengths = measure(config, datasets, rows, tokenizer, "smollm2")     # [Length(prompt=131, completion=42), ...]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rlcall.data.rows import Row
from rlcall.doctor.finding import Finding, error, ok, warning
from rlcall.model.chat_template import PromptError
from rlcall.model.prompts import render_completion, render_prompt
from rlcall.train.config import Config

MOST_ROWS = 1000
"""So many rows are looked at, evenly spread, so that it takes seconds."""
MANY_CUT = 0.5
"""A share of gold completions beyond the limit that makes an error of a warning: most rows would teach nothing."""


@dataclass(frozen=True, slots=True)
class Length:
    """Tokens of one row."""

    prompt: int
    completion: int | None
    """The gold completion's, for DPO the longer one's; None where there is no gold, or the format cannot write it."""

    @property
    def whole(self) -> int:
        return self.prompt + (self.completion or 0)


def spread(rows: Sequence[Row], most: int) -> list[Row]:
    """At most so many rows, evenly spread, the first and the last among them."""
    if len(rows) <= most:
        return list(rows)
    return [
        rows[round(place * (len(rows) - 1) / (most - 1))] if most > 1 else rows[0]
        for place in range(most)
    ]


def measure(
    config: Config, datasets: Mapping[str, Any], rows: Sequence[Row], tokenizer: Any, wire: str
) -> list[Length]:
    """The lengths of what the method trains on; for GRPO, of its rows."""
    if config.method == "grpo":
        return measure_rows(rows, tokenizer, wire)
    if config.method == "dpo":
        pairs = datasets["dpo"]
        return [
            Length(len(one["prompt_ids"]), max(len(one["chosen_ids"]), len(one["rejected_ids"])))
            for one in pairs
        ]
    masked = [(len(one["labels"]), one["labels"].count(-100)) for one in datasets["sft"]]
    return [Length(prompt, whole - prompt) for whole, prompt in masked]


def measure_rows(rows: Sequence[Row], tokenizer: Any, wire: str) -> list[Length]:
    return [
        Length(
            _count(render_prompt(row, tokenizer, wire), tokenizer, True),
            _gold(row, tokenizer, wire),
        )
        for row in rows
    ]


def _gold(row: Row, tokenizer: Any, wire: str) -> int | None:
    if not row.wanted.has_gold:
        return None
    try:
        return _count(render_completion(row, tokenizer, wire), tokenizer, False)
    except PromptError:  # this wire format cannot write the calls
        return None


def _count(text: str, tokenizer: Any, begins: bool) -> int:
    return len(tokenizer(text, add_special_tokens=begins)["input_ids"])


def longest(config: Config, args: Any, lengths: Sequence[Length]) -> tuple[int, int]:
    """(prompt, completion): the longest that a batch may hold."""
    prompt = max(one.prompt for one in lengths)
    if config.method == "grpo":
        return prompt, int(args.max_completion_length)
    completion = max((one.completion or 0 for one in lengths), default=0)
    most = args.max_length or prompt + completion
    return min(prompt, most), min(completion, max(0, most - prompt))


def check_lengths(
    config: Config, args: Any, lengths: Sequence[Length], held_out: Sequence[Length], context: int
) -> Iterator[Finding]:
    """`context`: the most tokens that the model was made for."""
    found = [
        *_context(config, args, lengths, context),
        *_limits(config, args, lengths),
        *_held_out(config, held_out),
    ]
    yield from found or [ok("lengths", f"{_range(lengths)}; the model was made for {context:,}")]


def _context(
    config: Config, args: Any, lengths: Sequence[Length], context: int
) -> Iterator[Finding]:
    room = args.max_completion_length if config.method == "grpo" else 0
    over = [one for one in lengths if (one.prompt + room if room else one.whole) > context]
    if over:
        what = f"prompt and max_completion_length ({room})" if room else "prompt and completion"
        message = f"{what} exceed the {context:,} tokens that the model was made for in {_share(over, lengths)}"
        remedy = (
            f"leave them out (rlcall check --max_length {context} lists them), or another model"
        )
        yield error(
            "lengths",
            f"{message}, by up to {max(_size(one, room) for one in over) - context:,}",
            remedy,
        )


def _size(one: Length, room: int) -> int:
    return one.prompt + room if room else one.whole


def _limits(config: Config, args: Any, lengths: Sequence[Length]) -> Iterator[Finding]:
    key = "max_completion_length" if config.method == "grpo" else "max_length"
    limit = getattr(args, key)
    known = [one for one in lengths if one.completion is not None]
    if limit is None or not known:
        return
    needed = [(one.completion or 0) if config.method == "grpo" else one.whole for one in known]
    over = [size for size in needed if size > limit]
    if over:
        kind = error if len(over) / len(known) > MANY_CUT else warning
        effect = {
            "grpo": "can never be right",
            "dpo": "are left out",
            "sft": "lose their end, which is the completion",
        }
        message = f"{key} is {limit}: {_share(over, known)} {effect[config.method]}"
        yield kind(
            "lengths",
            message,
            f"{key}: {max(needed)}" + ("" if config.method == "grpo" else ", or null"),
        )


def _held_out(config: Config, held_out: Sequence[Length]) -> Iterator[Finding]:
    limit = config.run.eval_max_new_tokens
    known = [one.completion for one in held_out if one.completion is not None]
    over = [size for size in known if size > limit]
    if over:
        message = f"eval_max_new_tokens is {limit}: {_share(over, known)} held out cannot be right"
        yield warning("lengths", message, f"eval_max_new_tokens: {max(over)}")


def _share(over: Sequence[Any], all_: Sequence[Any]) -> str:
    return f"{len(over)} of {len(all_)} rows ({len(over) / len(all_):.0%})"


def _range(lengths: Sequence[Length]) -> str:
    prompts = [one.prompt for one in lengths]
    golds = [one.completion for one in lengths if one.completion is not None]
    gold = f", completions {min(golds)} to {max(golds)}" if golds else ""
    return f"{len(lengths)} rows: prompts of {min(prompts)} to {max(prompts)} tokens{gold}"
