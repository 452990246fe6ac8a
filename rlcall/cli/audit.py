"""`rlcall audit`: attack a reward as a policy would, on one's own rows.

    $ rlcall audit --rewards toolrl --rows rows.jsonl
    one surplus call costs at least half, wherever it stands: at most 0.5
    FAILS   one junk call                    0.959    <tool_call> {"name": "delete_everything", ...

Exit status: 0 where every property is kept; 1 where one fails; 2 where there was nothing to attack, or with nothing
that could be read. docs/audit.md describes the attacks.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from math import floor
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from rlcall import wire as wires
from rlcall.audit.attacks import PROPERTIES
from rlcall.audit.audit import Completion, Finding, attack_all, cases, sample_rows
from rlcall.data.rows import RowError, read_rows
from rlcall.files.whole import whole_file
from rlcall.reward import RewardError, load_reward
from rlcall.show.visible import visible

PIPED_WIDTH = 160  # characters a line where the output is no terminal
HEAD = ("", "attack", "reached", "failed", "the completion that got furthest")
WIDTHS = (5, 31, 7, 9)
STYLES = {"ok": "green", "FAILS": "bold red"}


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        reward = load_reward(arguments.rewards)
        rows = read_rows(arguments.rows) if arguments.rows else sample_rows()
        found, aside = cases(rows, arguments.wire)
        if not found:
            raise RowError(
                arguments.rows or "rows", 0, "", f"none can be attacked: {_counted(aside)}"
            )
        watched = sys.stderr.isatty()
        shown = track(
            found, "attacking", console=Console(stderr=True), transient=True, disable=not watched
        )
        findings = attack_all(reward, shown, arguments.wire)
        if arguments.out:
            _write(Path(arguments.out), findings)
    except (RewardError, RowError, OSError) as error:
        print(f"rlcall audit: {error}", file=sys.stderr)
        return 2
    show(findings, aside)
    return 0 if all(finding.ok for finding in findings) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rlcall audit", description="Attack a reward as a policy would."
    )
    parser.add_argument(
        "--rewards", default="graded", help="a preset or a YAML file (default: graded)"
    )
    parser.add_argument(
        "--rows", metavar="FILE", help="your rows, JSON Lines (default: rows that come with rlcall)"
    )
    parser.add_argument(
        "--wire", default="auto", choices=["auto", *wires.NAMES], help="how calls are written"
    )
    parser.add_argument(
        "--out", metavar="FILE", help="write the findings here too, one JSON object a line, in full"
    )
    return parser


def _write(path: Path, findings: Sequence[Finding]) -> None:
    """The file appears only when it is whole."""
    with whole_file(path) as file:
        file.writelines(json.dumps(finding.to_json()) + "\n" for finding in findings)


def show(findings: Sequence[Finding], aside: Counter[str]) -> None:
    """The attacks under the property that each of them tests, and what they come to."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
    console.print(_table([HEAD], console.width))
    for name, kept in PROPERTIES.items():
        lines = [_line(finding) for finding in findings if finding.tests == name]
        console.print(f"\n[bold]{kept.text}[/]: {kept.allowed}", _table(lines, console.width))
    failed = Counter(finding.tests for finding in findings if not finding.ok)
    tried = sum(finding.tried for finding in findings)
    console.print(
        f"\n{tried:,} completions; {len(PROPERTIES) - len(failed)} of {len(PROPERTIES)} properties kept."
    )
    for name, count in failed.items():
        console.print(
            f"[red]fails[/]  {PROPERTIES[name].text}: {count} attack{'s' * (count > 1)}",
            soft_wrap=True,
        )
    if aside:
        console.print(f"Rows set aside: {_counted(aside)}.", soft_wrap=True, markup=False)


def _line(finding: Finding) -> tuple[str, ...]:
    """Outcome, attack, how far it got, how many of its completions got too far, and the one that got furthest."""
    if not finding.tried:
        return "-", finding.attack, "", "", "(no row that it can be made on)"
    reached = "" if finding.reached is None else _number(finding.reached)
    outcome, seen = ("ok" if finding.ok else "FAILS"), _text(finding.completion)
    if finding.error:
        reached, seen = "raised", f"{finding.error} on: {seen}"
    return outcome, finding.attack, reached, f"{finding.failed}/{finding.tried}", seen


def _table(lines: Sequence[tuple[str, ...]], width: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in WIDTHS:
        table.add_column(min_width=column, no_wrap=True)
    table.add_column(no_wrap=True)
    left = max(width - sum(WIDTHS) - 2 * len(WIDTHS), 20)
    for outcome, *cells, seen in lines:
        table.add_row(
            Text(outcome, style=STYLES.get(outcome, "dim")),
            *cells,
            Text(_short(seen, left), style="dim"),
        )
    return table


def _number(reached: float) -> str:
    """Three decimals, rounded down: nothing below 1 is shown as 1."""
    return f"{reached:.0e}" if 0 < reached < 0.001 else f"{floor(reached * 1000) / 1000:g}"


def _text(completion: Completion | None) -> str:
    return completion or "(empty)" if isinstance(completion, str) else json.dumps(completion)


def _short(text: str, width: int) -> str:
    """Return one visible line, with its beginning and its end."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= width else f"{line[: width // 2]} … {line[-(width // 2 - 3) :]}"


def _counted(aside: Counter[str]) -> str:
    return "; ".join(f"{count}, since {reason}" for reason, count in aside.most_common())
