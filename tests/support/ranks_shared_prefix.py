"""GRPO with shared prompts against stock TRL on the same completions and micro-batches.

Imported by the tests, and run by them on two ranks:

    accelerate launch --config_file configs/accelerate/zero2.yaml tests/support/ranks_shared_prefix.py FOLDER '{"beta": 0.04}'

FOLDER holds the model, the other argument is TRL's settings and ours ("lora": 4). Rank 0 prints a
JSON line.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

import torch
from datasets import Dataset
from transformers import TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from rlcall.model.load import load_model, load_tokenizer
from rlcall.train.faster.shared_prefix import SharedPrefixTrainer, obstacle, regrouped

PROMPTS = [
    "Who is in the office? " * 3,
    "Call Anna.",
    "Write to Bert and then to Carla, please.",
    "No call at all",
]
SETTINGS = {
    "use_cpu": True,
    "bf16": False,
    "report_to": "none",
    "gradient_checkpointing": False,
    "optim": "sgd",
    "learning_rate": 0.1,
    "lr_scheduler_type": "constant",
    "per_device_train_batch_size": 8,
    "num_generations": 4,
    "max_completion_length": 12,
    "max_steps": 10,
    "logging_steps": 1,
    "save_strategy": "no",
    "disable_tqdm": True,
    "seed": 3,
}


class Stock(GRPOTrainer):
    """TRL's, with the micro-batches of ours: equal prompts together."""

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        before = self._buffered_inputs
        inputs = super()._prepare_inputs(generation_batch)
        if self._buffered_inputs is before:
            return inputs
        self._buffered_inputs = self.arranged(self._buffered_inputs)
        return self._buffered_inputs[self._step % self.args.steps_per_generation]

    def arranged(self, batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return regrouped(batches)


class Reversed(Stock):
    """TRL's, with the rows of each micro-batch in reverse order: what differs from Stock is
    rounding."""

    def arranged(self, batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {key: _reversed(value) for key, value in batch.items()} for batch in regrouped(batches)
        ]


def _reversed(value: Any) -> Any:
    return value.flip(0) if isinstance(value, torch.Tensor) and value.ndim else value


class Replay:
    """Completions for TRL's `rollout_func`: random tokens, some with an end, the same in each
    run."""

    def __init__(self, size: int) -> None:
        self.calls, self.size = 0, size

    def __call__(self, prompts: list[str], trainer: Any) -> dict[str, Any]:
        self.calls += 1
        source = torch.Generator().manual_seed(100 * self.calls + trainer.accelerator.process_index)
        lengths = torch.randint(1, 13, (len(prompts),), generator=source).tolist()
        ids = [
            torch.randint(3, self.size, (length,), generator=source).tolist() for length in lengths
        ]
        ids = [
            [*one[:-1], trainer.processing_class.eos_token_id] if len(one) % 2 else one
            for one in ids
        ]
        return {
            "prompt_ids": trainer.processing_class(prompts)["input_ids"],
            "completion_ids": ids,
            "logprobs": None,
        }


def reward(completion_ids: list[list[int]], **_: Any) -> list[float]:
    return [sum(token % 2 for token in ids) / len(ids) for ids in completion_ids]


def build(
    cls: type[GRPOTrainer],
    load: Callable[[], Any],
    tokenizer: Any,
    lora: int = 0,
    replay: bool = True,
    **settings: Any,
) -> Any:
    """A trainer for the model that `load` gives (under ZeRO-3 only after TRL's arguments are
    made)."""
    from peft import LoraConfig

    args = GRPOConfig(tempfile.mkdtemp(), **{**SETTINGS, **settings})
    config = (
        LoraConfig(r=lora, target_modules="all-linear", init_lora_weights=False) if lora else None
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rollout_func is experimental
        return cls(
            model=load(),
            reward_funcs=reward,
            args=args,
            train_dataset=Dataset.from_dict({"prompt": PROMPTS * 8}),
            processing_class=tokenizer,
            peft_config=config,
            rollout_func=Replay(len(tokenizer)) if replay else None,
        )


class Begin(TrainerCallback):
    """Keeps the weights with which training begins."""

    def __init__(self, trainer: Any) -> None:
        self.trainer, self.weights = trainer, {}

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.weights = weights_of(self.trainer)


def weights_of(trainer: Any) -> dict[str, torch.Tensor]:
    """All weights, whole, on rank 0; every rank calls it."""
    found = trainer.accelerator.get_state_dict(trainer.model_wrapped) or {}
    return {name: weight.detach().double() for name, weight in found.items()}


def engine_of(trainer: Any) -> str:
    """DeepSpeedEngine-3, DistributedDataParallel, LlamaForCausalLM, ..."""
    engine = trainer.model_wrapped
    stage = (
        f"-{engine.zero_optimization_stage()}" if hasattr(engine, "zero_optimization_stage") else ""
    )
    return f"{type(engine).__name__}{stage}"


def train(
    cls: type[GRPOTrainer], folder: str, **settings: Any
) -> tuple[str, list[float], Any, Any]:
    """The engine, each step's loss, and the weights at the beginning and at the end (on rank 0)."""
    trainer = build(cls, lambda: load_model(folder), load_tokenizer(folder), **settings)
    if isinstance(trainer, SharedPrefixTrainer):
        assert obstacle(trainer) is None
        trainer.share_prompts()
    begin = Begin(trainer)
    trainer.add_callback(begin)
    trainer.train()
    losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
    end, engine = weights_of(trainer), engine_of(trainer)
    trainer.accelerator.free_memory()
    trainer.model = trainer.model_wrapped = trainer.optimizer = None
    return engine, losses, begin.weights, end


def compare(folder: str, **settings: Any) -> dict[str, Any]:
    """How far ours ends from stock TRL: losses relative to the largest, weights relative to what
    training changed.

    `rounding` is how far stock TRL's weights end from its own when the rows of its micro-batches
    are in reverse order.
    """
    _, theirs, begin, stock = train(Stock, folder, **settings)
    engine, ours, start, shared = train(SharedPrefixTrainer, folder, **settings)
    assert len(theirs) == len(ours) == SETTINGS["max_steps"] and len(set(theirs)) > 1
    assert all(torch.equal(begin[name], start[name]) for name in begin)
    losses = max(abs(one - other) for one, other in zip(theirs, ours, strict=True)) / max(
        map(abs, theirs)
    )
    again = train(Reversed, folder, **settings)[3]
    apart = {"weights": shared, "rounding": again}
    moved = _norm(stock[name] - begin[name] for name in begin) or 1.0  # the weights are on rank 0
    norms = {
        what: _norm(stock[name] - end[name] for name in begin) / moved
        for what, end in apart.items()
    }
    return {"engine": engine, "loss": losses, **norms}


def _norm(tensors: Any) -> float:
    return sum(float(tensor.square().sum()) for tensor in tensors) ** 0.5


def main(folder: str, settings: str) -> None:
    from accelerate import PartialState

    from rlcall.model.runtime import use_gloo_only

    use_gloo_only()
    found = compare(folder, **json.loads(settings))
    if PartialState().is_main_process:
        print(json.dumps(found), flush=True)
    gc.collect()  # DDP keeps gloo's threads; alive at exit, they may end the process with SIGABRT
    PartialState().destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
