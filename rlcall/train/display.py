"""What a person sees in the terminal. Rank 0 speaks; the others are silent.

    step  3/16 | reward 0.71 | correct 56% | name 0.81 | values 0.60 | 26.1 s
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

STAGES = {"base": "base", "warm_start": "after warm start", "sft": "after SFT", "grpo": "after GRPO"}


class Display:
    """Lines, a progress bar, samples and the closing table on one console."""

    def __init__(self, speaks: bool) -> None:
        self.console = Console(quiet=not speaks, highlight=False)

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar, and the function that moves it. Without a terminal there is no bar, only the lines."""
        counts = (MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
        columns = (TextColumn("{task.description}"), BarColumn(), *counts)
        with Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.update(task, completed=done)

    def step(self, step: int, total: int, parts: Mapping[str, str]) -> None:
        fields = " | ".join(f"{name} {value}" for name, value in parts.items())
        self.say(f"step {step:>{len(str(total))}}/{total} | {fields}")

    def sample(self, sample: Mapping[str, Any]) -> None:
        """One completion with its verdict."""
        mark = {True: ("correct", "green"), False: ("wrong", "red"), None: ("no answer known", "yellow")}
        word, colour = mark[sample["correct"]]
        errors = [Text(f"  {error['code']}: {error['message']}", style="dim") for error in sample["errors"]]
        request, completion = Text(_last_turn(sample["prompt"]), style="dim"), Text(sample["completion"].strip() or "(nothing)")
        reward = "no reward" if sample["reward"] is None else f"reward {sample['reward']:.2f}"
        title = f"{word} · {reward}"
        self.console.print(Panel(Group(request, completion, *errors), title=title, border_style=colour, title_align="left"))

    def results(self, evaluations: Mapping[str, Mapping[str, Any]], rows: str, model: Path) -> None:
        """The closing table: strict accuracy per stage, with counts and 95 % intervals."""
        table = Table(title=f"strict accuracy on {rows}", title_justify="left")
        for name in ("stage", "correct", "of", "accuracy", "95 % interval"):
            table.add_column(name, justify="left" if name == "stage" else "right")
        for stage, result in evaluations.items():
            low, high = result["interval"]
            table.add_row(
                STAGES.get(stage, stage), str(result["correct"]), str(result["rows"]),
                f"{result['accuracy']:.1%}", f"{low:.1%} to {high:.1%}",
            )
        self.console.print(table)
        self.say(f"model: {model}")


def _last_turn(prompt: str, limit: int = 300) -> str:
    """The end of a rendered prompt, where the request stands."""
    text = " ".join(prompt.split())
    return text if len(text) <= limit else "…" + text[-limit:]
