"""`rlcall verify ROWS.jsonl`: one JSON line out for each line in, in order.

    $ rlcall verify rows.jsonl --rewards graded
    {"id": "r1", "correct": true, "reward": 1.0, "rules": {"name": 1.0}, "wire": "hermes", ...}

Each row also holds `completion`: text, or an assistant message with `tool_calls`. A bad line stops
nothing: its line out is `{"line": 7, "error": "..."}`, and the exit status is 1 at the end. It is 1
as well where a rule failed, which the line names under `failures`. `--show` prints for a person
instead.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TextIO

from rlcall.cli.console import report_mistake
from rlcall.cli.options import CommandParser, add_out, add_rewards, add_wire
from rlcall.cli.show import show
from rlcall.data.rows import Row, RowError, load_line, parse_row
from rlcall.errors import UserError
from rlcall.files.whole import whole_file
from rlcall.reward import Reward, RuleError, Score, load_reward
from rlcall.verify import Verdict


def main(argv: Sequence[str] | None = None) -> int:
    """Verify a file; return 0, 1 where lines could not be verified, 2 where nothing could be
    read."""
    arguments = parser().parse_args(argv)
    failures = 0
    try:
        reward = load_reward(arguments.rewards)
        with open(arguments.rows, "rb") as rows, _open_output(arguments.out) as out:
            for number, line in enumerate(rows, 1):
                failures += not _verify_line(line, number, reward, arguments, out)
    except (UserError, OSError) as error:
        return report_mistake("verify", error)
    if failures:
        message = f"rlcall verify: {failures} lines could not be verified; each says why"
        print(message, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall verify`."""
    command = CommandParser("verify", "Verify completions, one row a line.")
    command.add_argument(
        "rows", metavar="ROWS.jsonl", help="rows, JSON Lines, each with its `completion`"
    )
    add_wire(command, auto=True, default="auto", unset="auto")
    add_rewards(command)
    add_out(command, "write here, once all is done, instead of to standard output")
    command.add_argument(
        "--show",
        action="store_true",
        help="print for a person: what was written, what was expected, what differs",
    )
    return command


def _open_output(path: Path | None) -> AbstractContextManager[TextIO]:
    """Return standard output, or a file that appears only when it is whole."""
    return nullcontext(sys.stdout) if path is None else whole_file(path)


def _verify_line(
    line: bytes, number: int, reward: Reward, arguments: argparse.Namespace, out: TextIO
) -> bool:
    """Write what a line comes to; return whether it was verified and no rule failed."""
    try:
        row, completion = _read(line, arguments.rows, number)
        verdict = reward.verify(completion, row.tools, row.answer, arguments.wire)
        score = reward.score(verdict)
    except RuleError as error:
        raise RuleError(f"{arguments.rows}:{number}: {error}") from error
    except UserError as error:
        print(json.dumps({"line": number, "error": str(error)}, ensure_ascii=False), file=out)
        return False
    if arguments.show:
        show(row, completion, verdict, score, file=out)
    else:
        print(json.dumps(_to_json(row, verdict, score), ensure_ascii=False), file=out)
    return not score.failures


def _read(line: bytes, path: str, number: int) -> tuple[Row, Any]:
    value = load_line(line, path, number)
    row = parse_row(value, path, number, extra=("completion", "expect"))
    completion = value.get("completion")
    if not isinstance(completion, str | dict):
        remedy = "Give text, or an assistant message."
        raise RowError(path, number, "completion", "is missing", remedy)
    return row, completion


def _to_json(row: Row, verdict: Verdict, score: Score) -> dict[str, Any]:
    verdict_values = verdict.to_json()
    correct = verdict_values.pop("correct")
    return {"id": row.id, "correct": correct, **score.to_json(), **verdict_values}
