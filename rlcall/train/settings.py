"""The keys of a run that are ours, with their defaults and meanings; TRL's own are in its config classes.

    RunConfig(model="smollm2-135m", rewards="strict")

`rlcall.train.config` reads them from a YAML file and the command line.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rlcall import wire as wires
from rlcall.errors import ConfigError
from rlcall.tasks.curriculum import PASS_RATE, by_step

# Keys that are at least 1, where they are given.
COUNTS = (
    "train_size",
    "eval_size",
    "eval_max_new_tokens",
    "validation_size",
    "warm_start_batch_size",
    "pairs_per_row",
    "rollout_batch_size",
    "ranks",
    "cpu_threads",
)


@dataclass
class RunConfig:
    """Our keys. The trainer's own (learning_rate, max_steps, num_generations, ...) are TRL's."""

    model: str = "smollm2-135m"
    """What to train: `smollm2-135m`, a Hugging Face name, a local folder, or `tiny` (random, for smoke tests)."""
    dtype: str = "float32"
    """Type of the weights as loaded. `bf16: true` (TRL's key, on by default on a GPU) computes in bfloat16."""
    wire: str | None = None
    """How calls are written (hermes, smollm2, python, ...); null: as its run taught the model, or its template."""

    train_rows: str = "phone"
    """Where rows come from: a generator (`phone`, `phone:validation`), `toolrl:FILE`, or a JSON Lines file."""
    train_size: int | None = 512
    """How many rows to generate, or how many of a file's rows to take (null: all of them)."""
    eval_rows: str | None = "phone"
    """Held-out rows for the closing table, written like `train_rows` (a generator's split is `test`); null: none."""
    eval_size: int | None = 64
    """How many of them."""
    eval_max_new_tokens: int = 96
    """The longest completion in an evaluation, in tokens."""
    validation_every: int = 0
    """Evaluate on `validation_rows` at step 0, every so many steps, at the end; the best weights are kept. 0: never."""
    validation_rows: str | None = None
    """Rows for that, written like `train_rows` (a generator's split is `validation`), apart from those of the table."""
    validation_size: int | None = 64
    """How many of them."""
    rows_seed: int = 0
    """Seed of generated rows; apart from `seed`, so that runs with other seeds see the same rows."""
    rows_options: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Options of the generator, for training and held-out rows alike: `{phrasings: 2, no_call_share: 0.15}`."""

    rewards: str | dict[str, Any] = "graded"
    """A preset of configs/rewards/, or rules with their weights: `{name: 1.0, my_rules.py:short: 0.5}`."""
    gates: list[str] | None = None
    """Rules that multiply the reward; null: the preset's own."""

    warm_start_steps: int = 0
    """GRPO and DPO: steps of SFT on the same rows before them; 0: none. Skipped where the model is an SFT run."""
    warm_start_batch_size: int = 8
    """Rows per warm-start step, over all ranks."""
    warm_start_learning_rate: float = 1e-4
    """Its learning rate (linear decay to zero)."""

    pairs: str = "made"
    """DPO only: `made` sets each training row's gold against wrong completions made from it; or a file of pairs."""
    pairs_per_row: int = 1
    """How many made pairs a row, each with another kind of mistake."""
    pairs_kinds: list[str] | None = None
    """The kinds of mistakes in made pairs (malformed, wrong_name, wrong_value, ...); null: all."""
    completions: str = "gold"
    """SFT only: `gold` imitates the rows' answers; or a file of right completions (`rlcall pairs --right FILE`)."""

    lora_rank: int = 0
    """Train LoRA adapters of this rank; 0: train all weights."""
    lora_alpha: int | None = None
    """LoRA's scale; null: twice the rank."""
    lora_targets: str | list[str] = "all-linear"
    """The modules that get an adapter."""

    shared_prefix: bool | None = None
    """GRPO only: take equal prompts of a micro-batch through the model once. null: where the numbers stay the same;
    true: or end the run; false: never."""
    rollout_batch_size: int | None = None
    """GRPO only: how many completions a rank generates at once, those with prompts of like length together. null: all
    of a generation, which is fastest where memory allows and prompts are not of very different lengths."""

    dynamic_sampling_rounds: int = 0
    """GRPO only: replace groups of equal rewards by those of fresh prompts, in at most so many rounds a generation."""
    reward_std_floor: float = 0.05
    """GRPO only: with `scale_rewards`, rewards are divided by no standard deviation below this; 0: as TRL does."""
    curriculum: str | list[list[int]] | None = None
    """GRPO only: the level of the rows, a plan `[[0, 1], [100, 3]]` of (first step, level), or `pass_rate`: up where
    the model is nearly always right, down where it nearly never is. There are `train_size` rows of each level."""

    ranks: int | None = None
    """How many processes this run expects; another number ends it at once. null: any."""
    zero_stage: int | None = None
    """The DeepSpeed ZeRO stage it expects (0: no DeepSpeed); another ends it at once. null: any."""
    cpu_threads: int | None = None
    """Threads per rank where there is no GPU; null: the cores shared out over the ranks."""

    show_steps: int = 5
    """A completion with its verdict is shown every so many steps; 0: never."""
    resume: bool = False
    """Go on from the newest whole checkpoint in `output_dir`."""

    def __post_init__(self) -> None:
        for name in COUNTS:
            if (value := getattr(self, name)) is not None and value < 1:
                raise ConfigError(f"{name} is {value}, but must be at least 1")
        for name in ("warm_start_steps", "lora_rank", "show_steps", "validation_every"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} is {getattr(self, name)}, but must not be negative")
        if self.validation_every and self.validation_rows is None:
            raise ConfigError(
                "validation_every needs validation_rows: phone, worlds, or a file apart from train_rows"
            )
        self._check_groups()
        if self.zero_stage not in (None, 0, 1, 2, 3):
            raise ConfigError(f"zero_stage is {self.zero_stage}, but must be 0, 1, 2, 3 or null")
        if self.wire is not None and self.wire not in wires.NAMES:
            raise ConfigError(
                f"wire is {self.wire!r}, but must be null or one of {', '.join(wires.NAMES)}"
            )
        if self.dtype not in ("float32", "bfloat16", "float16"):
            raise ConfigError(f"dtype is {self.dtype!r}, but must be float32, bfloat16 or float16")

    def _check_groups(self) -> None:
        for name in ("dynamic_sampling_rounds", "reward_std_floor"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} is {getattr(self, name)}, but must not be negative")
        if self.curriculum in (None, PASS_RATE):
            return
        plan = self.curriculum if isinstance(self.curriculum, list) else []
        try:
            by_step([(first, level) for first, level in plan], 0)
        except ValueError as error:
            said = f"curriculum is {self.curriculum!r}, but must be null, pass_rate or a plan"
            raise ConfigError(f"{said}: {error}") from None


# TRL's keys that are ours to set, and what to write in their place.
RESERVED = {
    "config": "--config on the command line",
    "reward_weights": "rewards: {rule: weight}",
    "resume_from_checkpoint": "resume: true",
    "model_init_kwargs": "model and dtype",
    "chat_template_path": "a model whose template you want",
    "log_completions": "show_steps; samples.jsonl has the rest",
    "push_to_hub": "an upload of the folder model/ when the run is done",
    "load_best_model_at_end": "validation_every, which keeps the best weights",
    "save_only_model": "save_total_limit: 1, which bounds what checkpoints take (model/ is the weights alone)",
    "trust_remote_code": "a model that transformers knows",
}


def describe() -> list[tuple[str, str, str]]:
    """(key, default, meaning) of each of our keys; the meanings are the strings that stand under the fields."""
    body = ast.parse(inspect.getsource(RunConfig)).body[0].body  # type: ignore[attr-defined]
    fields = [(field, text) for field, text in pairwise(body) if isinstance(field, ast.AnnAssign)]
    return [(ast.unparse(f.target), _default(f), text.value.value) for f, text in fields]


def _default(field: ast.AnnAssign) -> str:
    return json.dumps(field.value.value) if isinstance(field.value, ast.Constant) else "{}"
