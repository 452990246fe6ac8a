"""GRPO with shared prompts beside stock TRL: how much faster, how much less memory, over the length
of the prompt.

    python -m tests.bench.bench_shared_prefix                                  # an hour and a half on two quiet cores
    python -m tests.bench.bench_shared_prefix --lengths 150 --rounds 1         # minutes: does it work?

One model (SmolLM2-135M), one process, 8 completions of 48 tokens for one prompt. The sides take
turns, and each has the same weights, prompt and completions; what is printed are ratios of medians.
Peak memory is that of a process for each side and part. PrefixGrouper is measured where `pip
install --no-deps prefix-grouper` has been done, and the plot is drawn where matplotlib is
installed. `--out FOLDER` gets shared_prefix.md, .json and .svg.

The parts: `loss` is TRL's compute_loss and its backward pass, `rollout` is sampling, `step` is both
with the reward and the optimizer. The sides: `stock` is TRL; `head` is TRL but with the LM head on
the completions alone, as TRL has it on a GPU and not on a CPU; `ours` shares the prompt; `grouper`
is PrefixGrouper with the same head.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

GROUP, COMPLETION = 8, 48
SIDES = {
    "loss": ("stock", "head", "ours", "grouper"),
    "rollout": ("stock", "ours"),
    "step": ("stock", "ours"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lengths", type=int, nargs="+", default=[150, 300, 600, 1200])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument(
        "--device", default="cpu", help="cpu or cuda; on cuda the weights are bfloat16"
    )
    parser.add_argument("--out", type=Path, default=Path("."))
    parser.add_argument("--one", nargs=2, metavar=("PART", "SIDE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(peak(options, *options.one)))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    found: list[dict[str, Any]] = []
    # Memory first: what this process has once held is not given back, and stock takes 20 GB for
    # 1,200 tokens.
    memory = [memory_of(options, length) for length in options.lengths]
    for length, taken in zip(options.lengths, memory, strict=True):
        found.append({**seconds(options, length), "memory": taken})
        (options.out / "shared_prefix.json").write_text(json.dumps(found, indent=2) + "\n")
        (options.out / "shared_prefix.md").write_text(table(found))
    print(table(found))
    plot(found, options.out / "shared_prefix.svg")


def seconds(options: argparse.Namespace, length: int) -> dict[str, Any]:
    """Median seconds of each part and side at one prompt length."""
    bench = Bench(options, length)
    rows: dict[str, Any] = {"prompt": length, "limit": token_limit(length)}
    for part, sides in SIDES.items():
        taken: dict[str, list[float]] = {side: [] for side in sides if bench.has(side)}
        for _ in range(options.rounds):
            for side, times in taken.items():
                times.append(timed(bench.call(part, side), options.device))
        rows[part] = {side: statistics.median(times) for side, times in taken.items()}
        print(length, part, rows[part], file=sys.stderr, flush=True)
    return rows


def token_limit(length: int) -> float:
    """How many times fewer tokens go through the model: what sharing could give at most if all
    tokens cost the same."""
    return GROUP * (length + COMPLETION) / (length - 1 + GROUP * COMPLETION)


def timed(call: Callable[[], None], device: str) -> float:
    import torch

    gc.collect()
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    wait()
    start = time.perf_counter()
    call()
    wait()
    return time.perf_counter() - start


def memory_of(options: argparse.Namespace, length: int) -> dict[str, dict[str, float]]:
    """Peak memory in MiB of a process that does one part on one side once, above what it held
    with the model loaded."""
    keys = ("threads", "model", "device")
    settings = [word for key in keys for word in (f"--{key}", str(getattr(options, key)))]
    line = [
        sys.executable,
        "-m",
        "tests.bench.bench_shared_prefix",
        "--lengths",
        str(length),
        *settings,
    ]

    def taken(*one: str) -> float:
        return float(subprocess.check_output([*line, "--one", *one], text=True).splitlines()[-1])

    return {part: {side: taken(part, side) for side in ("stock", "ours")} for part in SIDES}


def peak(options: argparse.Namespace, part: str, side: str) -> float:
    import torch

    bench = Bench(options, options.lengths[0])
    call = bench.call(part, side)
    if options.device == "cuda":
        before = torch.cuda.memory_allocated()
        call()
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of loading
    before = peak_resident()
    call()
    return (peak_resident() - before) / 1024


def peak_resident() -> int:
    """KiB. Not getrusage's ru_maxrss, in which the process that started this one has a part."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


class Bench:
    """A trainer of the model with one prompt of a length; `call(part, side)` is what to time."""

    def __init__(self, options: argparse.Namespace, length: int) -> None:
        import torch

        from rlcall.model.load import load_model, load_tokenizer

        torch.set_num_threads(options.threads)
        torch.manual_seed(0)
        self.tokenizer = load_tokenizer(options.model)
        cuda = options.device == "cuda"
        model = load_model(options.model, dtype="bfloat16" if cuda else "float32")
        self.trainer = self._trainer(
            model, prompt_text(self.tokenizer, length), use_cpu=not cuda, bf16=cuda
        )
        self.trainer.share_prompts()
        self.trainer.model.train()
        self.inputs = self._inputs()
        keep_length(self.trainer)

    def has(self, side: str) -> bool:
        import importlib.util

        return side != "grouper" or importlib.util.find_spec("prefix_grouper") is not None

    def call(self, part: str, side: str) -> Callable[[], None]:
        trainer, model = self.trainer, self.trainer.model
        trainer._shares = side == "ours"
        score = {
            "head": partial(score_head_alone, model),
            "grouper": partial(score_grouper, model),
        }.get(side)
        trainer.score = score

        def loss() -> None:
            model.zero_grad()
            trainer.compute_loss(model, self.inputs).backward()

        def rollout() -> None:
            with torch_seed():
                trainer._generate_single_turn([self.prompt] * GROUP, None, {}, GROUP)

        def step() -> None:
            with torch_seed():
                trainer.training_step(model, [{"prompt": self.text}] * GROUP, None)
            trainer.optimizer.step()
            trainer.optimizer.zero_grad()

        return {"loss": loss, "rollout": rollout, "step": step}[part]

    def _trainer(self, model: Any, text: str, **settings: Any) -> Any:
        from datasets import Dataset
        from trl import GRPOConfig

        args = GRPOConfig(
            tempfile.mkdtemp(),
            report_to="none",
            gradient_checkpointing=False,
            per_device_train_batch_size=GROUP,
            num_generations=GROUP,
            max_completion_length=COMPLETION,
            generation_kwargs={"min_new_tokens": COMPLETION},
            learning_rate=0.0,  # the optimizer works, and the weights stay
            **settings,
        )
        self.text, self.prompt = text, self.tokenizer(text)["input_ids"]
        dataset = Dataset.from_dict({"prompt": [text] * GROUP})
        trainer = trainer_class()(model, reward, args, dataset, processing_class=self.tokenizer)
        trainer.model_wrapped = trainer.model
        trainer.create_optimizer()
        trainer.current_gradient_accumulation_steps = 1
        return trainer

    def _inputs(self) -> dict[str, Any]:
        """A micro-batch as TRL prepares it: other completions each, of all lengths up to the
        longest."""
        import torch

        device = self.trainer.model.device
        completion = torch.randint(100, len(self.tokenizer), (GROUP, COMPLETION), device=device)
        lengths = torch.linspace(COMPLETION // 2, COMPLETION, GROUP, device=device).long()
        mask = (torch.arange(COMPLETION, device=device) < lengths[:, None]).long()
        prompt = torch.tensor([self.prompt] * GROUP, device=device)
        advantages = torch.linspace(-1, 1, GROUP, device=device)
        return {
            "prompt_ids": prompt,
            "prompt_mask": torch.ones_like(prompt),
            "completion_ids": completion,
            "completion_mask": mask,
            "advantages": advantages,
            "num_items_in_batch": mask.sum(),
        }


def trainer_class() -> type:
    from rlcall.train.faster.shared_prefix import SharedPrefixTrainer

    class Trainer(SharedPrefixTrainer):
        """Ours, stock as long as it does not share, or with another way to score."""

        score: Callable[..., Any] | None = None

        def _get_per_token_logps_and_entropies(
            self, model: Any, ids: Any, mask: Any, length: int, **kwargs: Any
        ) -> Any:
            if self.score is None:
                return super()._get_per_token_logps_and_entropies(
                    model, ids, mask, length, **kwargs
                )
            return *self.score(ids, mask, length), None

    return Trainer


def keep_length(trainer: Any) -> None:
    """What was forced to be as long as all others counts as ended, so that nothing is masked."""
    trainer.eos_token_ids = [-1]


def torch_seed() -> Any:
    import torch

    torch.manual_seed(7)
    return torch.random.fork_rng(devices=[])


def reward(completion_ids: list[list[int]], **_: Any) -> list[float]:
    return [sum(token % 2 for token in ids) / len(ids) for ids in completion_ids]


def prompt_text(tokenizer: Any, length: int) -> str:
    """Real prompts one after the other, cut to a number of tokens."""
    from rlcall.model.prompts import render_prompt
    from rlcall.tasks import phone

    text = "".join(render_prompt(row, tokenizer, "smollm2") for row in phone.generate(40, seed=0))
    ids = tokenizer(text)["input_ids"][:length]
    assert len(ids) == length, "the rows are too few for a prompt of this length"
    return str(tokenizer.decode(ids))


def scored(model: Any, hidden: Any, ids: Any, mask: Any, length: int) -> tuple[Any, Any]:
    """Log-probabilities and entropies of the completions from what precedes their tokens, by
    TRL's own head."""
    from types import SimpleNamespace
    from unittest.mock import patch

    labels = ids.masked_fill(mask == 0, -100)[:, -length:]
    with patch.object(
        type(model), "base_model", lambda *_, **__: SimpleNamespace(last_hidden_state=hidden)
    ):
        out = model(shift_labels=labels, fused_lm_head=True)
    return out.log_probs, out.entropy


def score_head_alone(model: Any, ids: Any, mask: Any, length: int) -> tuple[Any, Any]:
    hidden = model.base_model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    return scored(model, hidden[:, -length - 1 : -1], ids, mask, length)


def score_grouper(model: Any, ids: Any, mask: Any, length: int) -> tuple[Any, Any]:
    """As PrefixGrouper's documentation has it, with an attention of transformers that it goes
    through."""
    import torch
    from prefix_grouper import PrefixGrouper
    from transformers import AttentionInterface

    AttentionInterface.register("prefix_grouper", grouper_attention)
    prompt, completion = (
        (ids[:1, :-length], mask[:1, :-length]),
        (ids[:, -length:], mask[:, -length:]),
    )
    grouper = PrefixGrouper.from_ungrouped_masks(
        prompt[1], completion[1], len(ids), device=ids.device
    )
    packed = grouper.concat_input(*prompt, *completion)
    begin = prompt[0].shape[1]
    parts = [
        torch.arange(begin),
        *(torch.arange(begin, begin + int(n)) for n in completion[1].sum(1)),
    ]
    own, model.config._attn_implementation = model.config._attn_implementation, "prefix_grouper"
    try:
        hidden = model.base_model(
            input_ids=packed,
            position_ids=torch.cat(parts)[None].to(ids.device),
            prefix_grouper=grouper,
            use_cache=False,
        ).last_hidden_state
    finally:
        model.config._attn_implementation = own
    suffix = grouper.split_output(hidden, include_prefix_last=1)[2]
    return scored(model, suffix[:, :-1], ids, mask, length)


def grouper_attention(
    module: Any, query: Any, key: Any, value: Any, _: Any, *, prefix_grouper: Any, **kwargs: Any
) -> tuple[Any, None]:
    """PrefixGrouper's attention by torch's own: its masks say what is padding, and sdpa wants to
    know what is later."""
    import torch
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    def attend(query: Any, key: Any, value: Any, _: Any) -> Any:
        new, seen = query.shape[2], key.shape[2]
        mask = (
            None
            if new == seen
            else torch.ones(new, seen, dtype=torch.bool, device=query.device).tril(seen - new)
        )
        return sdpa_attention_forward(
            module, query, key, value, mask if mask is None else mask[None, None], **kwargs
        )[0]

    return prefix_grouper.forward(attend, query, key, value), None


def table(found: list[dict[str, Any]]) -> str:
    """Markdown: how many times faster than stock each part is, and its peak memory."""
    lines = [
        "| prompt tokens | token-count limit | loss and backward | the head alone | PrefixGrouper | rollout |"
        " whole step | memory of loss, stock → ours | of rollout | of step |",
        "|" + "---:|" * 10,
    ]
    for row in found:
        faster = [
            _faster(row, *what)
            for what in (("loss", "ours"), ("loss", "head"), ("loss", "grouper"))
        ]
        faster += [_faster(row, "rollout", "ours"), _faster(row, "step", "ours")]
        memory = [
            f"{part['stock']:,.0f} → {part['ours']:,.0f} MiB" for part in row["memory"].values()
        ]
        cells = [str(row["prompt"]), f"{row['limit']:.2f}×", *faster, *memory]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _faster(row: dict[str, Any], part: str, side: str) -> str:
    return f"{row[part]['stock'] / row[part][side]:.2f}×" if side in row[part] else "not measured"


def plot(found: list[dict[str, Any]], path: Path) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no plot: matplotlib is not installed (pip install matplotlib)", file=sys.stderr)
        return
    axes = (figure := Figure(figsize=(7, 4.5), layout="constrained")).subplots()
    x = [row["prompt"] for row in found]
    for part, label in (
        ("loss", "loss and backward"),
        ("step", "whole step"),
        ("rollout", "rollout"),
    ):
        axes.plot(
            x, [row[part]["stock"] / row[part]["ours"] for row in found], marker="o", label=label
        )
    axes.plot(
        x,
        [row["loss"]["head"] / row["loss"]["ours"] for row in found],
        marker="o",
        label="loss, same LM head",
    )
    if all("grouper" in row["loss"] for row in found):
        faster = [row["loss"]["stock"] / row["loss"]["grouper"] for row in found]
        axes.plot(x, faster, marker="o", label="loss and backward, PrefixGrouper")
    axes.plot(
        x, [row["limit"] for row in found], color="black", linestyle="--", label="token-count limit"
    )
    axes.set(xlabel="prompt tokens", ylabel="times faster than stock TRL", ylim=(0, None), xticks=x)
    figure.legend(loc="outside upper center", ncols=2, frameon=False)
    figure.savefig(path)


if __name__ == "__main__":
    main()
