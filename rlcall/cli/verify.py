"""`rlcall verify ROWS.jsonl`: one JSON line out for each line in, in order.

    $ rlcall verify rows.jsonl --rewards graded
    {"id": "r1", "correct": true, "reward": 1.0, "rules": {"name": 1.0}, "wire": "hermes", "calls": [], "errors": []}

Each row also holds `completion`: text, or an assistant message with `tool_calls`. A bad line stops nothing: its line
out is `{"line": 7, "error": "..."}`, and the exit status is 1 at the end; so it is where a rule failed, which the line
names under `failures`. `--show` prints for a person instead.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TextIO

from rlcall import wire as wires
from rlcall.cli.show import show
from rlcall.data.rows import Row, RowError, load_line, parse_row
from rlcall.files.whole import whole_file
from rlcall.reward import Reward, RewardError, RuleError, Score, load_reward
from rlcall.verifier.answer import AnswerError
from rlcall.verifier.schema import SchemaError
from rlcall.verify import Verdict


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0; 1 where lines could not be verified; 2 where nothing could be read or the reward is wrong."""
    arguments = _parser().parse_args(argv)
    try:
        reward = load_reward(arguments.rewards)
        with open(arguments.rows, "rb") as rows, _output(arguments.out) as out:
            bad = sum(not ok for ok in _verify_lines(rows, reward, arguments, out))
    except (RewardError, OSError) as error:
        print(f"rlcall verify: {error}", file=sys.stderr)
        return 2
    if bad:
        print(
            f"rlcall verify: {bad} lines could not be verified; each says why in its place",
            file=sys.stderr,
        )
    return 1 if bad else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rlcall verify", description="Verify completions, one row a line."
    )
    parser.add_argument("rows", metavar="ROWS.jsonl", help="rows that also hold `completion`")
    parser.add_argument(
        "--wire", default="auto", choices=["auto", *wires.NAMES], help="how calls are written"
    )
    parser.add_argument(
        "--rewards", default="graded", help="a preset or a YAML file (default: graded)"
    )
    parser.add_argument(
        "--out", metavar="FILE", help="write here, when all is done, instead of standard output"
    )
    parser.add_argument(
        "--show", action="store_true", help="for a person: what was written, expected, and differs"
    )
    return parser


def _output(path: str | None) -> AbstractContextManager[TextIO]:
    """Standard output, or a file that appears only when it is whole."""
    return nullcontext(sys.stdout) if path is None else whole_file(path)


def _verify_lines(
    rows: Any, reward: Reward, arguments: argparse.Namespace, out: TextIO
) -> Iterator[bool]:
    for number, raw in enumerate(rows, 1):
        try:
            row, completion = _read(raw, arguments.rows, number)
            verdict = reward.verify(completion, row.tools, row.answer, arguments.wire)
            score = reward.score(verdict)
        except RuleError as error:
            raise RuleError(f"{arguments.rows}:{number}: {error}") from error
        except (RowError, SchemaError, AnswerError) as error:
            print(json.dumps({"line": number, "error": str(error)}, ensure_ascii=False), file=out)
            yield False
            continue
        if arguments.show:
            show(row, completion, verdict, score, file=out)
        else:
            print(json.dumps(_line(row, verdict, score), ensure_ascii=False), file=out)
        yield not score.failures


def _read(raw: bytes, path: str, number: int) -> tuple[Row, Any]:
    value = load_line(raw, path, number)
    row = parse_row(value, path, number, extra=("completion", "expect"))
    completion = value.get("completion")
    if not isinstance(completion, str | dict):
        raise RowError(
            path, number, "completion", "is not there", "Give text, or an assistant message."
        )
    return row, completion


def _line(row: Row, verdict: Verdict, score: Score) -> dict[str, Any]:
    said = verdict.to_json()
    return {"id": row.id, "correct": said.pop("correct"), **score.to_json(), **said}
