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

A chat template that renders tools is used as it is. For the others, and for a run that fixes another wire format than
the template's own, the tools go into the system message, as above. A granular row (names, arguments or a reply in the
place of calls) says itself what it asks for: its tools go there too, and nothing that asks for calls.

The prompt is what `tokenizer(prompt)` turns into the right ids; a completion's ids are
`tokenizer(completion, add_special_tokens=False)`, put after them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from rlcall import wire as wires
from rlcall.calls import Call, decode, without_idle_labels
from rlcall.data.gold import gold_completion
from rlcall.data.rows import Row
from rlcall.errors import UserError
from rlcall.model.signature import signature

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TOOLS = "<tools>\n{tools}\n</tools>"
INSTRUCTIONS = (
    f"Write the calls that the request needs, or [] if no tool fits.\n{TOOLS}\n{{example}}"
)
EXAMPLE = Call("tool", {"parameter": "value"})

PROBE = Call("probe_tool", {"probe_key": "probe value"})
PROBE_TOOL = {
    "type": "function",
    "function": {
        "name": PROBE.name,
        "description": "Probe.",
        "parameters": {
            "type": "object",
            "properties": {"probe_key": {"type": "string", "description": "Key."}},
        },
    },
}


class PromptError(UserError):
    """A chat template or a row that cannot become text. The message says why, and what to change."""


def render_prompt(row: Row, tokenizer: PreTrainedTokenizerBase, wire: str) -> str:
    """What the model reads, up to where its turn begins, without what the tokenizer puts in front by itself."""
    if _asks_for_calls(row) and wire == writes_calls_as(tokenizer):
        text = _apply(tokenizer, list(map(_normal, row.messages)), tools=row.tools or None)
    else:
        text = _apply(tokenizer, instructed(row, wire))
    return text.removeprefix(_own_start(tokenizer))


def render_completion(row: Row, tokenizer: PreTrainedTokenizerBase, wire: str) -> str:
    """What the model should write, with its end of turn: the answer's calls, or `[]` where none is due.

    For a granular answer its list, object or `reply`. AnswerError where the answer does not say what is right;
    PromptError where the wire format cannot write the calls.
    """
    completion = gold_completion(row, wire)
    if completion is None:
        calls = without_idle_labels(row.wanted.gold_calls())
        raise PromptError(
            f"row {row.id}: wire format {wire} cannot write the calls {calls}; choose another `wire`"
        )
    return completion + end_of_turn(tokenizer)


def render_prompts(
    rows: Iterable[Row], tokenizer: PreTrainedTokenizerBase, wire: str | None = None
) -> list[dict[str, str | None]]:
    """Return rows as the columns `prompt`, `tools`, `answer` and `id` (all text) for TRL's GRPOTrainer."""
    wire = wire or wire_of(tokenizer)
    return [{**prompt_columns(row, tokenizer, wire), "id": row.id} for row in rows]


def prompt_columns(row: Row, tokenizer: PreTrainedTokenizerBase, wire: str) -> dict[str, str]:
    """Return what TRL and the reward function need of a row.

    TRL does not render a row's own tools; and Arrow would fill up objects with nulls, hence JSON text.
    """
    prompt = render_prompt(row, tokenizer, wire)
    return {"prompt": prompt, "tools": row.tools_text, "answer": row.answer_text}


def wire_of(tokenizer: PreTrainedTokenizerBase) -> str:
    """The wire format that goes with a tokenizer's chat template.

    The one in which the template itself writes calls; `smollm2` for ChatML that knows no tools, as SmolLM2's.
    PromptError for any other template.
    """
    written = _written_call(tokenizer)
    if written is None and "<|im_start|>" in str(tokenizer.chat_template):
        return "smollm2"
    if own := _format_of(written):
        return own
    raise PromptError(
        f"the chat template of {tokenizer.name_or_path} does not show in which format the model writes calls. "
        f"Set the key `wire` to one of: {', '.join(wires.NAMES)}"
    )


def writes_calls_as(tokenizer: PreTrainedTokenizerBase) -> str | None:
    """The wire format in which a chat template that renders tools writes calls; None where it does not."""
    return _format_of(_written_call(tokenizer))


def _written_call(tokenizer: PreTrainedTokenizerBase) -> str | None:
    """How a chat template writes a call: "" if it cannot, None if it knows no tools at all."""
    request = {"role": "user", "content": "probe"}
    call = {
        "id": "probe0000",
        "type": "function",
        "function": {"name": PROBE.name, "arguments": PROBE.arguments},
    }
    reply = {"role": "assistant", "content": "", "tool_calls": [call]}
    prompt = _attempt(tokenizer, [request], tools=[PROBE_TOOL])
    if PROBE.name not in prompt:
        return None
    whole = _attempt(tokenizer, [request, reply], tools=[PROBE_TOOL], add_generation_prompt=False)
    return whole.removeprefix(os.path.commonprefix([prompt, whole]))  # noqa: RUF071  # of characters, as meant


def _format_of(written: str | None) -> str | None:
    """The wire format that reads the template's call as the call it is."""
    parsed = wires.parse(written or "", [PROBE_TOOL])
    return parsed.wire if parsed.calls == (PROBE,) else None


def _attempt(
    tokenizer: PreTrainedTokenizerBase, messages: list[dict[str, Any]], **options: Any
) -> str:
    try:
        return _apply(tokenizer, messages, **options)
    except Exception:  # boundary: a template is somebody's program, and may refuse such messages in any way it likes
        return ""


def end_of_turn(tokenizer: PreTrainedTokenizerBase) -> str:
    """The token that ends a model's turn in its chat template; the tokenizer's end token where there is none."""
    messages = [{"role": "user", "content": "probe"}, {"role": "assistant", "content": PROBE.name}]
    ending = (
        _apply(tokenizer, messages, add_generation_prompt=False).rpartition(PROBE.name)[2].strip()
    )
    first = tokenizer.convert_ids_to_tokens(
        tokenizer(ending, add_special_tokens=False)["input_ids"][:1]
    )
    special = (
        first[:1] if first and first[0] in tokenizer.all_special_tokens else [tokenizer.eos_token]
    )
    return str(special[0])


def _apply(
    tokenizer: PreTrainedTokenizerBase, messages: list[dict[str, Any]], **options: Any
) -> str:
    """The chat template's text. Templates that can switch reasoning off do: calls are written at once."""
    if not tokenizer.chat_template:
        raise PromptError(
            f"{tokenizer.name_or_path} has no chat template. Take a model that was trained to chat."
        )
    options = {"add_generation_prompt": True, "enable_thinking": False, **options}
    try:
        return str(tokenizer.apply_chat_template(messages, tokenize=False, **options))
    except TemplateError as error:
        raise PromptError(
            f"the chat template of {tokenizer.name_or_path} refuses a row's messages: {error}"
        ) from error


def _own_start(tokenizer: PreTrainedTokenizerBase) -> str:
    """What the tokenizer puts before any text: the beginning-of-sequence token, or nothing."""
    start = tokenizer("")["input_ids"][:1]
    return str(tokenizer.bos_token) if start == [tokenizer.bos_token_id] else ""


def _asks_for_calls(row: Row) -> bool:
    return row.answer is None or "calls" in row.answer


def instructed(row: Row, wire: str) -> list[dict[str, str]]:
    """The row's messages as plain text, with tools and format in the system message after the row's own.

    For templates that know no tools or write calls otherwise, and for models that are asked over the network.
    """
    form = wires.get(wire)
    messages = [*_as_texts(row.messages, form)]
    own = [messages.pop(0)["content"]] if messages[0]["role"] in ("system", "developer") else []
    return [
        {"role": "system", "content": "\n\n".join([*own, *_instructions(row, form)])},
        *messages,
    ]


def _instructions(row: Row, form: wires.Format) -> list[str]:
    """The tools, under what asks for calls unless the row asks for something else; nothing then without tools."""
    tools = "\n".join(signature(tool["function"]) for tool in row.tools)
    if _asks_for_calls(row):
        return [INSTRUCTIONS.format(tools=tools, example=form.render([EXAMPLE]))]
    return [TOOLS.format(tools=tools)] if tools else []


def _as_texts(messages: list[dict[str, Any]], form: wires.Format) -> Iterator[dict[str, str]]:
    """The results of one turn's calls are one message: many templates want the roles to take turns."""
    for are_results, group in groupby(messages, key=lambda message: message["role"] == "tool"):
        texts = [_as_text(_normal(message), form) for message in group]
        yield from (
            [{"role": "user", "content": "\n".join(t["content"] for t in texts)}]
            if are_results
            else texts
        )


def _as_text(message: Mapping[str, Any], form: wires.Format) -> dict[str, str]:
    """A message of any role as one that every template knows: calls in the wire format, results as the user's."""
    if message["role"] == "tool":
        return {
            "role": "user",
            "content": f"<tool_response>\n{message['content']}\n</tool_response>",
        }
    functions = [call["function"] for call in message.get("tool_calls", ())]
    calls = (
        form.render([Call(one["name"], decode(one["arguments"])) for one in functions])
        if functions
        else ""
    )
    return {
        "role": message["role"],
        "content": "\n".join(filter(None, (message["content"], calls))),
    }


def _normal(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as templates expect it: content is text, and calls have objects where OpenAI has JSON text."""
    calls = [
        {**call, "function": _with_object(call["function"])}
        for call in message.get("tool_calls") or ()
    ]
    rest = {key: value for key, value in message.items() if key != "tool_calls"}
    return {
        **rest,
        "content": _text(message.get("content") or ""),
        **({"tool_calls": calls} if calls else {}),
    }


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    if other := next((part for part in content if part.get("type") != "text"), None):
        raise PromptError(
            f"a message has a part of type {other.get('type')!r}; prompts are made of text alone"
        )
    return "".join(part["text"] for part in content)


def _with_object(function: Mapping[str, Any]) -> dict[str, Any]:
    arguments = function.get("arguments") or {}
    return {
        **function,
        "arguments": json.loads(arguments) if isinstance(arguments, str) else arguments,
    }
