"""Requests in the words of a teacher, a language model, instead of the grammar's.

    reword(drafts, ask, ungrounded, counts, cache)    # the same rows, with its requests that hold

`ask` puts prompts to a model, whichever it is. What comes back is data: it is kept only where the
linter finds every argument of the answer in it (`rlcall.check.grounding`, strict), and where it is
a request at all. A teacher gets a second try, told what was missing; after that the row keeps the
grammar's words. Rows without a call are reworded too, so that style tells nothing: there the
teacher may add no number, quote or name, since an added detail could make a call due.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from rlcall.data.rows import Row
from rlcall.tasks.generate import Draft
from rlcall.tasks.record import RequestRecord
from rlcall.tasks.teacher_cache import TeacherCache

Messages = list[dict[str, Any]]
Ask = Callable[[Sequence[Messages]], list[str]]
Ungrounded = Callable[[Row], Sequence[tuple[Sequence[Any], Any]]]

BATCH = 16
ATTEMPTS = 2
LONGEST = 2000  # characters of a request
STYLES = (
    "short and casual, as in a chat",
    "polite, in one full sentence",
    "with a sentence about why it is needed",
    "hurried, in lower case",
    "as a question",
    "plain and factual",
    "chatty, in two or three sentences",
    "as an instruction to an assistant",
)
SYSTEM = (
    "You write what a user says to an assistant. You are given what the user wants; write the "
    "user's message and nothing else: no quotes around it, no comment, no names of functions or "
    "parameters, no code."
)
WITH_CALLS = (
    "The assistant has to answer the message with exactly these calls:\n{calls}\n\n"
    "What the functions do:\n{tools}\n\n"
    "A value like $var1.price$ is a result of the call with that label: describe it, do not copy "
    "it. Say every other value exactly, ask for nothing more{order}, and leave nothing out. "
    "An example of such a message: {text}\n\n"
    "Style: {style}. Write the message."
)
WITHOUT_CALLS = (
    "Say this message in other words. Keep what it asks for, add no detail, and leave nothing "
    "out: {text}\n\n"
    "Style: {style}. Write the message."
)
AGAIN = "That message does not work: {reason}. Write another one."

_AROUND = re.compile(r"<think>.*?</think>|^```\w*|```$", re.S)
_SPECIAL = re.compile(r"<\|[^|>]*\|>")
_QUOTED = re.compile(r"\"([^\"“”]+)\"|“([^\"“”]+)”")
_DETAIL = re.compile(r"\d+|[\"“”][^\"“”]+[\"“”]|(?<=[a-z,;] )[A-Z]\w+")
_REASONS = {
    "rejected_argument": "an argument is missing",
    "rejected_added": "a detail was added",
    "rejected_form": "the text is not a request",
}


class Rejection(NamedTuple):
    """The reason why a text cannot be a row's request, as the teacher is told, and the counter it
    goes to."""

    reason: str
    counter: str


def reword(
    drafts: Iterable[Draft],
    ask: Ask,
    ungrounded: Ungrounded,
    counts: Counter[str],
    cache: TeacherCache,
) -> Iterator[Draft]:
    """Yield the rows with the teacher's requests, where those hold.

    `cache` has what was written before, and gets what is new. `counts` gets asked, rejected (by
    reason), kept and fallbacks. A reworded draft has no record: the words are no longer its own.
    """
    rows = iter(drafts)
    while batch := list(islice(rows, BATCH)):
        keys = [prompt_key(prompt(draft)) for draft in batch]
        missing = [index for index, key in enumerate(keys) if key not in cache]
        texts = _ask_for([batch[index] for index in missing], ask, ungrounded, counts)
        if missing:
            cache.add({keys[index]: text for index, text in zip(missing, texts, strict=True)})
        for key, draft in zip(keys, batch, strict=True):
            text = cache[key]
            counts["fallbacks" if text is None else "kept"] += 1
            yield draft if text is None else Draft(with_request(draft.row, text), None)


def prompt_key(messages: Messages) -> str:
    """Return the key of a prompt's answer in the cache."""
    return sha256(json.dumps(messages).encode()).hexdigest()[:32]


def with_request(row: Row, text: str) -> Row:
    """Return the row with another text of its user's."""
    messages = []
    for message in row.messages:
        is_request = message["role"] == "user"
        messages.append({**message, "content": text} if is_request else message)
    return replace(row, messages=messages)


def _ask_for(
    batch: Sequence[Draft], ask: Ask, ungrounded: Ungrounded, counts: Counter[str]
) -> list[str | None]:
    """Ask for each request, again where the first does not hold; None where none does."""
    prompts = [prompt(draft) for draft in batch]
    texts: list[str | None] = [None] * len(batch)
    waiting = list(range(len(batch)))
    for _ in range(ATTEMPTS):
        if not waiting:
            break
        counts["asked"] += len(waiting)
        replies = ask([prompts[index] for index in waiting])
        rejected = []
        for index, reply in zip(waiting, replies, strict=True):
            text = clean(reply)
            rejection = reject(batch[index], text, ungrounded)
            if rejection is None:
                texts[index] = text
                continue
            counts[rejection.counter] += 1
            rejected.append(index)
            prompts[index] = [
                *prompts[index],
                {"role": "assistant", "content": text or "..."},
                {"role": "user", "content": AGAIN.format(reason=rejection.reason)},
            ]
        waiting = rejected
    return texts


def prompt(draft: Draft) -> Messages:
    """Return what the teacher is asked for one row. The style depends on the row's id alone."""
    style = Random(f"style {draft.row.id}").choice(STYLES)
    text = draft.row.last_request
    if draft.record is None:
        question = WITHOUT_CALLS.format(text=text, style=style)
    else:
        question = WITH_CALLS.format(
            calls=_calls(draft.record),
            tools=_descriptions(draft.record),
            order=", in this order" if draft.record.ordered else "",
            text=text,
            style=style,
        )
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]


def _calls(record: RequestRecord) -> str:
    lines = []
    for call in record.calls():
        keys = [key for key in ("label", "name", "arguments") if key in call]
        lines.append(json.dumps({key: call[key] for key in keys}, ensure_ascii=False))
    return "\n".join(lines)


def _descriptions(record: RequestRecord) -> str:
    functions = [tool.definition["function"] for tool in record.tools]
    lines = [f"{function['name']}: {function.get('description') or ''}" for function in functions]
    return "\n".join(lines)


def clean(reply: str) -> str:
    """Take off reasoning, fences, special tokens, and quotes around it all."""
    text = _SPECIAL.sub("", _AROUND.sub("", reply.strip())).strip()
    quoted = _QUOTED.fullmatch(text)
    return (quoted[1] or quoted[2]).strip() if quoted else text


def reject(draft: Draft, text: str, ungrounded: Ungrounded) -> Rejection | None:
    """Say why a text cannot be the row's request; None where it can."""
    if not text or len(text) > LONGEST:
        return Rejection("it is empty" if not text else "it is too long", "rejected_form")
    if _names_a_tool(text, draft.row) or "$var" in text:
        return Rejection("it names a function or a label", "rejected_form")
    if draft.record is None:
        added = set(_DETAIL.findall(text)) - set(_DETAIL.findall(draft.row.last_request))
        return Rejection(f"it adds {min(added)}", "rejected_added") if added else None
    missing = ungrounded(with_request(_as_calls(draft.row, draft.record), text))
    if not missing:
        return None
    values = [f"{path[-1]} {json.dumps(value, ensure_ascii=False)}" for path, value in missing[:3]]
    return Rejection(f"it does not say {'; '.join(values)}", "rejected_argument")


def _names_a_tool(text: str, row: Row) -> bool:
    """Tell whether a text names a tool, and does not merely use a word that is its name."""
    for tool in row.tools:
        name = tool["function"]["name"]
        if f"{name}(" in text or (name in text and not name.isalpha()):
            return True
    return False


def _as_calls(row: Row, record: RequestRecord) -> Row:
    """Return a row that asks for the calls, whatever its task does, without a trace of them."""
    tools = [tool.definition for tool in record.tools]
    calls = record.labelled_calls()
    return Row([{"role": "user", "content": ""}], tools, {"calls": calls}, row.id)


def summary(counts: Mapping[str, int]) -> str:
    """Return the counts as one line for a person."""
    reasons = [f"{counts[key]:,} since {reason}" for key, reason in _REASONS.items() if counts[key]]
    why = f" ({', '.join(reasons)})" if reasons else ""
    rejected = sum(counts[key] for key in _REASONS)
    return (
        f"teacher: {counts['asked']:,} requests asked for, "
        f"{counts['kept']:,} rows with its words; "
        f"{rejected:,} rejected{why}; "
        f"{counts['fallbacks']:,} rows keep the grammar's words"
    )
