"""A verdict for a person, as pytest shows a failure: what was written, what was expected, what
differs, the scores."""

from __future__ import annotations

import json
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from rlcall.calls import Call, encode, show_path
from rlcall.data.rows import Row
from rlcall.reward import Score
from rlcall.show.visible import visible
from rlcall.verifier.answer import Answer, ExpectedCall
from rlcall.verifier.codes import Error
from rlcall.verifier.granular import gold_text
from rlcall.verify import Verdict

DUE = {"none": "no call", "any": "some valid call", "unknown": "not known"}
OUTCOMES = {
    True: "[green]correct[/]",
    False: "[red]wrong[/]",
    None: "[yellow]no answer known[/]",
}


def show(
    row: Row, completion: Any, verdict: Verdict, score: Score, file: TextIO | None = None
) -> None:
    """Print one verdict, in colours only where `file` is a terminal."""
    console = Console(file=file, highlight=False, soft_wrap=True)
    reward = "none" if score.reward is None else f"{score.reward:.3f}"
    title = f"{escape(visible(row.id or 'row'))}: {OUTCOMES[verdict.correct]}, reward {reward}"
    console.rule(title, align="left", style="dim")
    _quote(console, "asked", row.last_request)
    text = completion if isinstance(completion, str) else json.dumps(completion)
    _quote(console, f"written ({verdict.wire})", text)
    for line in _expected_lines(verdict):
        console.print(Text(visible(line)))
    style = "yellow" if verdict.correct else "red"
    for error in verdict.errors:
        console.print(Text(visible(_error_line(error, verdict)), style=style))
    rules = []
    for name, value in score.rules.items():
        rules.append(f"{name} {'-' if value is None else f'{value:.2f}'}")
    console.print(Text("  ".join(rules), style="dim"))


def _quote(console: Console, title: str, text: str) -> None:
    console.print(f"[bold]{title}[/]")
    for line in visible(text).splitlines() or [""]:
        console.print(Text("  | " + line))


def _expected_lines(verdict: Verdict) -> list[str]:
    if verdict.due != "calls":
        return [f"expected: {DUE.get(verdict.due) or _granular(verdict.answer)}"]
    assert isinstance(verdict.answer.calls, tuple)
    pairs = {pair.expected: pair for pair in verdict.pairs}
    lines = ["expected"]
    for index, expected in enumerate(verdict.answer.calls):
        pair = pairs.get(index)
        if pair is not None and pair.grade is not None and pair.grade.is_right:
            lines.append(f"  {_call_line(expected)}")
            continue
        lines.append(f"- {_call_line(expected)}")
        if pair is not None and pair.emitted is not None:
            lines.append(f"+ {_call_line(verdict.calls[pair.emitted])}")
    return lines


def _granular(answer: Answer) -> str:
    if answer.reply is None:
        return gold_text(answer)
    slots = [f"{show_path(slot.path)} = {slot.values[0]!r}" for slot in answer.reply.slots]
    return "a reply with " + ", ".join(slots)


def _call_line(call: Call | ExpectedCall) -> str:
    arguments = []
    for key, value in call.arguments.items():
        arguments.append(f"{key}={json.dumps(encode(value), ensure_ascii=False)}")
    return f"{call.name}({', '.join(arguments)})"


def _error_line(error: Error, verdict: Verdict) -> str:
    line = f"E  {error.code}"
    if error.call is not None:
        line += f" in call {error.call + 1}, {verdict.calls[error.call].name}"
    if error.path:
        line += f" at {error.path}"
    return f"{line}: {error.message}"
