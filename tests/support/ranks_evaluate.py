"""Run by test_evaluate.py on two ranks: python -m torch.distributed.run --nproc_per_node 2
ranks_evaluate.py ...

Arguments: the model's folder, a file of rows, "ddp" or "zero3". Rank 0 prints the completions as
one JSON line.
"""

from __future__ import annotations

import gc
import json
import sys
from typing import Any

import torch
import torch.distributed as dist

from rlcall.data.rows import read_rows
from rlcall.evaluation.evaluate import evaluate
from rlcall.model.load import load_model, load_tokenizer
from rlcall.reward import load_reward

ZERO3 = {
    "train_micro_batch_size_per_gpu": 1,
    "zero_optimization": {"stage": 3, "stage3_param_persistence_threshold": 0},
    "zero_allow_untested_optimizer": True,
}


def wrapped(folder: str, mode: str) -> Any:
    """The model as a trainer holds it; with what keeps ZeRO-3 switched on."""
    if mode == "ddp":
        dist.init_process_group("gloo")
        return torch.nn.parallel.DistributedDataParallel(load_model(folder)), None
    import deepspeed
    import deepspeed.ops
    from transformers.integrations import HfDeepSpeedConfig

    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False  # plain gloo: needs no compiler
    deepspeed.init_distributed("gloo")
    switch = HfDeepSpeedConfig(ZERO3)
    model = load_model(folder)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    return deepspeed.initialize(model=model, optimizer=optimiser, config=ZERO3)[0], switch


def main(folder: str, rows: str, mode: str) -> None:
    model, _switch = wrapped(folder, mode)
    if mode == "zero3":
        assert sum(parameter.numel() for parameter in model.parameters()) == 0, (
            "the parameters are not partitioned"
        )
    result = evaluate(
        model,
        load_tokenizer(folder),
        read_rows(rows),
        "smollm2",
        load_reward("graded"),
        max_new_tokens=48,
        batch_size=2,
    )
    everybodys: list[Any] = [None, None]
    dist.all_gather_object(everybodys, result.completions)
    assert everybodys[0] == everybodys[1], "the ranks do not agree"
    if dist.get_rank() == 0:
        print(json.dumps(result.completions), flush=True)
    del model, _switch
    gc.collect()  # DDP keeps gloo's threads; alive at exit, they may end the process with SIGABRT
    dist.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
