"""`rlcall audit`: attack a reward as a policy would, on your own rows.

    $ rlcall audit --rewards toolrl --rows rows.jsonl
    one surplus call costs at least half, wherever it is: at most 0.5
    FAILS   one junk call                    0.959    <tool_call> {"name": "delete_everything", ...

Exit status: 0 where every property is kept; 1 where one fails; 2 where there was nothing to attack,
or where an argument or a file cannot be used. docs/audit.md explains the properties,
docs/attacks.md each attack.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from math import floor
from pathlib import Path

from rich.table import Table
from rich.text import Text

from rlcall.audit.attacks import PROPERTIES
from rlcall.audit.cases import attack_cases, sample_rows
from rlcall.audit.finding import Completion, RewardFinding
from rlcall.audit.run import attack_all
from rlcall.cli.console import open_console, progress, report_mistake
from rlcall.cli.options import CommandParser, add_out, add_rewards, add_wire
from rlcall.data.rows import RowError, read_rows
from rlcall.errors import UserError
from rlcall.files.whole import whole_file
from rlcall.reward import load_reward
from rlcall.show.visible import visible

HEAD = ("", "attack", "reached", "failed", "the completion that got furthest")
WIDTHS = (5, 31, 7, 9)
STYLES = {"ok": "green", "FAILS": "bold red"}


def main(argv: Sequence[str] | None = None) -> int:
    """Attack a reward and return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        findings, set_aside = _attack(arguments)
        if arguments.out:
            _write(arguments.out, findings)
    except (UserError, OSError) as error:
        return report_mistake("audit", error)
    show(findings, set_aside)
    return 0 if all(finding.ok for finding in findings) else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall audit`."""
    command = CommandParser("audit", "Attack a reward as a policy would.")
    add_rewards(command, "the reward to attack")
    command.add_argument(
        "--rows", metavar="FILE", help="your rows, JSON Lines (default: rows that come with rlcall)"
    )
    add_wire(command, auto=True, default="auto", unset="auto")
    add_out(command, "also write every finding here in full, one JSON object a line")
    return command


def _attack(arguments: argparse.Namespace) -> tuple[list[RewardFinding], Counter[str]]:
    """Return a finding for each attack, and why rows were set aside."""
    reward = load_reward(arguments.rewards)
    rows = read_rows(arguments.rows) if arguments.rows else sample_rows()
    attackable, set_aside = attack_cases(rows, arguments.wire)
    if not attackable:
        reasons = _join_reasons(set_aside)
        raise RowError(arguments.rows or "rows", 0, "", f"none can be attacked: {reasons}")
    findings = attack_all(reward, progress(attackable, "attacking"), arguments.wire)
    return findings, set_aside


def _write(path: Path, findings: Sequence[RewardFinding]) -> None:
    with whole_file(path) as file:
        for finding in findings:
            file.write(json.dumps(finding.to_json()) + "\n")


def show(findings: Sequence[RewardFinding], set_aside: Counter[str]) -> None:
    """Print the attacks under the property that each of them tests, and what they come to."""
    console = open_console()
    console.print(_table([HEAD], console.width))
    for name, property in PROPERTIES.items():
        lines = [_line(finding) for finding in findings if finding.tests == name]
        title = f"\n[bold]{property.text}[/]: {property.allowed}"
        console.print(title, _table(lines, console.width))
    failures = Counter(finding.tests for finding in findings if not finding.ok)
    completions = sum(finding.tried for finding in findings)
    kept = len(PROPERTIES) - len(failures)
    console.print(f"\n{completions:,} completions; {kept} of {len(PROPERTIES)} properties kept.")
    for name, count in failures.items():
        attacks = "attack" if count == 1 else "attacks"
        text = f"[red]fails[/]  {PROPERTIES[name].text}: {count} {attacks}"
        console.print(text, soft_wrap=True)
    if set_aside:
        reasons = _join_reasons(set_aside)
        console.print(visible(f"Rows set aside: {reasons}."), soft_wrap=True, markup=False)


def _line(finding: RewardFinding) -> tuple[str, ...]:
    """Return outcome, attack, highest reward, failures, and the completion that got furthest."""
    if not finding.tried:
        return "-", finding.attack, "", "", "(no row allows this attack)"
    outcome = "ok" if finding.ok else "FAILS"
    reached = "" if finding.reached is None else _round_down(finding.reached)
    completion = _text(finding.completion)
    if finding.error:
        reached, completion = "raised", f"{finding.error} on: {completion}"
    return outcome, finding.attack, reached, f"{finding.failed}/{finding.tried}", completion


def _table(lines: Sequence[tuple[str, ...]], width: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in WIDTHS:
        table.add_column(min_width=column, no_wrap=True)
    table.add_column(no_wrap=True)
    remaining = max(width - sum(WIDTHS) - 2 * len(WIDTHS), 20)
    for outcome, *cells, completion in lines:
        style = STYLES.get(outcome, "dim")
        shown = Text(_shorten(completion, remaining), style="dim")
        table.add_row(Text(outcome, style=style), *cells, shown)
    return table


def _round_down(reward: float) -> str:
    """Return three decimals, rounded down: nothing below 1 is shown as 1."""
    if 0 < reward < 0.001:
        return f"{reward:.0e}"
    return f"{floor(reward * 1000) / 1000:g}"


def _text(completion: Completion | None) -> str:
    if isinstance(completion, str):
        return completion or "(empty)"
    return json.dumps(completion)


def _shorten(text: str, width: int) -> str:
    """Return one visible line, with its beginning and its end."""
    line = visible(" ".join(text.split()))
    if len(line) <= width:
        return line
    return f"{line[: width // 2]} … {line[-(width // 2 - 3) :]}"


def _join_reasons(set_aside: Counter[str]) -> str:
    return "; ".join(f"{count}, since {reason}" for reason, count in set_aside.most_common())
