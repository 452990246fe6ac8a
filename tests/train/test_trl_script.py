"""The README's TRL script: a stock GRPOTrainer with our reward and our prompts, without our
launcher."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rlcall
from rlcall.tasks import phone


def test_a_stock_trainer_learns_from_our_reward(
    tiny_folder: Path, tiny_tokenizer: Any, tmp_path: Path
) -> None:
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    rows = list(phone.generate(8, seed=0))
    prompts = rlcall.render_prompts(rows, tiny_tokenizer)
    assert all(
        row.tools[0]["function"]["name"] in prompt["prompt"]
        for row, prompt in zip(rows, prompts, strict=True)
    )
    trainer = GRPOTrainer(
        model=str(tiny_folder),
        reward_funcs=rlcall.reward_function("graded", tiny_tokenizer, wire="smollm2"),
        train_dataset=Dataset.from_list(prompts),
        processing_class=tiny_tokenizer,
        args=GRPOConfig(
            output_dir=str(tmp_path),
            use_cpu=True,
            bf16=False,
            max_steps=1,
            per_device_train_batch_size=4,
            num_generations=4,
            max_completion_length=8,
            logging_steps=1,
            report_to="none",
            save_strategy="no",
        ),
    )
    trainer.train()
    logged = next(entry for entry in trainer.state.log_history if "reward" in entry)
    assert {"rules/values/earned", "rules/values/applies", "rules/correct/earned"} <= set(logged)
    assert rlcall.reward.rule_means(logged)["rules/correct"] >= 0
