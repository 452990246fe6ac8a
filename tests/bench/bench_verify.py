"""How many completions a second one core parses and verifies: real ones, cold and warm, beside
BFCL's own way.

    make bench                                                       # or python -m tests.bench.bench_verify
    make bench BFCL=bfcl_eval-2026.3.23-py3-none-any.whl             # pip download --no-deps bfcl-eval

Every round is a process of its own. It takes all the completions once cold, when tools and answers
are compiled, then by BFCL's decoding and checking, then warm, under `auto` and under each model's
own format. Printed are the medians over the rounds, in seconds of processor time, which a busy
machine makes longer by some tens of percent.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

TITLES = {
    "cold": "rlcall, fresh process: tools and answers are compiled; wire=auto",
    "warm": "rlcall, once more; wire=auto",
    "fixed": "rlcall, once more; the model's own format",
    "bfcl": "BFCL's decoding and ast_checker, which look at no schema",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "bfcl", nargs="?", help="the wheel bfcl-eval, or the folder that it was unzipped to"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one-round", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one_round:
        print(json.dumps(one_round(options.bfcl)))
    else:
        report([_in_a_process_of_its_own(options.bfcl) for _ in range(options.rounds)])


def _in_a_process_of_its_own(bfcl: str | None) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "tests.bench.bench_verify",
        "--one-round",
        *([bfcl] if bfcl else []),
    ]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return json.loads(subprocess.check_output(command, text=True, env=one_thread))


def one_round(wheel: str | None) -> dict[str, float]:
    """Processor seconds of each pass over the completions, how many there are, and how often
    BFCL's side is right."""
    start = time.process_time()
    from rlcall.verify import verify

    seconds = {"import": time.process_time() - start}
    from tests.support.bfcl_completions import BfclCompletion, completions

    def check(item: BfclCompletion, wire: str = "auto") -> bool | None:
        return verify(
            item.completion, item.task.tools_text, item.task.answer_text, wire=wire
        ).correct

    written = list(completions())
    passes: dict[str, Callable[[BfclCompletion], Any]] = {"cold": check}
    if wheel:
        from tests.bench.bfcl import Bfcl

        passes["bfcl"] = Bfcl(
            wheel, {item.task.id: item.task for item in written}.values()
        ).is_valid
    passes |= {"warm": check, "fixed": lambda item: check(item, item.wire)}
    texts = [
        item.task.tools_text + item.task.answer_text for item in written
    ]  # encoded now, not in the first pass
    gc.collect()
    gc.freeze()  # what was read from the files is no business of either side's
    outcomes: dict[str, list[Any]] = {}
    for name, run in passes.items():
        start = time.process_time()
        outcomes[name] = [run(item) for item in written]
        seconds[name] = time.process_time() - start
    agreed = [
        valid == item.valid for valid, item in zip(outcomes.get("bfcl", []), written, strict=False)
    ]
    return {"count": len(texts), "bfcl_agrees": sum(agreed) / (len(agreed) or 1), **seconds}


def report(rounds: list[dict[str, float]]) -> None:
    middle = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
    count = middle["count"]
    print(
        f"{count:.0f} completions, medians of {len(rounds)} rounds; importing rlcall takes {middle['import']:.2f} s"
    )
    for key, title in TITLES.items():
        if key in middle:
            rates = sorted(count / one[key] for one in rounds)
            each = 1e6 * middle[key] / count
            print(
                f"{count / middle[key]:>7.0f}/s {each:>5.0f} us  {title}  ({rates[0]:.0f} to {rates[-1]:.0f})"
            )
    if "bfcl" in middle:
        print(f"BFCL's side gives the verdict of the files on {middle['bfcl_agrees']:.1%} of them")


if __name__ == "__main__":
    main()
