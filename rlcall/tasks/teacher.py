"""Requests written by a teacher, a language model, in the place of the grammar's.

    taught(made, ask, ungrounded, counts)       # the same rows, their requests in the teacher's words where they hold

`ask` puts prompts to a model, whichever it is. What comes back is data: it is kept only where the linter finds every
argument of the answer in it (`rlcall.check.grounding`, strict), and where it is a request at all. A teacher gets a
second try, told what was missing; after that the row keeps the grammar's words. Rows without a call are put into other
words too, so that style tells nothing: there the teacher may add no number, quote or name, since an added detail could
make a call due.
"""

from __future__ import annotations

import json
import re
from collections import Counter, UserDict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from rlcall.data.rows import Row
from rlcall.tasks.generate import Draft

Messages = list[dict[str, Any]]
Ask = Callable[[Sequence[Messages]], list[str]]
Ungrounded = Callable[[Row], Sequence[tuple[Sequence[Any], Any]]]

BATCH = 16
ATTEMPTS = 2
LONGEST = 2000  # characters of a request
STYLES = (
    "short and casual, as in a chat", "polite, in one full sentence", "with a sentence about why it is needed",
    "hurried, in lower case", "as a question", "plain and factual", "chatty, in two or three sentences",
    "as an instruction to an assistant",
)  # fmt: skip
SYSTEM = (
    "You write what a user says to an assistant. You are given what the user wants; write the user's message and "
    "nothing else: no quotes around it, no comment, no names of functions or parameters, no code."
)
WITH_CALLS = (
    "The assistant has to answer the message with exactly these calls:\n{calls}\n\nWhat the functions do:\n{tools}\n\n"
    "A value like $var1.price$ is a result of the call with that label: describe it, do not copy it. Say every other "
    "value exactly, ask for nothing more{order}, and leave nothing out. An example of such a message: {text}\n\n"
    "Style: {style}. Write the message."
)
WITHOUT_CALLS = (
    "Say this message in other words. Keep what it asks for, add no detail, and leave nothing out: {text}\n\n"
    "Style: {style}. Write the message."
)
AGAIN = "That message does not work: {reason}. Write another one."

_AROUND = re.compile(r"<think>.*?</think>|^```\w*|```$", re.S)
_SPECIAL = re.compile(r"<\|[^|>]*\|>")
_DETAIL = re.compile(r"\d+|[\"“”][^\"“”]+[\"“”]|(?<=[a-z,;] )[A-Z]\w+")


def taught(
    made: Iterable[Draft],
    ask: Ask,
    ungrounded: Ungrounded,
    counts: Counter[str],
    done: MutableMapping[str, str | None],
) -> Iterator[Draft]:
    """The rows with the teacher's requests, where those hold.

    `done` has what was written before, by `key`, and gets what is new; None stands for the grammar's words. `counts`
    gets asked, rejected (by reason), kept and fallbacks. The words are no longer a record's, which goes.
    """
    rows = iter(made)
    while batch := list(islice(rows, BATCH)):
        keys = {str(one.row.id): key(prompt(one)) for one in batch}
        open_ = [one for one in batch if keys[str(one.row.id)] not in done]
        for one, text in zip(open_, _written(open_, ask, ungrounded, counts), strict=True):
            done[keys[str(one.row.id)]] = text
        for one in batch:
            text = done[keys[str(one.row.id)]]
            counts["fallbacks" if text is None else "kept"] += 1
            yield one if text is None else Draft(with_request(one.row, text), None)


class Written(UserDict[str, "str | None"]):
    """What a teacher has written, kept in a file line by line, so that an interrupted run loses at most one batch."""

    def __init__(self, path: Path, teacher: str) -> None:
        super().__init__()
        self.path, self.teacher = path, teacher
        lines = path.read_bytes().split(b"\n") if path.exists() else []
        for line in lines[:-1]:  # what follows the last line break was cut off
            with suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                if entry["teacher"] == teacher:
                    self.data[str(entry["key"])] = entry["text"]
        self.found = len(self.data)
        if lines and lines[-1]:
            path.write_bytes(b"".join(line + b"\n" for line in lines[:-1]))

    def __setitem__(self, key: str, text: str | None) -> None:
        self.data[key] = text
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"teacher": self.teacher, "key": key, "text": text}) + "\n")


def key(prompt: Messages) -> str:
    """What a prompt's answer is kept under."""
    return sha256(json.dumps(prompt).encode()).hexdigest()[:32]


def with_request(row: Row, text: str) -> Row:
    """The row with another request in the place of its user's."""
    messages = [
        {**message, "content": text} if message["role"] == "user" else message
        for message in row.messages
    ]
    return replace(row, messages=messages)


def _written(
    batch: Sequence[Draft], ask: Ask, ungrounded: Ungrounded, counts: Counter[str]
) -> list[str | None]:
    """What the teacher writes for each, None where nothing it writes holds."""
    prompts = [prompt(one) for one in batch]
    texts: list[str | None] = [None] * len(batch)
    for attempt in range(ATTEMPTS):
        waiting = [place for place, text in enumerate(texts) if text is None]
        if not waiting:
            break
        counts["asked"] += len(waiting)
        for place, reply in zip(waiting, ask([prompts[place] for place in waiting]), strict=True):
            text = cleaned(reply)
            reason, code = fault(batch[place], text, ungrounded)
            if not reason:
                texts[place] = text
                continue
            counts[code] += 1
            if attempt + 1 < ATTEMPTS:
                said = [{"role": "assistant", "content": text or "..."}]
                prompts[place] = [
                    *prompts[place],
                    *said,
                    {"role": "user", "content": AGAIN.format(reason=reason)},
                ]
    return texts


def prompt(one: Draft) -> Messages:
    """What the teacher is asked for one row. The style depends on the row's id alone."""
    style = Random(f"style {one.row.id}").choice(STYLES)
    text = one.row.last_request
    if one.record is None:
        asked = WITHOUT_CALLS.format(text=text, style=style)
    else:
        functions = {step.tool.name: step.tool.definition["function"] for step in one.record.steps}
        labelled = len(one.record.steps) > len(one.record.parts)
        calls = [
            step.to_answer(f"var{n}" if labelled else None)
            for n, step in enumerate(one.record.steps, 1)
        ]
        shown = [
            {key: call[key] for key in ("label", "name", "arguments") if key in call}
            for call in calls
        ]
        order = ", in this order" if one.record.ordered else ""
        asked = WITH_CALLS.format(
            calls="\n".join(json.dumps(call, ensure_ascii=False) for call in shown),
            tools="\n".join(
                f"{name}: {function.get('description') or ''}"
                for name, function in functions.items()
            ),
            order=order,
            text=text,
            style=style,
        )
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": asked}]


def cleaned(reply: str) -> str:
    """A reply without reasoning, fences, special tokens and quotes around it all."""
    text = _SPECIAL.sub("", _AROUND.sub("", reply.strip())).strip()
    quoted = (
        len(text) > 2
        and text[0] + text[-1] in ('""', "“”")
        and not re.search(r"[\"“”]", text[1:-1])
    )
    return text[1:-1].strip() if quoted else text


def fault(one: Draft, text: str, ungrounded: Ungrounded) -> tuple[str, str]:
    """Why a text cannot be a row's request, and the count it goes to; two empty texts where it can."""
    if not text or len(text) > LONGEST:
        return "it is empty" if not text else "it is too long", "rejected_form"
    names = [tool["function"]["name"] for tool in one.row.tools]
    if (
        any(name in text for name in names if not name.isalpha() or f"{name}(" in text)
        or "$var" in text
    ):
        return "it names a function or a label", "rejected_form"
    if one.record is None:
        added = set(_DETAIL.findall(text)) - set(_DETAIL.findall(one.row.last_request))
        return (f"it adds {sorted(added)[0]}", "rejected_added") if added else ("", "")
    missing = ungrounded(with_request(_as_calls(one), text))
    if not missing:
        return "", ""
    said = "; ".join(
        f"{path[-1]} {json.dumps(value, ensure_ascii=False)}" for path, value in missing[:3]
    )
    return f"it does not say {said}", "rejected_argument"


def _as_calls(one: Draft) -> Row:
    """The row with its calls for an answer, whatever its task asks for, and without the trace that says them too."""
    assert one.record is not None
    calls = [step.to_answer(f"var{number}") for number, step in enumerate(one.record.steps, 1)]
    tools = list({step.tool.name: step.tool.definition for step in one.record.steps}.values())
    return Row([{"role": "user", "content": ""}], tools, {"calls": calls}, one.row.id)


def show(counts: Mapping[str, int]) -> str:
    """The counts as one line for a person."""
    rejected = {"rejected_argument": "an argument stands nowhere in it", "rejected_added": "it adds a detail",
                "rejected_form": "it is no request"}  # fmt: skip
    parts = ", ".join(
        f"{counts[key]:,} since {why}" for key, why in rejected.items() if counts[key]
    )
    total = sum(counts[key] for key in rejected)
    return (
        f"teacher: {counts['asked']:,} requests asked for, {counts['kept']:,} rows with its words; {total:,} rejected"
        f"{f' ({parts})' if parts else ''}; {counts['fallbacks']:,} rows keep the grammar's words"
    )
