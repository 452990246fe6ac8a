"""Rules: pure functions from a verdict to a float in [0, 1], or None, found by one string.

rule = load_rule("path/to/my_rules.py:no_deletes")      # or "values", or "my_package.rules:short"
call_rule(rule, verdict)    # 0.5, None, or RuleFailure("ValueError: ... (my_rules.py:12)")
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple

from rlcall.errors import UserError
from rlcall.files.shipped import RULES
from rlcall.verifier.verdict import Verdict

Rule = Callable[[Verdict], float | None]
OnError = Literal["none", "floor", "raise"]
"""What follows where a rule fails: nothing is known, it earns 0, or RuleError."""
LONGEST = 300  # characters of a failure's cause


class RewardError(UserError):
    """A reward that cannot be built, or a rule that does not keep its contract."""


class RuleError(RewardError):
    """A rule failed whose `on_error` is `raise`."""


class RuleFailure(NamedTuple):
    """The reason why a rule gave no value."""

    cause: str


Outcome = float | None | RuleFailure


def call_rule(rule: Rule, verdict: Verdict) -> Outcome:
    """Return the rule's value, checked. What it raises, even SystemExit, becomes a RuleFailure."""
    try:
        return checked(rule(verdict))
    except (Exception, SystemExit) as error:  # rules are anyone's code
        return RuleFailure(_describe(error))


def checked(value: Any) -> Outcome:
    """Return a rule's value, a float in [0, 1] or None; a RuleFailure where it is neither."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        text = repr(value)[:LONGEST]
        return RuleFailure(f"it returned {text}; a rule returns a float in [0, 1], or None")
    return float(value)


def _describe(error: BaseException) -> str:
    """Render an error in one line, with the innermost line of code that it came through."""
    try:
        text = " ".join(str(error).split())[:LONGEST]
    except Exception:  # its text is anyone's code too
        text = "(its text cannot be had)"
    description = f"{type(error).__name__}: {text}" if text else type(error).__name__
    for frame in traceback.extract_tb(error.__traceback__, limit=-1):
        description += f" ({Path(frame.filename).name}:{frame.lineno})"
    return description


def is_shipped(reference: str) -> bool:
    """Return whether a reference is a bare name, which is that of a file in rewards/."""
    return ":" not in reference


def rule_name(reference: str) -> str:
    """Return the function's name, under which the rule is logged."""
    return reference.rpartition(":")[2]


def rule_file(reference: str) -> Path | None:
    """Return the file of a rule that is named by its file, as in `my_rules.py:short`."""
    file = reference.rpartition(":")[0]
    return Path(file).resolve() if file.endswith(".py") else None


def rule_files() -> list[str]:
    """Return the names of the rules in rewards/."""
    return sorted(file.stem for file in RULES.glob("*.py") if not file.stem.startswith("_"))


def load_rule(reference: str) -> Rule:
    """Load a rule: `name`, `path/to/file.py:function` or `package.module:function`.

    RewardError says where it was looked for.
    """
    target, _, function = reference.rpartition(":")
    file = RULES / f"{reference}.py" if is_shipped(reference) else rule_file(reference)
    try:
        module = _load_file(file) if file else _import(target)
    except ImportError as error:
        if not (error.name or "").startswith("rlcall."):
            raise
        from rlcall.verify import __all__ as names

        raise RewardError(
            f"{reference}: {error}. rlcall.verify has what a rule needs: {', '.join(names)}"
        ) from error
    rule = getattr(module, function, None)
    if not callable(rule):
        raise RewardError(
            f"no rule {reference!r}: tried {function!r} in {file or f'the module {target}'}. "
            f"Rules in rewards/: {', '.join(rule_files())}; "
            "others are written path/to/file.py:function or package.module:function"
        )
    return rule


@cache
def _load_file(path: Path) -> ModuleType | None:
    """Load a rule's file as a module under a private name; None where there is no such file."""
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


def _import(name: str) -> ModuleType | None:
    """Import a module; None where it does not exist, unlike one that it imports itself."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
            raise
        return None
