"""Rollouts on two ranks, for test_rollouts.py:

    accelerate launch --config_file configs/accelerate/zero3.yaml tests/support/ranks_rollouts.py FOLDER '{"lora": 4}'

FOLDER holds the model, the other argument is TRL's settings. The first rank's completions end
sooner than the other's. Rank 0 prints stock's completions, ours, and how many forward passes each
rank made for ours, as one JSON line.
"""

from __future__ import annotations

import gc
import json
import sys
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import gather_object

from rlcall.model.load import load_model, load_tokenizer
from rlcall.model.runtime import use_gloo_only
from rlcall.train.faster.rollouts import RolloutTrainer
from tests.support.ranks_shared_prefix import build


class Passes:
    """Counts the forward passes of a model."""

    def __init__(self, model: Any) -> None:
        self.count = 0
        model.register_forward_pre_hook(self.add, with_kwargs=True)

    def add(self, *_: Any) -> None:
        self.count += 1


def rollout(trainer: Any) -> list[list[int]]:
    """Rank 0 has few tokens to write before each end: most are ends for it."""
    rank = PartialState().process_index
    trainer.generation_config.do_sample = False
    own, trainer.generation_config.eos_token_id = (
        trainer.eos_token_ids,
        list(range(2, 700, 2 if rank == 0 else 20)),
    )
    trainer.eos_token_ids = trainer.generation_config.eos_token_id
    ids = trainer._generate_single_turn([[5, 6, 7, 9, 10]] * 4 + [[11, 12]] * 4, None, {}, 4)[0]
    trainer.eos_token_ids = own
    return gather_object(ids)


def main(folder: str, settings: str) -> None:
    use_gloo_only()
    given: dict[str, Any] = json.loads(settings)
    size = given.pop("rollout_batch_size", None)
    trainer = build(
        RolloutTrainer,
        lambda: load_model(folder),
        load_tokenizer(folder),
        replay=False,
        **given,
    )
    trainer.rollout_batch_size = size
    trainer.model_wrapped = trainer.accelerator.prepare(trainer.model, trainer.create_optimizer())[
        0
    ]
    stock = rollout(trainer)
    passes = Passes(trainer.accelerator.unwrap_model(trainer.model).get_input_embeddings())
    trainer.roll_out_fast(torch.float32)
    found = [stock, rollout(trainer), gather_object([passes.count])]
    if PartialState().is_main_process:
        print(json.dumps(found), flush=True)
    trainer.accelerator.free_memory()
    del trainer
    gc.collect()  # DDP keeps gloo's threads; alive at exit, they may end the process with SIGABRT
    PartialState().destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
