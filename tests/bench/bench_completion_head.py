"""A micro-batch of SFT, forward and backward, with TRL's LM head on every token and on the
completions alone.

    rlcall tasks --n 4 --seed 1 --level 1 --out rows.jsonl
    python -m tests.bench.bench_completion_head rows.jsonl      # two minutes on two quiet cores

SmolLM2-135M in float32, all rows of the file at once. The two take turns; what is printed are
seconds by the clock (medians, with the lowest and highest), and how often ours goes into TRL's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rows", type=Path)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    batch = make_batch(options.model, options.rows)
    sides = {
        "TRL, every token": make_model(options.model, False),
        "completions alone": make_model(options.model, True),
    }
    learned, tokens = int((batch["labels"] != -100).sum()), int(batch["attention_mask"].sum())
    print(
        f"{len(batch['labels'])} rows, {tokens} tokens, {learned} of them of completions; {options.rounds} rounds"
    )
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(options.rounds):
        for side, model in sides.items():
            seconds[side].append(timed(model, batch))
    first = statistics.median(seconds["TRL, every token"])
    for side, times in seconds.items():
        median = statistics.median(times)
        print(
            f"| {side} | {median:.2f} ({min(times):.2f} to {max(times):.2f}) | {first / median:.2f}× |",
            flush=True,
        )


def make_batch(name: str, rows: Path) -> dict[str, Any]:
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    from rlcall.data.rows import read_rows
    from rlcall.model.load import load_tokenizer
    from rlcall.train.methods.sft import columns

    tokenizer = load_tokenizer(name)
    data = columns(read_rows(rows), tokenizer, "smollm2")
    return dict(DataCollatorForLanguageModeling(pad_token_id=tokenizer.pad_token_id)(list(data)))


def make_model(name: str, alone: bool) -> Any:
    import torch
    from trl.trainer.utils import add_fused_lm_head

    from rlcall.model.load import load_model
    from rlcall.train.faster.completion_head import score_completions_alone

    model = load_model(name).train()
    add_fused_lm_head(model, outputs=("log_probs", "entropy", "is_top1"))
    accelerator = SimpleNamespace(unwrap_model=lambda one: one)
    if alone:
        device = SimpleNamespace(device=torch.device("cpu"))
        score_completions_alone(SimpleNamespace(model=model, args=device, accelerator=accelerator))
    return model


def timed(model: Any, batch: dict[str, Any]) -> float:
    begin = time.perf_counter()
    model(**batch, fused_lm_head=True, use_cache=False).loss.backward()
    model.zero_grad()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
