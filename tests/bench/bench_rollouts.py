"""Rollouts: transformers' generate as it is, with shared prompts, and with ended completions
leaving the batch.

    python -m tests.bench.bench_rollouts                                # half an hour on one quiet core
    python -m tests.bench.bench_rollouts --prompts 4 --long 1000 --batch 12 --sides ours "by length"

One model (SmolLM2-135M), one process, one thread, real prompts of phone rows with two to six tools,
four completions each. A completion is as long as the gold answer of its row, and every eighth goes
on to the limit, as those of a model do that has not learned to stop. The sides take turns with the
same prompts, lengths and seed; what is printed are times in processor seconds (on cuda by the
clock; medians, with the lowest and highest), and how often each goes into the first side's.

`stock` is transformers'; `shared` prefills equal prompts once; `ours` lets ended rows leave
besides; `by length` does all that with `--batch` completions at a time, whose prompts are about as
long; `every 8` lets ended rows leave only every 8 tokens.
"""

from __future__ import annotations

import argparse
import statistics
import time
from contextlib import ExitStack
from typing import Any

GROUP = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--prompts", type=int, default=8)
    parser.add_argument("--most", type=int, default=96, help="the limit of a completion, in tokens")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tools", type=int, nargs=2, default=[2, 6])
    parser.add_argument(
        "--long", type=int, default=0, help="the last prompt is made so long, in tokens"
    )
    parser.add_argument("--batch", type=int, default=8, help="rollout_batch_size of `by length`")
    parser.add_argument("--sides", nargs="+", default=["stock", "shared", "ours", "by length"])
    parser.add_argument(
        "--device", default="cpu", help="cpu or cuda; on cuda the weights are bfloat16"
    )
    options = parser.parse_args()
    bench = Bench(options)
    print(bench)
    seconds: dict[str, list[float]] = {side: [] for side in options.sides}
    for _ in range(options.rounds):
        for side, times in seconds.items():
            times.append(bench.timed(side))
    stock = statistics.median(seconds[options.sides[0]])
    for side, times in seconds.items():
        median = statistics.median(times)
        print(
            f"| {side} | {median:.1f} ({min(times):.1f} to {max(times):.1f}) | {stock / median:.2f}× |",
            flush=True,
        )


class Bench:
    """Prompts and lengths of completions, and one rollout of them in each of the ways."""

    def __init__(self, options: argparse.Namespace) -> None:
        import torch

        from rlcall.model.load import load_model, load_tokenizer
        from rlcall.model.prompts import render_completion, render_prompt
        from rlcall.tasks import phone

        torch.set_num_threads(1)
        self.device, self.most, self.batch = options.device, options.most, options.batch
        self.clock = time.process_time if self.device == "cpu" else time.perf_counter
        self.tokenizer = load_tokenizer(options.model)
        self.model = load_model(
            options.model, dtype="bfloat16" if self.device == "cuda" else "float32"
        )
        self.model.to(self.device).eval()
        self.model.generation_config.eos_token_id = None  # Ends says where a completion ends
        rows = list(phone.generate(options.prompts, seed=0, tools_shown=tuple(options.tools)))
        self.ids, lengths = [], []
        for row in rows:
            gold = self.tokenizer(render_completion(row, self.tokenizer, "smollm2"))["input_ids"]
            self.ids += [
                self.tokenizer(render_prompt(row, self.tokenizer, "smollm2"))["input_ids"]
            ] * GROUP
            lengths += [len(gold)] * GROUP
        if options.long:
            self.ids[-GROUP:] = [(self.ids[-1] * 99)[: options.long]] * GROUP
        self.lengths = [
            self.most if i % 8 == 3 else min(length, self.most) for i, length in enumerate(lengths)
        ]

    def __str__(self) -> str:
        prompts = sorted({len(ids) for ids in self.ids})
        return (
            f"{len(self.ids)} completions of {sorted(self.lengths)} tokens (mean {statistics.mean(self.lengths):.0f}), "
            f"prompts of {prompts} tokens"
        )

    def timed(self, side: str) -> float:
        import torch

        torch.manual_seed(0)
        begin = self.clock()
        order = sorted(range(len(self.ids)), key=lambda row: len(self.ids[row]))
        size = self.batch if side == "by length" else len(order)
        for start in range(0, len(order), size):
            self._generate(side, order[start : start + size])
        return self.clock() - begin

    def _generate(self, side: str, rows: list[int]) -> None:
        from transformers import GenerationConfig

        from rlcall.model.prefix_cache import prefilled_once
        from rlcall.model.rollouts import ended_leave

        batch = self.tokenizer.pad(
            {"input_ids": [self.ids[row] for row in rows]}, padding_side="left", return_tensors="pt"
        )
        settings = GenerationConfig(
            max_new_tokens=self.most, do_sample=True, top_k=0, pad_token_id=0
        )
        ends = Ends(
            [self.lengths[row] for row in rows], batch["input_ids"].shape[1], side == "every 8"
        )
        with ExitStack() as stack:
            if side != "stock":
                stack.enter_context(prefilled_once(self.model))
            if side not in ("stock", "shared"):
                stack.enter_context(ended_leave(self.model))
            out = self.model.generate(
                **batch.to(self.device), generation_config=settings, stopping_criteria=[ends]
            )
        assert out.shape[1] == batch["input_ids"].shape[1] + max(ends.lengths)


class Ends:
    """A stopping criterion that ends each row at a length of its own, without an end token."""

    def __init__(self, lengths: list[int], prompt: int, rarely: bool) -> None:
        self.lengths, self.prompt, self.rarely = lengths, prompt, rarely

    def __call__(self, ids: Any, scores: Any, **_: Any) -> Any:
        import torch

        length = ids.shape[1] - self.prompt
        if self.rarely and length % 8:
            length -= length % 8
        return torch.tensor([length >= one for one in self.lengths], device=ids.device)


if __name__ == "__main__":
    main()
