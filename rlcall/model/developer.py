"""Developer's messages, which many chat templates drop without a word: in the prompt, or an error.

    render_instructions(render, [{"role": "developer", "content": "Today is ..."}, ...], "Qwen3")
    # as it stands where the template knows the role, else as the system's

What a template does is found by giving it marks instead of the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from rlcall.model.chat_template import PromptError

Message = dict[str, Any]
INSTRUCTING = ("system", "developer")


def render_instructions(
    render: Callable[[list[Message]], str], messages: list[Message], model: str
) -> str:
    """Render messages so that every developer's is in the text. Raises PromptError where none can.

    Without a developer's message they are rendered as they stand.
    """
    if not any(message["role"] == "developer" for message in messages):
        return render(messages)
    for candidate in (messages, list(_as_system(messages))):
        if _shows_all(render, candidate):
            return render(candidate)
    raise PromptError(
        f"the chat template of {model} leaves out a developer's message where it stands, and a "
        "system's there too. Put its text at the beginning of the messages, as the system's"
    )


def _as_system(messages: list[Message]) -> Iterator[Message]:
    """Yield the messages with those of system and developer that follow each other as one."""
    for instructs, group in groupby(messages, key=lambda message: message["role"] in INSTRUCTING):
        if instructs:
            texts = [message["content"] for message in group]
            yield {"role": "system", "content": "\n\n".join(filter(None, texts))}
        else:
            yield from group


def _shows_all(render: Callable[[list[Message]], str], messages: list[Message]) -> bool:
    marks = []
    marked = []
    for index, message in enumerate(messages):
        if message["role"] in INSTRUCTING and message["content"]:
            marks.append(f"instruction-mark-{index}-")
            message = {**message, "content": marks[-1]}
        marked.append(message)
    try:
        text = render(marked)
    except PromptError:
        return False
    return all(mark in text for mark in marks)
