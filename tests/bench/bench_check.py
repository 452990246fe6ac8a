"""How many rows a second one core checks where every schema is new, and what memory the requests of
many rows take.

    python -m tests.bench.bench_check bfcl_eval-2026.3.23-py3-none-any.whl       # pip download --no-deps bfcl-eval
    python -m tests.bench.bench_check --requests 1000000

The first takes BFCL's 3,491 single-turn rows, each tool under a name of its own, so that no tool is
known from another row. Every round is a process of its own; the time is the processor's, from the
file to the last finding.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "bfcl", nargs="?", help="the wheel bfcl-eval, or the folder that it was unzipped to"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--requests", type=int, help="remember and compare so many made-up requests of 30 words"
    )
    parser.add_argument("--one-round", metavar="ROWS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one_round:
        print(json.dumps(one_round(options.one_round)))
    elif options.requests:
        many_requests(options.requests)
    elif options.bfcl:
        report([*rounds(options.bfcl, options.rounds)])
    else:
        parser.error("give the wheel, or --requests")


def rounds(wheel: str, count: int) -> Iterator[dict[str, float]]:
    from tests.support.bfcl_entries import entries

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        rows = [renamed(row, number) for number, row in enumerate(entries(wheel))]
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        command = [sys.executable, "-m", "tests.bench.bench_check", "--one-round", str(file)]
        one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        for _ in range(count):
            yield json.loads(subprocess.check_output(command, text=True, env=one_thread))


def renamed(row: dict[str, Any], number: int) -> dict[str, Any]:
    """The row with a number in the name of each tool."""
    tools = [
        {**tool, "function": {**tool["function"], "name": f"{tool['function']['name']}_{number}"}}
        for tool in row["tools"]
    ]
    answer = row["answer"]
    if answer["calls"] != "any":
        answer = {
            **answer,
            "calls": [{**call, "name": f"{call['name']}_{number}"} for call in answer["calls"]],
        }
    return {**row, "tools": tools, "answer": answer}


def one_round(file: str) -> dict[str, float]:
    from rlcall.check.lint import Lint
    from rlcall.check.schemas import tool_faults

    lint = Lint([file])
    start = time.process_time()
    findings = sum(1 for _ in lint.findings())
    seconds = time.process_time() - start
    assert tool_faults.cache_info().hits == 0, "a tool was known already"
    return {"rows": lint.rows, "findings": findings, "seconds": seconds, "megabytes": _peak()}


def report(measured: list[dict[str, float]]) -> None:
    rates = sorted(one["rows"] / one["seconds"] for one in measured)
    last = measured[-1]
    print(f"{last['rows']:.0f} rows, {last['findings']:.0f} findings, {len(measured)} rounds")
    print(
        f"{statistics.median(rates):.0f} rows/s ({rates[0]:.0f} to {rates[-1]:.0f}), peak {last['megabytes']:.0f} MB"
    )


def many_requests(count: int) -> None:
    from rlcall.check.finding import Location
    from rlcall.check.request_index import RequestIndex

    rng, requests = random.Random(0), RequestIndex()
    words = [f"w{number}" for number in range(20_000)]
    before, start = _peak(), time.process_time()
    for number in range(count):
        requests.add(rng.choices(words, k=30), Location("rows.jsonl", number + 1, f"row-{number}"))
    added = time.process_time()
    found = sum(1 for _ in requests.near_repeats())
    compared = time.process_time()
    print(
        f"{count:,} requests: {count / (added - start):.0f} added a second, {found} pairs in {compared - added:.0f} s"
    )
    print(f"{_peak() - before:.0f} MB more than before")


def _peak() -> float:
    """Peak resident memory in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
