"""Ten steps of GRPO with shared prompts end where stock TRL ends: every loss, LoRA, each layout
of ranks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

from rlcall.errors import ConfigError
from rlcall.model.load import load_model
from rlcall.train.config import parse
from rlcall.train.faster.shared_prefix import SharedPrefixTrainer
from rlcall.train.methods.grpo import share_where_exact
from tests.support.ranks_shared_prefix import build, compare

ROOT = Path(__file__).resolve().parents[2]
SEVERAL = {
    "num_iterations": 2,
    "steps_per_generation": 2,
}  # old log-probabilities; generated for two micro-batches
CHOICES = [
    pytest.param({**SEVERAL, "loss_type": "dapo"}, id="dapo"),
    pytest.param({"lora": 4, "beta": 0.04, "loss_type": "cispo"}, id="cispo-lora-reference"),
    pytest.param(
        {"beta": 0.04, "loss_type": "cispo"}, id="reference-model", marks=pytest.mark.slow
    ),
    pytest.param(
        {"optim": "adamw_torch", "learning_rate": 1e-3, **SEVERAL},
        id="adamw",
        marks=pytest.mark.slow,
    ),
    *(
        pytest.param(
            {**SEVERAL, "loss_type": loss, "entropy_coef": 0.1}, id=loss, marks=pytest.mark.slow
        )
        for loss in ("grpo", "bnpo", "dr_grpo", "sapo", "luspo", "vespo")
    ),
    pytest.param(
        {
            **SEVERAL,
            "gradient_accumulation_steps": 4,
            "per_device_train_batch_size": 2,
            "top_entropy_quantile": 0.5,
            "mask_truncated_completions": True,
            "importance_sampling_level": "sequence",
            "loss_type": "grpo",
        },
        id="groups-over-micro-batches",
        marks=pytest.mark.slow,
    ),
]


def check(found: dict[str, Any], engine: str) -> None:
    """The weights end as near to stock TRL's as its own do when its rows are in another order."""
    assert found["engine"].startswith(engine)
    assert found["loss"] < 1e-5
    assert 0 < found["weights"] < 3 * found["rounding"] < 1e-4


@pytest.mark.parametrize("settings", CHOICES)
def test_ten_steps_end_where_stock_trl_ends(settings: dict[str, Any], tiny_folder: Path) -> None:
    check(
        compare(str(tiny_folder), **settings),
        "PeftModel" if "lora" in settings else "LlamaForCausalLM",
    )


LAYOUTS = [
    pytest.param("cpu2", "DistributedDataParallel", SEVERAL, id="ddp"),
    *(
        pytest.param(
            config,
            engine,
            settings,
            id=f"{config}{'-lora' * ('lora' in settings)}",
            marks=pytest.mark.slow,
        )
        for settings in (SEVERAL, {"lora": 4, "beta": 0.04, "loss_type": "cispo"})
        for config, engine in (
            ("cpu2", "DistributedDataParallel"),
            ("zero1", "DeepSpeedEngine-1"),
            ("zero2", "DeepSpeedEngine-2"),
            ("zero3", "DeepSpeedEngine-3"),
        )
        if (config, settings) != ("cpu2", SEVERAL)
    ),
    pytest.param(
        "zero3", "DeepSpeedEngine-3", {"beta": 0.04}, id="zero3-reference", marks=pytest.mark.slow
    ),
]


@pytest.mark.parametrize(("config", "engine", "settings"), LAYOUTS)
def test_two_ranks_end_where_stock_trl_ends(
    config: str, engine: str, settings: dict[str, Any], tiny_folder: Path
) -> None:
    launch = [
        "-m",
        "accelerate.commands.launch",
        "--config_file",
        f"configs/accelerate/{config}.yaml",
    ]
    if config == "cpu2":
        launch = [
            "-m",
            "torch.distributed.run",
            "--standalone",
            "--nproc_per_node",
            "2",
        ]  # starts sooner
    line = [
        sys.executable,
        *launch,
        "tests/support/ranks_shared_prefix.py",
        str(tiny_folder),
        json.dumps(settings),
    ]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    check(
        json.loads(next(part for part in done.stdout.splitlines() if part.startswith('{"engine'))),
        engine,
    )


@pytest.mark.parametrize(("value", "expected"), [("null", None), ("true", True), ("false", False)])
def test_the_key_is_read(value: str, expected: bool | None) -> None:
    assert parse("grpo", ["--shared_prefix", value]).run.shared_prefix is expected
    with pytest.raises(ConfigError, match="shared_prefix"):
        parse("grpo", ["--shared_prefix", "sometimes"])


class FakeSession(SimpleNamespace):
    """What `build_trainer` needs of a session, and what was said and recorded there."""

    def __init__(self, wanted: bool | None) -> None:
        self.said: list[str] = []
        self.recorded: dict[str, Any] = {}
        super().__init__(
            config=SimpleNamespace(run=SimpleNamespace(shared_prefix=wanted)),
            display=SimpleNamespace(say=self.said.append),
            start=SimpleNamespace(note=lambda **facts: self.recorded.update(facts)),
        )


@pytest.mark.parametrize(
    ("wanted", "settings", "on", "words"),
    [
        (None, {}, True, "on"),
        (True, {}, True, "on"),
        (False, {}, False, "shared_prefix is false"),
        (None, {"gradient_checkpointing": True}, False, "gradient_checkpointing"),
    ],
)
def test_what_the_key_asks_for_is_done_and_said(
    wanted: bool | None,
    settings: dict[str, Any],
    on: bool,
    words: str,
    tiny_folder: Path,
    tiny_tokenizer: Any,
) -> None:
    session = FakeSession(wanted)
    trainer = build(
        SharedPrefixTrainer, lambda: load_model(str(tiny_folder)), tiny_tokenizer, **settings
    )
    share_where_exact(session, trainer)
    assert trainer._shares is on and session.recorded == {"shared_prefix": on}
    assert len(session.said) == 1 and words in session.said[0]


def test_insisting_where_it_is_not_exact_is_an_error(
    tiny_folder: Path, tiny_tokenizer: Any
) -> None:
    load = partial(load_model, str(tiny_folder))
    trainer = build(SharedPrefixTrainer, load, tiny_tokenizer, gradient_checkpointing=True)
    with pytest.raises(ConfigError, match="shared_prefix is true, but gradient_checkpointing"):
        share_where_exact(FakeSession(True), trainer)
