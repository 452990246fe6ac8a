"""Rows as text for a model: one rendering that SFT, DPO, GRPO and evaluation share.

    render_prompt(row, tokenizer, "smollm2")
    # <|im_start|>system
    # Write the calls that the request needs, or [] if no tool fits.
    # <tools>
    # call(who: string, speaker?: boolean = false): Call a person or a number.
    # </tools>
    # <tool_call>[{"name": "tool", "arguments": {"parameter": "value"}}]</tool_call><|im_end|>
    # <|im_start|>user
    # Ring Anna, please.<|im_end|>
    # <|im_start|>assistant

    render_completion(row, tokenizer, "smollm2")
    # <tool_call>[{"name": "call", "arguments": {"who": "Anna"}}]</tool_call><|im_end|>

A chat template that renders tools is used as it is. For the others, and for a run that fixes
another wire format than the template's own, the tools go into the system message, as above. A
granular row (names, arguments or a reply instead of calls) says itself what it asks for: its tools
go there too, and nothing that asks for calls.

The prompt is what `tokenizer(prompt)` turns into the right ids; a completion's ids are
`tokenizer(completion, add_special_tokens=False)`, put after them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rlcall.calls import without_idle_labels
from rlcall.data.gold import gold_completion
from rlcall.data.rows import Row
from rlcall.model.chat_template import (
    PromptError,
    apply_template,
    end_of_turn,
    start_of_text,
    wire_of,
    writes_calls_as,
)
from rlcall.model.developer import render_instructions
from rlcall.model.ends import with_end
from rlcall.model.instructions import asks_for_calls, instructed, normal_message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def render_prompt(row: Row, tokenizer: PreTrainedTokenizerBase, wire: str) -> str:
    """Render what the model reads, up to where its turn begins.

    What the tokenizer puts in front by itself is left out. Raises PromptError, with the row.
    """
    try:
        return _render_prompt(row, tokenizer, wire)
    except PromptError as error:
        error.row = row
        raise


def _render_prompt(row: Row, tokenizer: PreTrainedTokenizerBase, wire: str) -> str:
    tools = None
    messages: list[dict[str, Any]]
    if asks_for_calls(row) and wire == writes_calls_as(tokenizer):
        messages = [normal_message(message) for message in row.messages]
        tools = row.tools or None
    else:
        messages = list(instructed(row, wire))

    def render(shown: list[dict[str, Any]]) -> str:
        return apply_template(tokenizer, shown, tools=tools)

    text = render_instructions(render, messages, tokenizer.name_or_path)
    return text.removeprefix(start_of_text(tokenizer))


def render_completion(row: Row, tokenizer: PreTrainedTokenizerBase, wire: str) -> str:
    """Render what the model should write, with its end of turn.

    That is the answer's calls, or `[]` where none is due.

    For a granular answer its list, object or `reply`. AnswerError where the answer does not say
    what is right; PromptError where the wire format cannot write the calls.
    """
    completion = gold_completion(row, wire)
    if completion is None:
        calls = without_idle_labels(row.wanted.gold_calls())
        error = PromptError(
            f"wire format {wire} cannot write the calls {calls}; choose another `wire`"
        )
        error.row = row
        raise error
    return with_end(completion, end_of_turn(tokenizer))


def render_prompts(
    rows: Iterable[Row], tokenizer: PreTrainedTokenizerBase, wire: str | None = None
) -> list[dict[str, str | None]]:
    """Return rows as text columns for TRL's GRPOTrainer: `prompt`, `tools`, `answer` and `id`."""
    wire = wire or wire_of(tokenizer)
    return [{**prompt_columns(row, tokenizer, wire), "id": row.id} for row in rows]


def prompt_columns(row: Row, tokenizer: PreTrainedTokenizerBase, wire: str) -> dict[str, str]:
    """Return what TRL and the reward function need of a row.

    TRL does not render a row's own tools; and Arrow would fill up objects with nulls, hence JSON
    text.
    """
    prompt = render_prompt(row, tokenizer, wire)
    return {"prompt": prompt, "tools": row.tools_text, "answer": row.answer_text}
