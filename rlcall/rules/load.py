"""Rules: pure functions from a verdict to a float in [0, 1], or None, found by one string.

load_rule("values"), load_rule("path/to/my_rules.py:no_deletes"), load_rule("my_package.rules:no_deletes")
call_rule(rule, verdict)        # 0.5, None, or Failure("ValueError: ... (my_rules.py:12)"): it never raises
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from rlcall.errors import UserError
from rlcall.files.shipped import RULES
from rlcall.verifier.verdict import Verdict

Rule = Callable[[Verdict], float | None]
LONGEST = 300  # characters of what is said about a failure


class RewardError(UserError):
    """A reward that cannot be built from its configuration, or a rule that does not keep its contract."""


class RuleError(RewardError):
    """A rule failed whose `on_error` is `raise`."""


class Failure(NamedTuple):
    """What a rule did in the place of giving a value."""

    cause: str


Outcome = float | None | Failure


def call_rule(rule: Rule, verdict: Verdict) -> Outcome:
    """The rule's value, checked. What it raises, even SystemExit, becomes a Failure."""
    try:
        return checked(rule(verdict))
    except (Exception, SystemExit) as error:  # rules are anyone's code
        return Failure(_said(error))


def checked(value: Any) -> Outcome:
    """A rule's value as a float, or None; a Failure where it is neither, or outside [0, 1]."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return Failure(
            f"it returned {repr(value)[:LONGEST]}; a rule returns a float in [0, 1], or None"
        )
    return float(value)


def _said(error: BaseException) -> str:
    """The error in one line, with the innermost place that it came through."""
    try:
        text = " ".join(str(error).split())[:LONGEST]
    except Exception:  # its text is anyone's code too
        text = "(its text cannot be had)"
    places = traceback.extract_tb(error.__traceback__, limit=-1)
    where = "".join(f" ({Path(place.filename).name}:{place.lineno})" for place in places)
    return f"{type(error).__name__}: {text}{where}" if text else f"{type(error).__name__}{where}"


def is_shipped(reference: str) -> bool:
    """Whether a reference is a bare name, which stands for a file in rewards/."""
    return ":" not in reference


def rule_name(reference: str) -> str:
    """The function's name, under which the rule is logged."""
    return reference.rpartition(":")[2]


def rule_files() -> list[str]:
    """The names of the rules in rewards/."""
    return sorted(file.stem for file in RULES.glob("*.py") if not file.stem.startswith("_"))


def load_rule(reference: str) -> Rule:
    """The function behind `name`, `path/to/file.py:function` or `package.module:function`; else RewardError."""
    target, _, function = reference.rpartition(":")
    if not target:
        module, function, tried = (
            _load_file(RULES / f"{reference}.py"),
            reference,
            f"{RULES / reference}.py",
        )
    elif target.endswith(".py"):
        module, tried = _load_file(Path(target).resolve()), target
    else:
        module, tried = _import(target), f"the module {target}"
    rule = getattr(module, function, None)
    if not callable(rule):
        raise RewardError(
            f"no rule {reference!r}: tried {function!r} in {tried}. Rules in rewards/: {', '.join(rule_files())}; "
            "others are written path/to/file.py:function or package.module:function"
        )
    return rule


@cache
def _load_file(path: Path) -> Any:
    """A rule's file as a module under a private name; None where there is no such file."""
    if not path.is_file():
        return None
    name = f"_rlcall_rule_{abs(hash(path))}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses with postponed annotations look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
            raise
        return None
