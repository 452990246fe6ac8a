"""A verdict for a person, as pytest shows a failure: what was written, what was expected, what differs, the scores."""

from __future__ import annotations

import json
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from rlcall.calls import Call, encode, show_path
from rlcall.data.rows import Row
from rlcall.reward import Score
from rlcall.verifier.answer import Answer, ExpectedCall
from rlcall.verifier.codes import Error
from rlcall.verifier.granular import gold_text
from rlcall.verify import Verdict

DUE = {"none": "no call", "any": "some valid call", "unknown": "not known"}


def show(
    row: Row, completion: Any, verdict: Verdict, score: Score, file: TextIO | None = None
) -> None:
    """Print one verdict. Colours only where `file` is a terminal."""
    console = Console(file=file, highlight=False, soft_wrap=True)
    outcome = {
        True: "[green]correct[/]",
        False: "[red]wrong[/]",
        None: "[yellow]no answer known[/]",
    }[verdict.correct]
    reward = "none" if score.reward is None else f"{score.reward:.3f}"
    console.rule(
        f"{escape(row.id or 'row')}: {outcome}, reward {reward}", align="left", style="dim"
    )
    _quote(
        console,
        "asked",
        next((m["content"] for m in reversed(row.messages) if m["role"] == "user"), ""),
    )
    _quote(
        console,
        f"written ({verdict.wire})",
        completion if isinstance(completion, str) else json.dumps(completion),
    )
    for line in _expected(verdict):
        console.print(Text(line))
    for error in verdict.errors:
        console.print(
            Text(_error(error, verdict), style="red" if not verdict.correct else "yellow")
        )
    console.print(
        Text(
            "  ".join(f"{k} {'-' if v is None else f'{v:.2f}'}" for k, v in score.rules.items()),
            style="dim",
        )
    )


def _quote(console: Console, title: str, text: Any) -> None:
    console.print(f"[bold]{title}[/]")
    for line in str(text).splitlines() or [""]:
        console.print(Text("  | " + line))


def _expected(verdict: Verdict) -> list[str]:
    if verdict.due != "calls":
        return [f"expected: {DUE.get(verdict.due) or _granular(verdict.answer)}"]
    assert isinstance(verdict.answer.calls, tuple)
    lines = ["expected"]
    for index, wanted in enumerate(verdict.answer.calls):
        pair = next((pair for pair in verdict.pairs if pair.expected == index), None)
        given = verdict.calls[pair.emitted] if pair and pair.emitted is not None else None
        right = pair is not None and pair.grade is not None and pair.grade.is_right
        lines.append(f"{'  ' if right else '- '}{_call(wanted)}")
        if not right and given is not None:
            lines.append(f"+ {_call(given)}")
    return lines


def _granular(answer: Answer) -> str:
    if answer.reply is None:
        return gold_text(answer)
    return "a reply with " + ", ".join(
        f"{show_path(slot.path)} = {slot.values[0]!r}" for slot in answer.reply.slots
    )


def _call(call: Call | ExpectedCall) -> str:
    arguments = ", ".join(
        f"{key}={json.dumps(encode(value), ensure_ascii=False)}"
        for key, value in call.arguments.items()
    )
    return f"{call.name}({arguments})"


def _error(error: Error, verdict: Verdict) -> str:
    where = (
        "" if error.call is None else f" in call {error.call + 1}, {verdict.calls[error.call].name}"
    )
    return f"E  {error.code}{where}{f' at {error.path}' if error.path else ''}: {error.message}"
