"""The chat template of a tokenizer: its text for messages, and the wire format of its calls.

    wire_of(tokenizer)           # "hermes"
    end_of_turn(tokenizer)       # "<|im_end|>"

A template is somebody's program: what it does is found by giving it a probe to render.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from rlcall import wire as wires
from rlcall.calls import Call
from rlcall.errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from rlcall.data.rows import Row

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
PROBE_REQUEST = {"role": "user", "content": "probe"}


class PromptError(UserError):
    """A chat template or a row that cannot become text.

    The message says why, and what to change; `row` is whose text it is, where that is known.
    """

    row: Row | None = None

    def __str__(self) -> str:
        reason = super().__str__()
        return f"row {self.row.id}: {reason}" if self.row else reason

    @property
    def reason(self) -> str:
        """What is wrong, without the row."""
        return super().__str__()


def apply_template(
    tokenizer: PreTrainedTokenizerBase, messages: list[dict[str, Any]], **options: Any
) -> str:
    """Render messages.

    Templates that can switch reasoning off do so: calls are written at once. Raises PromptError.
    """
    if not tokenizer.chat_template:
        raise PromptError(
            f"{tokenizer.name_or_path} has no chat template. Use a model that was trained to chat."
        )
    options = {"add_generation_prompt": True, "enable_thinking": False, **options}
    try:
        return str(tokenizer.apply_chat_template(messages, tokenize=False, **options))
    except TemplateError as error:
        raise PromptError(
            f"the chat template of {tokenizer.name_or_path} refuses a row's messages: {error}"
        ) from error
    except Exception as error:  # boundary: a template is a program, and may fail in any way
        raise PromptError(
            f"the chat template of {tokenizer.name_or_path} fails at a row's messages: "
            f"{type(error).__name__}: {error}"
        ) from error


def wire_of(tokenizer: PreTrainedTokenizerBase) -> str:
    """Return the wire format that goes with a tokenizer's chat template.

    That is the one in which the template itself writes calls; `smollm2` for ChatML that knows no
    tools, as SmolLM2's. Raises PromptError for any other template.
    """
    call_text = _render_probe(tokenizer)
    if call_text is None and "<|im_start|>" in str(tokenizer.chat_template):
        return "smollm2"
    if wire := _wire_of_probe(call_text):
        return wire
    raise PromptError(
        f"the chat template of {tokenizer.name_or_path} does not show in which format the model "
        f"writes calls. Set the key `wire` to one of: {', '.join(wires.NAMES)}"
    )


def writes_calls_as(tokenizer: PreTrainedTokenizerBase) -> str | None:
    """Return the wire format in which a chat template writes calls.

    None where it does not render tools.
    """
    return _wire_of_probe(_render_probe(tokenizer))


def end_of_turn(tokenizer: PreTrainedTokenizerBase) -> str:
    """Return the token that ends a turn in the chat template, else the tokenizer's end token."""
    messages = [PROBE_REQUEST, {"role": "assistant", "content": PROBE.name}]
    text = apply_template(tokenizer, messages, add_generation_prompt=False)
    ending = text.rpartition(PROBE.name)[2].strip()
    ids = tokenizer(ending, add_special_tokens=False)["input_ids"][:1]
    tokens = tokenizer.convert_ids_to_tokens(ids)
    if tokens and tokens[0] in tokenizer.all_special_tokens:
        return str(tokens[0])
    return str(tokenizer.eos_token)


def start_of_text(tokenizer: PreTrainedTokenizerBase) -> str:
    """Return what a tokenizer puts before any text: its beginning-of-sequence token, or nothing."""
    first_id = tokenizer("")["input_ids"][:1]
    return str(tokenizer.bos_token) if first_id == [tokenizer.bos_token_id] else ""


def _render_probe(tokenizer: PreTrainedTokenizerBase) -> str | None:
    """Return how a chat template writes a call.

    It is "" if it cannot, None if it knows no tools at all.
    """
    call = {
        "id": "probe0000",
        "type": "function",
        "function": {"name": PROBE.name, "arguments": PROBE.arguments},
    }
    reply = {"role": "assistant", "content": "", "tool_calls": [call]}
    prompt = _attempt(tokenizer, [PROBE_REQUEST], tools=[PROBE_TOOL])
    if PROBE.name not in prompt:
        return None
    text = _attempt(
        tokenizer, [PROBE_REQUEST, reply], tools=[PROBE_TOOL], add_generation_prompt=False
    )
    common = os.path.commonprefix([prompt, text])  # noqa: RUF071  # of characters, as meant
    return text.removeprefix(common)


def _wire_of_probe(call_text: str | None) -> str | None:
    """Return the wire format that reads the template's call as the call it is."""
    parsed = wires.parse(call_text or "", [PROBE_TOOL])
    return parsed.wire if parsed.calls == (PROBE,) else None


def _attempt(
    tokenizer: PreTrainedTokenizerBase, messages: list[dict[str, Any]], **options: Any
) -> str:
    try:
        return apply_template(tokenizer, messages, **options)
    except Exception:  # boundary: a template is a program, and may refuse messages in any way
        return ""
