"""The loss of GRPO on a CPU: completions padded or packed, in float32 or under bfloat16 autocast.

    python -m tests.bench.bench_packing                 # ten minutes on one core
    python -m tests.bench.bench_packing --rounds 1      # does it work?

SmolLM2-135M, one prompt with 8 completions, whose lengths are spread from half of the longest to
the longest; `compute_loss` and its backward pass. All four sides share the prompt and take turns in
one process. What is printed is processor time of one thread, which other processes disturb less
than the clock: medians with the lowest and highest, and how far the gradient is from the first.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from typing import Any

import torch

SIDES = ("float32 padded", "float32 packed", "bfloat16 padded", "bfloat16 packed")
GROUP = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prompt", type=int, default=300, help="tokens")
    parser.add_argument("--completion", type=int, default=48, help="tokens of the longest")
    parser.add_argument("--model", default="smollm2-135m")
    options = parser.parse_args()
    torch.set_num_threads(1)
    seconds: dict[str, list[float]] = {side: [] for side in SIDES}
    gradients: dict[str, torch.Tensor] = {}
    bench = Bench(options)
    for number in range(options.rounds + 1):  # the first warms up
        for side, times in seconds.items():
            start = time.process_time()
            gradient = bench.gradient(side)
            if number:
                times.append(time.process_time() - start)
                gradients[side] = gradient
    first = gradients[SIDES[0]]
    for side, times in seconds.items():
        middle = statistics.median(times)
        ratio = statistics.median(seconds[SIDES[0]]) / middle
        distance = float((gradients[side] - first).norm() / first.norm())
        spread = f"{middle:.2f} ({min(times):.2f} to {max(times):.2f})"
        print(f"| {side} | {spread} | {ratio:.2f}x | {distance:.1e} |")


class Bench:
    """A micro-batch, and a trainer for each precision over one model."""

    def __init__(self, options: argparse.Namespace) -> None:
        from rlcall.model.load import load_model, load_tokenizer

        self.tokenizer = load_tokenizer(options.model)
        self.model = load_model(options.model, dtype="float32")
        self.trainers = {half: self._trainer(half, options) for half in (False, True)}
        self.trainers[False].share_prompts()
        self.trainers[True]._shares = True  # the model knows how already
        self.model.train()
        torch.manual_seed(0)
        prompt = torch.randint(100, len(self.tokenizer), (1, options.prompt)).repeat(GROUP, 1)
        completion = torch.randint(100, len(self.tokenizer), (GROUP, options.completion))
        lengths = torch.linspace(options.completion // 2, options.completion, GROUP).long()
        mask = (torch.arange(options.completion) < lengths[:, None]).long()
        self.inputs = {
            "prompt_ids": prompt,
            "prompt_mask": torch.ones_like(prompt),
            "completion_ids": completion,
            "completion_mask": mask,
            "advantages": torch.linspace(-1, 1, GROUP),
            "num_items_in_batch": mask.sum(),
        }

    def gradient(self, side: str) -> torch.Tensor:
        from unittest.mock import patch

        from rlcall.train.faster import shared_prefix

        trainer = self.trainers[side.startswith("bfloat16")]
        score = score_padded if side.endswith("padded") else shared_prefix._score
        self.model.zero_grad()
        with patch.object(shared_prefix, "_score", score):
            trainer.compute_loss(self.model, self.inputs).backward()
        return torch.cat([weight.grad.detach().flatten() for weight in self.model.parameters()])

    def _trainer(self, half: bool, options: argparse.Namespace) -> Any:
        from datasets import Dataset
        from trl import GRPOConfig

        from rlcall.train.faster.shared_prefix import SharedPrefixTrainer

        args = GRPOConfig(
            tempfile.mkdtemp(),
            report_to="none",
            gradient_checkpointing=False,
            per_device_train_batch_size=GROUP,
            num_generations=GROUP,
            max_completion_length=options.completion,
            use_cpu=True,
            bf16=half,
        )
        dataset = Dataset.from_dict({"prompt": ["a"] * GROUP})
        trainer = SharedPrefixTrainer(
            self.model, reward, args, dataset, processing_class=self.tokenizer
        )
        trainer.model_wrapped = trainer.model
        trainer.current_gradient_accumulation_steps = 1
        return trainer


def score_padded(model: Any, length: int, labels: torch.Tensor, **inputs: Any) -> Any:
    """What was done before: completions with their padding, and the head on all of it."""
    return model(**inputs, shift_labels=labels[:, -length:], completion_length=length)


def reward(completion_ids: list[list[int]], **_: Any) -> list[float]:
    return [0.0 for _ in completion_ids]


if __name__ == "__main__":
    main()
