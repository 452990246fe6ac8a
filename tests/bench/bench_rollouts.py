"""Rollouts: transformers' generate as it is, the loop before, and fast rollouts in two types.

    python -m tests.bench.bench_rollouts --prompt 300
    git worktree add /tmp/before 7aebf57
    python -m tests.bench.bench_rollouts --prompt 300 --before /tmp/before    # with the loop of then

SmolLM2-135M, 8 prompts of random tokens with 8 completions each, all 40 tokens long. Each side is
a process of its own, and they take turns, so that whatever else the machine does meets all alike.
`products` is the part that no rollout can do without: the matrix products of as many steps, in
bfloat16. What is printed are seconds (by the clock, or of the processor with --processor): medians,
with the lowest and highest, and how often each goes into the first side's.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIDES = ("stock", "before", "float32", "bfloat16", "products")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--prompts", type=int, default=8)
    parser.add_argument("--group", type=int, default=8, help="completions of a prompt")
    parser.add_argument("--prompt", type=int, default=300, help="tokens of a prompt")
    parser.add_argument("--most", type=int, default=40, help="tokens of a completion")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--processor", action="store_true", help="seconds of the processor")
    parser.add_argument("--before", type=Path, help="a checkout with the loop of 7aebf57")
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--worker", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options)
    else:
        compare(options)


def compare(options: argparse.Namespace) -> None:
    sides = [side for side in options.sides if side != "before" or options.before]
    workers = {side: start(side, options) for side in sides}
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(options.rounds + 1):  # the first warms up
        for side, worker in workers.items():
            seconds[side].append(ask(worker))
    first = statistics.median(seconds[sides[0]][1:])
    for side in sides:
        times = seconds[side][1:]
        median = statistics.median(times)
        spread = f"({min(times):.2f} to {max(times):.2f})"
        print(f"| {side} | {median:.2f} {spread} | {first / median:.1f}× |", flush=True)
        workers[side].terminate()


def start(side: str, options: argparse.Namespace) -> subprocess.Popen[str]:
    words = [sys.executable, str(Path(__file__).resolve()), "--worker", side]
    for name in ("prompts", "group", "prompt", "most", "threads"):
        words += [f"--{name}", str(getattr(options, name))]
    if options.processor:
        words.append("--processor")
    root = options.before if side == "before" else Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "HF_HUB_OFFLINE": "1"}
    return subprocess.Popen(
        words, env=environment, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def ask(worker: subprocess.Popen[str]) -> float:
    """Have a worker make one rollout, and return its seconds."""
    assert worker.stdin and worker.stdout
    worker.stdin.write("\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())


def work(options: argparse.Namespace) -> None:
    """Make a rollout for each line that comes in."""
    import torch

    torch.set_num_threads(options.threads)
    roll_out = rollout_of(options)
    clock = time.process_time if options.processor else time.perf_counter
    for _ in sys.stdin:
        torch.manual_seed(0)
        begin = clock()
        with torch.no_grad():
            roll_out()
        print(clock() - begin, flush=True)


def rollout_of(options: argparse.Namespace) -> Callable[[], Any]:
    import torch
    from transformers import GenerationConfig

    from rlcall.model.load import load_model

    model: Any = load_model("smollm2-135m", dtype="float32").eval()
    model.generation_config = GenerationConfig(pad_token_id=0)  # which has no end: all go on
    torch.manual_seed(1)
    ids = torch.randint(10, 40_000, (options.prompts, options.prompt))
    ids = ids.repeat_interleave(options.group, 0)
    settings = GenerationConfig(
        max_new_tokens=options.most, do_sample=True, top_k=0, pad_token_id=0
    )
    inputs = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "generation_config": settings,
    }
    if options.worker == "products":
        return lambda: products(model, len(ids), options.most)

    def roll_out() -> Any:
        if options.worker == "stock":
            return model.generate(**inputs)
        if options.worker == "before":
            from rlcall.model.prefix_cache import prefilled_once  # type: ignore[attr-defined]
            from rlcall.model.rollouts import ended_leave  # type: ignore[attr-defined]

            with ended_leave(model), prefilled_once(model):
                return model.generate(**inputs)
        from rlcall.model.rollouts.generation import fast_rollouts
        from rlcall.model.rollouts.precision import RolloutWeights

        weights = RolloutWeights(getattr(torch, options.worker))
        with fast_rollouts(model, weights=weights):
            return model.generate(**inputs)

    return roll_out


def products(model: Any, rows: int, steps: int) -> None:
    """Multiply by all weight matrices, in bfloat16, as often as a rollout does."""
    import torch

    matrices = [
        module.weight.to(torch.bfloat16)
        for module in model.modules()
        if isinstance(module, torch.nn.Linear)
    ]
    inputs = {
        size: torch.ones(rows, size, dtype=torch.bfloat16)
        for size in {m.shape[1] for m in matrices}
    }
    for _ in range(steps):
        for matrix in matrices:
            torch.nn.functional.linear(inputs[matrix.shape[1]], matrix)


if __name__ == "__main__":
    main()
