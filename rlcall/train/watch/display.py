"""The lines that a person sees in the terminal. Rank 0 speaks; the others are silent.

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
from rich.table import Table
from rich.text import Text

from rlcall.show.visible import visible
from rlcall.train.methods import METHODS

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
        """Print a line."""
        self.console.print(visible(text), markup=False, soft_wrap=True)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show a bar, and give the function that moves it.

        Without a terminal there is none, only the lines.
        """
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        ) as bar:
            task = bar.add_task(title, total=total)

            def advance(step: int) -> None:
                bar.update(task, completed=step)

            yield advance

    def step(self, step: int, total: int, parts: Sequence[str]) -> None:
        """Print the line of a step."""
        self.say(" | ".join([f"step {step:>{len(str(total))}}/{total}", *parts]))

    def validation(self, step: int, total: int, result: Mapping[str, Any], is_best: bool) -> None:
        """Print the line of a validation, between those of the steps."""
        correct, rows = result["correct"], result["rows"]
        parts = [f"validation: {correct} of {rows} correct ({result['accuracy']:.1%})"]
        if result["reward"] is not None:
            parts.append(f"reward {result['reward']:.2f}")
        if is_best:
            parts.append("the best so far")
        self.step(step, total, parts)

    def sample(self, sample: Mapping[str, Any]) -> None:
        """Print one completion with its verdict."""
        word, colour = VERDICTS[sample["correct"]]
        reward = "no reward" if sample["reward"] is None else f"reward {sample['reward']:.2f}"
        lines = [
            Text(visible(sample["request"]), "italic"),
            Text(visible(sample["completion"].strip() or "(nothing)")),
        ]
        for error in sample["errors"]:
            lines.append(Text(visible(f"{error['code']}: {error['message']}"), "dim"))
        title = f"{word} · {reward}"
        panel = Panel(Group(*lines), title=title, title_align="left", border_style=colour)
        self.console.print(panel)

    def results(self, evaluations: Mapping[str, Mapping[str, Any]], rows: str) -> None:
        """Print the closing table: strict accuracy per stage, with counts and 95 % intervals."""
        table = Table(title=f"strict accuracy on held-out rows of {rows}", title_justify="left")
        table.add_column("stage")
        for name in ("correct", "of", "accuracy", "95 % interval"):
            table.add_column(name, justify="right")
        for stage, result in evaluations.items():
            low, high = result["interval"]
            accuracy = "-" if result["accuracy"] is None else f"{result['accuracy']:.1%}"
            table.add_row(
                stage_title(stage),
                str(result["correct"]),
                str(result["rows"]),
                accuracy,
                f"{low:.1%} to {high:.1%}",
            )
        self.console.print(table)


def stage_title(stage: str) -> str:
    """Return the words for a stage: `base`, `after warm start`, `after GRPO`."""
    if stage == "base":
        return stage
    method = METHODS.get(stage)
    return f"after {method.title if method else stage.replace('_', ' ')}"
