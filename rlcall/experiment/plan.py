"""A plan: the YAML file of an experiment.

    read_plan(Path("configs/compare/cpu.yaml")).arms["grpo"].method      # "grpo"

`rows` are arguments of `rlcall tasks`, `sampled`, `passrate` and `evaluate` those of `rlcall
pairs`, `passrate` and `eval`; `train`, `warm_start` and an arm's `keys` are keys of a run's config.
docs/experiments.md explains them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rlcall.errors import UserError
from rlcall.files.whole import whole_file
from rlcall.files.yaml import YamlError, read_yaml
from rlcall.tasks.options import one_of
from rlcall.train.methods import METHODS

Keys = dict[str, Any]
# What is sampled from the start, and may be named in an arm's keys.
SAMPLED_FILES = ("pairs", "right", "passed")

# Fields that add to an experiment's folder, or only say where it is and how it is launched.
EXTENDING = {"out", "seeds", "launch", "tests", "bfcl", "reference"}


class PlanError(UserError):
    """A mistake in the file; the message says where and what to write instead."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Arm(_Strict):
    """One method. `tries` are settings to choose from on validation rows; each arm has as many.

    A value in braces is a file that the plan makes: `{pairs}`, `{right}`, `{passed}`, or rows by
    their name.
    """

    method: Annotated[str, one_of(METHODS)]
    keys: Keys = {}
    tries: list[Keys] = [{}]
    tuning: Keys = {}
    """Replaces `keys` while tries are judged: fewer steps, for example."""

    @model_validator(mode="after")
    def _check(self) -> Arm:
        if self.tuning and len(self.tries) < 2:
            raise ValueError("there is `tuning`, but there are no `tries` to be judged with it")
        return self


class Tuning(_Strict):
    """The seed with which tries are trained, which must not be one of the experiment's."""

    seed: int


class Bfcl(_Strict):
    """`n` entries of each category of the wheel; null: all."""

    wheel: Path
    n: int | None = None


class Plan(_Strict):
    """An experiment: its rows, its start, its arms, and how they are tuned and tested."""

    out: Path
    seeds: list[int]
    """Empty: settings are searched for, and nothing is tested."""
    model: str
    launch: list[str] = []
    """Arguments of `accelerate launch`."""
    rows: dict[str, Keys]
    train: Keys = {}
    warm_start: Keys | None
    """It may have rows of its own. None, which has to be written: all methods begin with `model`
    as it is."""
    sampled: Keys = {}
    """How the start is sampled for pairs, `{pairs}`, and right completions, `{right}`."""
    passrate: Keys = {}
    """How the training rows are chosen that the start sometimes gets right: `{passed}`."""
    arms: dict[str, Arm] = Field(min_length=1)
    tuning: Tuning | None = None
    evaluate: Keys = {}
    tests: list[str]
    """The rows that the trained models are tested on; at equal compute on the first of them."""
    bfcl: Bfcl | None = None
    reference: str = "sft"
    """The arm that the others are compared with."""

    def names_in_arms(self) -> set[str]:
        """Return the names in braces that any arm uses: `{"pairs", "train"}`."""
        names: set[str] = set()
        for arm in self.arms.values():
            for keys in (arm.keys, arm.tuning, *arm.tries):
                names |= _names_in_braces(keys)
        return names

    @model_validator(mode="after")
    def _check_rows(self) -> Plan:
        missing = sorted({"train", "validation", *self.tests} - set(self.rows))
        if missing:
            raise ValueError(
                f"rows: {missing[0]!r} is missing; it says what `rlcall tasks` is to make for that"
            )
        reserved = sorted(set(SAMPLED_FILES) & set(self.rows))
        if reserved:
            raise ValueError(
                f"rows: {reserved[0]!r} is the name of what the start writes; give the rows another"
            )
        return self

    @model_validator(mode="after")
    def _check_tries(self) -> Plan:
        tries = {name: len(arm.tries) for name, arm in self.arms.items()}
        if len(set(tries.values())) > 1:
            raise ValueError(
                f"arms: every method gets the same tuning budget, but the tries are {tries}"
            )
        if not self.tuning and max(tries.values()) > 1:
            raise ValueError(
                "arms: there are several tries, but no `tuning` that says how to choose"
            )
        if self.tuning and self.tuning.seed in self.seeds:
            raise ValueError(f"tuning: seed {self.tuning.seed} is one of the experiment's own")
        return self

    @model_validator(mode="after")
    def _check_work(self) -> Plan:
        if not self.seeds and not self.tuning:
            raise ValueError("seeds: there are none, and no `tuning` either, so there is no work")
        if self.seeds and not self.tests:
            raise ValueError("tests: name at least one of the rows to test the trained models on")
        for name in self.arms:
            if name[-1:].isdigit():
                raise ValueError(
                    f"arms: {name!r} would be read as a seed's run; let its name end in a letter"
                )
        if self.reference not in self.arms:
            names = ", ".join(self.arms)
            raise ValueError(f"reference: {self.reference!r} is not one of the arms {names}")
        return self

    @model_validator(mode="after")
    def _check_files(self) -> Plan:
        for path, keys, allowed in self._keys_of_runs():
            unknown = sorted(_names_in_braces(keys) - set(allowed))
            if unknown:
                raise ValueError(
                    f"{path}: {{{unknown[0]}}} is none of the files it can be given: "
                    f"{', '.join(allowed)}"
                )
        return self

    def _keys_of_runs(self) -> Iterator[tuple[str, Keys, Sequence[str]]]:
        """Yield the keys of all runs, their path in the plan, and the files they may name in
        braces."""
        if self.warm_start is not None:
            yield "warm_start", {**self.train, **self.warm_start}, [*self.rows]
        for name, arm in self.arms.items():
            for keys in (arm.keys, arm.tuning, *arm.tries):
                yield f"arms.{name}", {**self.train, **keys}, [*SAMPLED_FILES, *self.rows]


def _names_in_braces(keys: Keys) -> set[str]:
    """`{"pairs": "{pairs}", "beta": 0.1}` -> `{"pairs"}`."""
    names = set()
    for value in keys.values():
        match = re.fullmatch(r"\{(\w+)\}", str(value))
        if match:
            names.add(match[1])
    return names


def keep_plan(plan: Plan) -> None:
    """Leave the plan in its folder. PlanError where what is there came from a plan that differs.

    More seeds, arms, tests, or another way to launch add to what is there.
    """
    file = plan.out / "plan.json"
    values = plan.model_dump(mode="json", exclude=EXTENDING)
    for part in ("arms", "rows"):
        for name, keys in values.pop(part).items():
            values[f"{part}.{name}"] = keys
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for key in sorted(before.keys() & values.keys()):
        if _without_empty(before[key]) != _without_empty(values[key]):
            difference = f"was begun with {key}: {before[key]}, not {values[key]}"
            raise PlanError(f"{plan.out}: {difference}; name another folder with --out")
    plan.out.mkdir(parents=True, exist_ok=True)
    with whole_file(file) as out:
        json.dump({**before, **values}, out, indent=1)


def _without_empty(value: Any) -> Any:
    """Return an object without empty members: a folder may be older than a key that its plan
    does not use."""
    if not isinstance(value, dict):
        return value
    return {key: member for key, member in value.items() if member not in ({}, None)}


def read_plan(path: Path, changes: Keys | None = None) -> Plan:
    """Return the plan in a file, some of its keys replaced. Raises PlanError."""
    try:
        return Plan.model_validate({**read_yaml(path), **(changes or {})})
    except YamlError as error:
        raise PlanError(str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        location = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        if location:
            message = f"{location}: {message}"
        raise PlanError(f"{path}: {message}") from None
