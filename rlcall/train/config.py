"""What a run is told: one flat YAML file, and `--key value` on the command line over it.

    model: smollm2-135m        # RunConfig below
    learning_rate: 1e-5        # TRL's GRPOConfig, DPOConfig or SFTConfig

Every key is a field of `RunConfig` or of TRL's config for the method; any other key is an error that names the
nearest one. TRL's own parser is not used because it lets through what it should stop: a YAML value of the wrong
type (`max_steps: [1]`), abbreviated options (`--learn 1`), `save_strategy: no` read as False; and it cannot take a
mapping (`--rewards '{name: 1.0}'`) from the command line.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import json
import typing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from rlcall import wire as wires
from rlcall.shipped import CONFIGS
from rlcall.yaml_file import YamlError, parse_yaml, read_yaml


class ConfigError(ValueError):
    """A mistake in the config or on the command line; the message says where and what to write instead."""


# Keys that are at least 1, where they are given.
COUNTS = (
    "train_size",
    "eval_size",
    "eval_max_new_tokens",
    "warm_start_batch_size",
    "pairs_per_row",
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
    """How calls are written (hermes, smollm2, python, ...); null: follows from the model's chat template."""

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
        for name in ("warm_start_steps", "lora_rank", "show_steps"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} is {getattr(self, name)}, but must not be negative")
        if self.zero_stage not in (None, 0, 1, 2, 3):
            raise ConfigError(f"zero_stage is {self.zero_stage}, but must be 0, 1, 2, 3 or null")
        if self.wire is not None and self.wire not in wires.NAMES:
            raise ConfigError(f"wire is {self.wire!r}, but must be null or one of {', '.join(wires.NAMES)}")
        if self.dtype not in ("float32", "bfloat16", "float16"):
            raise ConfigError(f"dtype is {self.dtype!r}, but must be float32, bfloat16 or float16")


# TRL's keys that are ours to set, and what to write in their place.
RESERVED = {
    "config": "--config on the command line",
    "reward_weights": "rewards: {rule: weight}",
    "resume_from_checkpoint": "resume: true",
    "model_init_kwargs": "model and dtype",
    "chat_template_path": "a model whose template you want",
    "log_completions": "show_steps; samples.jsonl has the rest",
    "push_to_hub": "an upload of the folder model/ when the run is done",
    "load_best_model_at_end": "an evaluation of the checkpoints you kept",
    "trust_remote_code": "a model that transformers knows",
}


@dataclass
class Config:
    """A run's settings: the method, our keys, and TRL's keys as they were given."""

    method: str
    run: RunConfig
    trainer: dict[str, Any]

    @property
    def output_dir(self) -> Path:
        """Where the run's folder is."""
        return Path(self.trainer.get("output_dir") or f"runs/{self.method}")

    def values(self) -> dict[str, Any]:
        """All keys, flat, as a config file would have them."""
        return {**dataclasses.asdict(self.run), **self.trainer}


def parse(method: str, argv: list[str]) -> Config:
    """`["--config", "my.yaml", "--max_steps", "3"]` -> Config. Raises ConfigError."""
    path, overrides = read_arguments(method, argv)
    ours, theirs = _hints(RunConfig), _hints(trainer_class(method))
    hints = {**theirs, **ours}
    values = {}
    for key, value in _load(path).items():
        values[key] = _convert(key, value, hints, f"{path}")
    for key, text in overrides.items():
        values[key] = _convert_argument(key, text, hints)
    run = RunConfig(**{key: value for key, value in values.items() if key in ours})
    return Config(method, run, {key: value for key, value in values.items() if key not in ours})


def read_arguments(method: str, argv: list[str]) -> tuple[Path, dict[str, str]]:
    """The config file, and the overrides as text. `--key value`, `--key=value`; `--key` alone means true."""
    path, overrides, rest = CONFIGS / f"{method}.yaml", {}, list(argv)
    while rest:
        key, equals, value = rest.pop(0).partition("=")
        if not key.startswith("--") or key == "--":
            raise ConfigError(f"the command line has {key!r} where a key was expected: --key value")
        if not equals:
            value = rest.pop(0) if rest and not rest[0].startswith("--") else "true"
        if key == "--config":
            path = Path(value)
        else:
            overrides[key[2:].replace("-", "_")] = value
    return path, overrides


def trainer_class(method: str) -> type:
    """TRL's config class for a method."""
    import trl

    return {"grpo": trl.GRPOConfig, "dpo": trl.DPOConfig, "sft": trl.SFTConfig}[method]


def describe() -> list[tuple[str, str, str]]:
    """(key, default, meaning) of each of our keys; the meanings are the strings that stand under the fields."""
    body = ast.parse(inspect.getsource(RunConfig)).body[0].body  # type: ignore[attr-defined]
    fields = [(field, text) for field, text in pairwise(body) if isinstance(field, ast.AnnAssign)]
    return [(ast.unparse(f.target), _default(f), text.value.value) for f, text in fields]


def _default(field: ast.AnnAssign) -> str:
    return json.dumps(field.value.value) if isinstance(field.value, ast.Constant) else "{}"


def _load(path: Path) -> dict[str, Any]:
    try:
        return read_yaml(path)
    except YamlError as error:
        raise ConfigError(str(error)) from None


def _hints(cls: type) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls) if field.init}


def _check_key(key: str, hints: dict[str, Any], where: str) -> None:
    if key in RESERVED:
        raise ConfigError(f"{where}: the key {key!r} is not used here; write {RESERVED[key]} instead")
    if key not in hints:
        nearest = difflib.get_close_matches(key, hints, n=1, cutoff=0.0)[0]
        raise ConfigError(f"{where}: unknown key {key!r}; did you mean {nearest!r}?")


def _convert(key: str, value: Any, hints: dict[str, Any], where: str) -> Any:
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    _check_key(key, hints, where)
    try:
        result = TypeAdapter(hints[key], config=ConfigDict(arbitrary_types_allowed=True)).validate_python(value)
    except ValidationError as error:
        raise ConfigError(f"{where}: {key}: {value!r} does not fit: {error.errors()[0]['msg']}") from None
    if isinstance(value, bool) and not isinstance(result, bool):
        raise ConfigError(f"{where}: {key}: {value!r} does not fit: a number or a string is expected")
    return result


def _convert_argument(key: str, text: str, hints: dict[str, Any]) -> Any:
    """A value from the command line: read as YAML; as plain text where only that fits."""
    try:
        return _convert(key, parse_yaml(text), hints, "command line")
    except (YamlError, ConfigError):
        return _convert(key, text, hints, "command line")
