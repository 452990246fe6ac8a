"""What a person sees in the terminal. Rank 0 speaks; the others are silent.

step  3/16 | reward 0.71 | correct 56% | name 0.81 | values 0.60 | 26.1 s
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from rlcall.show.table import Cell, Line, Table
from rlcall.show.visible import visible

STAGES = {
    "base": "base",
    "warm_start": "after warm start",
    "sft": "after SFT",
    "dpo": "after DPO",
    "grpo": "after GRPO",
}

VERDICTS = {
    True: ("correct", "green"),
    False: ("wrong", "red"),
    None: ("no answer known", "yellow"),
}


class Display:
    """Lines, a progress bar, samples and the closing table on one console."""

    def __init__(self, speaks: bool) -> None:
        self.console = Console(quiet=not speaks, highlight=False)

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar, and the function that moves it. Without a terminal there is no bar, only the lines."""
        counts = (
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        columns = (TextColumn("{task.description}"), BarColumn(), *counts)
        with Progress(
            *columns, console=self.console, transient=True, disable=not self.console.is_terminal
        ) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.update(task, completed=done)

    def step(self, step: int, total: int, parts: Sequence[str]) -> None:
        self.say(" | ".join([f"step {step:>{len(str(total))}}/{total}", *parts]))

    def validation(self, step: int, total: int, result: Mapping[str, Any], is_best: bool) -> None:
        """The line of a validation, between those of the steps."""
        share = f"validation: {result['correct']} of {result['rows']} correct ({result['accuracy']:.1%})"
        reward = [] if result["reward"] is None else [f"reward {result['reward']:.2f}"]
        self.step(step, total, [share, *reward, *(["the best so far"] if is_best else [])])

    def sample(self, sample: Mapping[str, Any]) -> None:
        """One completion with its verdict."""
        word, colour = VERDICTS[sample["correct"]]
        reward = "no reward" if sample["reward"] is None else f"reward {sample['reward']:.2f}"
        lines = [
            _text(sample["request"], "italic"),
            _text(sample["completion"].strip() or "(nothing)"),
        ]
        errors = [
            _text(f"{error['code']}: {error['message']}", "dim") for error in sample["errors"]
        ]
        title = f"{word} · {reward}"
        self.console.print(
            Panel(Group(*lines, *errors), title=title, title_align="left", border_style=colour)
        )

    def results(self, evaluations: Mapping[str, Mapping[str, Any]], rows: str) -> None:
        """Print the closing table: strict accuracy per stage, with counts and 95 % intervals."""
        lines = []
        for stage, result in evaluations.items():
            low, high = result["interval"]
            accuracy = "–" if result["accuracy"] is None else f"{result['accuracy']:.1%}"
            interval = f"{low:.1%} to {high:.1%}"
            texts = (str(result["correct"]), str(result["rows"]), accuracy, interval)
            lines.append(Line(STAGES.get(stage, stage), [Cell(text) for text in texts]))
        title = f"strict accuracy on held-out rows of {rows}"
        columns = ["stage", "correct", "of", "accuracy", "95 % interval"]
        self.console.print(Table(title, "", columns, lines).rich())


def _text(written: str, style: str = "") -> Text:
    """Return what a model or a file wrote, without what a terminal would obey."""
    return Text(visible(written), style)
