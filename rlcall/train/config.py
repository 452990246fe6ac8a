"""The settings of a run: one flat YAML file, and `--key value` on the command line over it.

    model: smollm2-135m        # RunConfig of rlcall.train.settings
    learning_rate: 1e-5        # TRL's GRPOConfig, DPOConfig or SFTConfig

    config = parse("grpo", ["--config", "my.yaml", "--learning-rate", "3e-5"])
    config.run.model, config.trainer      # "smollm2-135m", {"learning_rate": 3e-5}

Every key is a field of `RunConfig` or of TRL's config for the method; any other key is an error
that names the nearest one. On the command line `--learning-rate` and `--learning_rate` are the
same. TRL's own parser is not used because it lets through what it should stop: a YAML value of the
wrong type (`max_steps: [1]`), abbreviated options (`--learn 1`), `save_strategy: no` read as False;
and it cannot take a mapping (`--rewards '{name: 1.0}'`) from the command line.
"""

from __future__ import annotations

import dataclasses
import difflib
import typing
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from rlcall.errors import ConfigError
from rlcall.files.shipped import CONFIGS
from rlcall.files.yaml import YamlError, parse_yaml, read_yaml
from rlcall.train.methods import METHODS
from rlcall.train.settings import RunConfig
from rlcall.train.trl_keys import RESERVED, refuse_idle_key

Types = dict[str, Any]
"""Keys with the types of their values."""
COMMAND_LINE = "command line"


@dataclass
class Config:
    """A run's settings: the method, our keys, and TRL's keys as they were given."""

    method: str
    run: RunConfig
    trainer: dict[str, Any]

    @property
    def output_dir(self) -> Path:
        """The run's folder."""
        return Path(self.trainer.get("output_dir") or f"runs/{self.method}")

    def values(self) -> dict[str, Any]:
        """Return all keys, flat, as a config file would have them."""
        return {**dataclasses.asdict(self.run), **self.trainer}


def parse(method: str, argv: list[str]) -> Config:
    """Read a config file and the command line over it. Raises ConfigError."""
    path, overrides = read_arguments(method, argv)
    run_types = field_types(RunConfig)
    trainer_config = trainer_class(method)
    types = {**field_types(trainer_config), **run_types}
    values, places = {}, {}
    for key, value in _load(path).items():
        values[key], places[key] = _convert(key, value, types, f"{path}"), f"{path}"
    for key, text in overrides.items():
        values[key], places[key] = _convert_argument(key, text, types), COMMAND_LINE
    defaults = _defaults(trainer_config)
    for key, value in values.items():
        refuse_idle_key(method, key, value, defaults.get(key), places[key])
    run_keys = {key: value for key, value in values.items() if key in run_types}
    trainer_keys = {key: value for key, value in values.items() if key not in run_types}
    try:
        run = RunConfig(**run_keys)
    except ValidationError as error:  # keys that do not go together; each alone is checked above
        raise ConfigError(_requirement(error)) from None
    return Config(method, run, trainer_keys)


def read_arguments(method: str, argv: list[str]) -> tuple[Path, dict[str, str]]:
    """Return the config file, and the overrides as text.

    `--key value` and `--key=value` are the same; `--key` alone means true. Raises ConfigError.
    """
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
    """Return TRL's config class for a method."""
    import trl

    config_class: type = getattr(trl, METHODS[method].trainer_config)
    return config_class


def _load(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise ConfigError(f"{path}: there is no such file; give another one with --config")
    try:
        return read_yaml(path)
    except YamlError as error:
        raise ConfigError(str(error)) from None


def field_types(config_class: type) -> Types:
    hints = typing.get_type_hints(config_class, include_extras=True)  # extras: bounds such as ge=1
    return {
        field.name: hints[field.name] for field in dataclasses.fields(config_class) if field.init
    }


def _defaults(config_class: type) -> dict[str, Any]:
    """Return the values of the keys that a user leaves out."""
    defaults = {}
    for field in dataclasses.fields(config_class):
        make = field.default_factory
        defaults[field.name] = field.default if make is dataclasses.MISSING else make()
    return defaults


def _check_key(key: str, types: Types, where: str) -> None:
    if key in RESERVED:
        raise ConfigError(
            f"{where}: the key {key!r} is not used here; write {RESERVED[key]} instead"
        )
    if key not in types:
        nearest = difflib.get_close_matches(key, types, n=1, cutoff=0.0)[0]
        raise ConfigError(f"{where}: unknown key {key!r}; did you mean {nearest!r}?")


def _convert(key: str, value: Any, types: Types, where: str) -> Any:
    """Return a value as the type of its key has it. Raises ConfigError."""
    _check_key(key, types, where)
    adapter = TypeAdapter(types[key], config=ConfigDict(arbitrary_types_allowed=True))
    try:
        result = adapter.validate_python(value)
    except ValidationError as error:
        raise ConfigError(f"{where}: {key} {_requirement(error)}, not {value!r}") from None
    if isinstance(value, bool) and not isinstance(result, bool):
        raise ConfigError(f"{where}: {key} should be a number or a string, not {value!r}")
    return result


def _convert_argument(key: str, text: str, types: Types) -> Any:
    """Return a value of the command line, read as YAML, and as plain text where only that fits."""
    where = COMMAND_LINE
    try:
        value = parse_yaml(text)
    except YamlError:
        value = text
    try:
        return _convert(key, value, types, where)
    except ConfigError:
        with suppress(ConfigError):
            return _convert(key, text, types, where)  # `--model 123`
        raise


def _requirement(error: ValidationError) -> str:
    """Return what a value should be, for each type that it may have."""
    messages = []
    for fault in error.errors():
        messages.append(fault["msg"].removeprefix("Value error, ").removeprefix("Input "))
    return " or ".join(dict.fromkeys(messages))
