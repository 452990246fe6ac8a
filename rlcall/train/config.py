"""What a run is told: one flat YAML file, and `--key value` on the command line over it.

    model: smollm2-135m        # RunConfig below
    learning_rate: 1e-5        # TRL's GRPOConfig, DPOConfig or SFTConfig

Every key is a field of `RunConfig` (rlcall.train.settings) or of TRL's config for the method; any other key is an error
that names the nearest one. TRL's own parser is not used because it lets through what it should stop: a YAML value of
the wrong type (`max_steps: [1]`), abbreviated options (`--learn 1`), `save_strategy: no` read as False; and it cannot
take a mapping (`--rewards '{name: 1.0}'`) from the command line.
"""

from __future__ import annotations

import dataclasses
import difflib
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.errors import ConfigError
from rlcall.files.shipped import CONFIGS
from rlcall.files.yaml import YamlError, parse_yaml, read_yaml
from rlcall.train.settings import RESERVED, RunConfig


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
        raise ConfigError(
            f"{where}: the key {key!r} is not used here; write {RESERVED[key]} instead"
        )
    if key not in hints:
        nearest = difflib.get_close_matches(key, hints, n=1, cutoff=0.0)[0]
        raise ConfigError(f"{where}: unknown key {key!r}; did you mean {nearest!r}?")


def _convert(key: str, value: Any, hints: dict[str, Any], where: str) -> Any:
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    _check_key(key, hints, where)
    try:
        result = TypeAdapter(
            hints[key], config=ConfigDict(arbitrary_types_allowed=True)
        ).validate_python(value)
    except ValidationError as error:
        raise ConfigError(
            f"{where}: {key}: {value!r} does not fit: {error.errors()[0]['msg']}"
        ) from None
    if isinstance(value, bool) and not isinstance(result, bool):
        raise ConfigError(
            f"{where}: {key}: {value!r} does not fit: a number or a string is expected"
        )
    return result


def _convert_argument(key: str, text: str, hints: dict[str, Any]) -> Any:
    """A value from the command line: read as YAML; as plain text where only that fits."""
    try:
        return _convert(key, parse_yaml(text), hints, "command line")
    except (YamlError, ConfigError):
        return _convert(key, text, hints, "command line")
