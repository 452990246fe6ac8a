"""What an experiment is told: one YAML file.

    read_plan(Path("configs/compare/cpu.yaml")).arms["grpo"].method      # "grpo"

`rows` are arguments of `rlcall tasks`, `sampled`, `passrate` and `evaluate` those of `rlcall pairs`, `passrate` and
`eval`; `train`, `warm_start` and an arm's `keys` are keys of a run's config. docs/experiments.md has the whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rlcall.errors import UserError
from rlcall.files.whole import whole_file
from rlcall.files.yaml import YamlError, read_yaml

Keys = dict[str, Any]
MADE = ("pairs", "right", "passed")
"""What comes of the warm start's completions, and may be named in an arm's keys."""


class PlanError(UserError):
    """A mistake in the file; the message says where and what to write instead."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Arm(_Strict):
    """One method. `tries` are settings to choose from on validation rows; each arm has as many.

    A value in braces is a file that the plan makes: `{pairs}`, `{right}`, `{passed}`, or rows by their name.
    """

    method: Literal["sft", "dpo", "grpo"]
    keys: Keys = {}
    tries: list[Keys] = [{}]
    tuning: Keys = {}
    """Over `keys`, while tries are judged: fewer steps, say."""

    @model_validator(mode="after")
    def _check(self) -> Arm:
        if self.tuning and len(self.tries) < 2:
            raise ValueError("there is `tuning`, but there are no `tries` to be judged with it")
        return self


class Tuning(_Strict):
    """How tries are judged: trained with this seed, which is none of the experiment's."""

    seed: int


class Bfcl(_Strict):
    """`n` entries of each category of the wheel; null: all."""

    wheel: Path
    n: int | None = None


class Plan(_Strict):
    out: Path
    seeds: list[int]
    """None: settings are searched for, nothing is tested."""
    model: str
    launch: list[str] = []
    """Arguments of `accelerate launch`."""
    rows: dict[str, Keys]
    train: Keys = {}
    warm_start: Keys | None
    """It may have rows of its own. None, which has to be said: all methods begin with `model` as it is."""
    sampled: Keys = {}
    """What the weights that all begin with write, as pairs, `{pairs}`, and what of it is right, `{right}`."""
    passrate: Keys = {}
    """The training rows that they sometimes get right: `{passed}`."""
    arms: dict[str, Arm] = Field(min_length=1)
    tuning: Tuning | None = None
    evaluate: Keys = {}
    tests: list[str]
    """Which of the rows the trained models are tested on; at equal compute on the first of them."""
    bfcl: Bfcl | None = None
    reference: str = "sft"
    """The arm that the others are set against."""

    @model_validator(mode="after")
    def _check(self) -> Plan:
        needed = {"train", "validation", *self.tests}
        if missing := sorted(needed - set(self.rows)):
            raise ValueError(
                f"rows: {missing[0]!r} is missing; it says what `rlcall tasks` is to make for that"
            )
        tries = {name: len(arm.tries) for name, arm in self.arms.items()}
        if len(set(tries.values())) > 1:
            raise ValueError(
                f"arms: every method gets the same tuning budget, but the tries are {tries}"
            )
        if not self.tuning and max(tries.values()) > 1:
            raise ValueError(
                "arms: there are several tries, but no `tuning` that says how to choose"
            )
        if not self.seeds and not self.tuning:
            raise ValueError(
                "seeds: there is none, and no `tuning` either, so nothing is to be done"
            )
        if self.seeds and not self.tests:
            raise ValueError(
                "tests: name at least one of the rows for what is trained to be tested on"
            )
        if self.tuning and self.tuning.seed in self.seeds:
            raise ValueError(f"tuning: seed {self.tuning.seed} is one of the experiment's own")
        if numbered := [name for name in self.arms if name[-1:].isdigit()]:
            raise ValueError(
                f"arms: {numbered[0]!r} would be read as a seed's run; let its name end in a letter"
            )
        if taken := sorted(set(MADE) & set(self.rows)):
            raise ValueError(
                f"rows: {taken[0]!r} is what comes of the warm start's completions; name the rows otherwise"
            )
        if self.reference not in self.arms:
            raise ValueError(
                f"reference: {self.reference!r} is none of the arms {', '.join(self.arms)}"
            )
        return self

    @model_validator(mode="after")
    def _check_files(self) -> Plan:
        for where, keys, known in self._told():
            if unknown := sorted(_braced(keys) - set(known)):
                raise ValueError(
                    f"{where}: {{{unknown[0]}}} is none of the files it can be given: {', '.join(known)}"
                )
        return self

    def _told(self) -> Iterator[tuple[str, Keys, Sequence[str]]]:
        """The keys of all runs, where they stand, and which files they may name in braces."""
        if self.warm_start is not None:
            yield "warm_start", {**self.train, **self.warm_start}, [*self.rows]
        for name, arm in self.arms.items():
            for keys in (arm.keys, arm.tuning, *arm.tries):
                yield f"arms.{name}", {**self.train, **keys}, [*MADE, *self.rows]


def _braced(keys: Keys) -> set[str]:
    """`{"pairs": "{pairs}", "beta": 0.1}` -> `{"pairs"}`."""
    return {
        found[1] for value in keys.values() if (found := re.fullmatch(r"\{(\w+)\}", str(value)))
    }


def keep_plan(plan: Plan) -> None:
    """Leave the plan in its folder. PlanError where what is there was made by one that says otherwise.

    More seeds, arms, tests, or another way to launch add to what is there.
    """
    file = plan.out / "plan.json"
    now = plan.model_dump(
        mode="json", exclude={"out", "seeds", "launch", "tests", "bfcl", "reference"}
    )
    arms, rows = now.pop("arms"), now.pop("rows")
    flat = {**now, **{f"arms.{name}": arm for name, arm in arms.items()}}
    flat |= {f"rows.{name}": keys for name, keys in rows.items()}
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for key in sorted(before.keys() & flat.keys()):
        if _said(before[key]) != _said(flat[key]):
            was = f"was begun with {key}: {before[key]}, not {flat[key]}"
            raise PlanError(f"{plan.out}: {was}; name another folder with --out")
    plan.out.mkdir(parents=True, exist_ok=True)
    with whole_file(file) as out:
        json.dump({**before, **flat}, out, indent=1)


def _said(value: Any) -> Any:
    """Without what is left empty: a folder may be older than some key that its plan does not use."""
    return (
        {k: v for k, v in value.items() if v not in ({}, None)}
        if isinstance(value, dict)
        else value
    )


def read_plan(path: Path, changes: Keys | None = None) -> Plan:
    """The plan in a file, some of its keys replaced. Raises PlanError."""
    try:
        return Plan.model_validate({**read_yaml(path), **(changes or {})})
    except YamlError as error:
        raise PlanError(str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PlanError(
            f"{path}: {where + ': ' if where else ''}{first['msg'].removeprefix('Value error, ')}"
        ) from None
