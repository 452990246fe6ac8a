"""The answer of a row: what is right, and what else is accepted.

    answer = read_answer('{"calls": [{"name": "f", "arguments": {"city": "Paris"},
                          "accept": {"$.city": ["Paris, France"]}, "optional": ["$.city"]}]}')
    answer.calls[0].accepted(("city",))     # ("Paris, France",)
    read_answer('{"names": ["f"]}').names   # ("f",): a granular answer, which has no calls

`read_answer` trusts the form of a row, which `rlcall.data.rows` checks when it is read.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any, Literal

from jsonpath_ng import Child, Fields, Index, Root
from jsonpath_ng import parse as parse_jsonpath
from jsonpath_ng.exceptions import JSONPathError

from rlcall.calls import Call, Path, decode, references, show_path
from rlcall.errors import UserError
from rlcall.verifier.graph import Edge, resolve

_PLAIN_PATH = re.compile(r"\$(?:\.[A-Za-z_]\w*)*")
GRANULAR = ("names", "arguments", "slots")


class AnswerError(UserError):
    """An answer that cannot be used: a mistake of the data set, not of the model."""


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """One call that is due, with whatever else is accepted in its arguments."""

    name: str
    arguments: dict[str, Any]
    label: str
    accept: Mapping[Path, tuple[Any, ...]] = field(default_factory=dict)
    optional: frozenset[Path] = frozenset()
    compare: Mapping[Path, str] = field(default_factory=dict)
    default_comparator: str = "exact"
    nests: bool = False
    """Whether the arguments have structure inside: objects, lists, or results of other calls."""

    def accepted(self, path: Path) -> tuple[Any, ...]:
        """Return what else is right at `path`, besides the value in `arguments`."""
        accepted: tuple[Any, ...] = ()
        for pattern, values in self.accept.items():
            if matches(pattern, path):
                accepted += values
        return accepted

    def may_be_left_out(self, path: Path) -> bool:
        """Return whether the row says that what is at `path` is optional."""
        return any(matches(pattern, path) for pattern in self.optional)

    def comparator(self, path: Path) -> tuple[str, bool]:
        """Return the comparator in force at `path`, and whether the row names one for a path to it.

        The deepest path decides.
        """
        if not self.compare:
            return self.default_comparator, False
        for depth in range(len(path), -1, -1):
            for pattern, comparator in self.compare.items():
                if matches(pattern, path[:depth]):
                    return comparator, True
        return self.default_comparator, False


Detail = str | int | float


@dataclass(frozen=True, slots=True)
class Slot:
    """A detail that a reply must hold: any of `values`, the first of which is the answer's own."""

    path: Path
    values: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class ExpectedReply:
    """The values that a reply in words must hold, may hold as well (`also`) and must not hold
    (`avoid`).

    `text` is a reply that is right.
    """

    slots: tuple[Slot, ...]
    also: tuple[Detail, ...] = ()
    avoid: tuple[str, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The right answer of a row.

    `calls` is a tuple of ExpectedCall, "any", or None where nothing is known of calls.

    `granular` is the key of GRANULAR that the row has instead of calls, if any, and has its own
    field.
    """

    calls: tuple[ExpectedCall, ...] | Literal["any"] | None = None
    order: Literal["any", "sequence"] = "any"
    edges: tuple[Edge, ...] = ()
    """The references between the calls."""
    granular: Literal["names", "arguments", "slots"] | None = None
    names: tuple[str, ...] = ()
    arguments: ExpectedCall | None = None
    """The arguments of a given tool, as those of a call to it."""
    reply: ExpectedReply | None = None

    @property
    def chains(self) -> bool:
        """Whether the result of a call may be used in another."""
        if not isinstance(self.calls, tuple):
            return False
        for call in self.calls:
            accepted = list(chain.from_iterable(call.accept.values()))
            if any(references([call.arguments, *accepted])):
                return True
        return False

    @property
    def has_gold(self) -> bool:
        """True where there is one right completion, which SFT can imitate."""
        if self.granular == "slots":
            return self.reply is not None and self.reply.text is not None
        return self.granular is not None or isinstance(self.calls, tuple)

    def gold_calls(self) -> list[Call]:
        """Return the right calls, labelled, as a model would emit them; none where no call is due.

        Raises AnswerError where the answer does not list them.
        """
        if self.calls is None or self.calls == "any":
            raise AnswerError(
                "this answer does not say which calls are right, so there is no gold to render"
            )
        # Answers are cached: whoever edits a call must not edit the answer of every later verdict.
        return [
            Call(expected.name, copy.deepcopy(expected.arguments), expected.label)
            for expected in self.calls
        ]


def matches(pattern: Path, path: Path) -> bool:
    """Return whether a path with `*` steps covers a concrete path."""
    if len(pattern) != len(path):
        return False
    for step, concrete in zip(pattern, path, strict=True):
        if step != concrete and not (step == "*" and isinstance(concrete, int)):
            return False
    return True


@lru_cache(maxsize=4096)
def read_answer(answer: str) -> Answer:
    """Read an answer from its JSON text (`null` for nothing known).

    AnswerError where a path cannot be read.
    """
    data = json.loads(answer)
    if data is None:
        return Answer()
    if "calls" not in data:
        return _read_granular(data)
    if data["calls"] == "any":
        return Answer("any")
    comparator = data.get("compare", "exact")
    expected = []
    for number, call in enumerate(data["calls"], 1):
        expected.append(_read_call(call, f"var{number}", comparator))
    graph = resolve([Call(call.name, call.arguments, call.label) for call in expected])
    return Answer(tuple(expected), data.get("order", "any"), graph.edges)


def _read_granular(data: Mapping[str, Any]) -> Answer:
    if "names" in data:
        return Answer(granular="names", names=tuple(data["names"]), order=data.get("order", "any"))
    if "arguments" in data:
        return Answer(granular="arguments", arguments=_read_arguments(data))
    if "slots" in data:
        return Answer(granular="slots", reply=_read_reply(data))
    return Answer()


def _read_arguments(data: Mapping[str, Any]) -> ExpectedCall:
    """Read a granular answer's arguments; its `compare` is one word for all, or a map of paths."""
    compare = data.get("compare", "exact")
    if isinstance(compare, str):
        expected = _read_call({**data, "compare": {}}, "var1", compare)
    else:
        expected = _read_call(data, "var1", "exact")
    values = [expected.arguments, *map(list, expected.accept.values())]
    for _, reference in references(values):
        raise AnswerError(
            f"{reference} refers to a call, and an answer of `arguments` has none; "
            f"write ${reference}"
        )
    return expected


def _read_reply(data: Mapping[str, Any]) -> ExpectedReply:
    accept = {read_path(path): values for path, values in data.get("accept", {}).items()}
    members = data["slots"]
    slots = []
    for key, value in members.items() if isinstance(members, Mapping) else enumerate(members):
        slots.append(Slot((key,), (value, *accept.pop((key,), ()))))
    if accept:
        raise AnswerError(
            f"`accept` names {show_path(next(iter(accept)))}, and there is no such slot"
        )
    return ExpectedReply(
        tuple(slots), tuple(data.get("also", ())), tuple(data.get("avoid", ())), data.get("reply")
    )


def _read_call(call: Mapping[str, Any], label: str, comparator: str) -> ExpectedCall:
    """Read one expected call; the label and the comparator are those that it has by default."""
    arguments = _read_value(call.get("arguments", {}))
    accept = {}
    for path, values in call.get("accept", {}).items():
        accept[read_path(path)] = tuple(map(_read_value, values))
    has_structure = any(isinstance(value, dict | list) for value in arguments.values())
    return ExpectedCall(
        name=call["name"],
        arguments=arguments,
        label=call.get("label") or label,
        accept=accept,
        optional=frozenset(map(read_path, call.get("optional", ()))),
        compare={read_path(path): name for path, name in call.get("compare", {}).items()},
        default_comparator=comparator,
        nests=has_structure or any(references(arguments)),
    )


def _read_value(value: Any) -> Any:
    """Read a value as rows write it.

    There `$$` begins a plain string with a dollar sign, whatever follows.
    """
    if isinstance(value, str):
        return value[1:] if value.startswith("$$") else decode(value)
    if isinstance(value, dict):
        return {key: _read_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_read_value(item) for item in value]
    return value


@lru_cache(maxsize=16384)
def read_path(text: str) -> Path:
    """Read a JSONPath of names, indices and `[*]`: `$.a[0]['b c'][*]` -> `("a", 0, "b c", "*")`."""
    if _PLAIN_PATH.fullmatch(text):
        return tuple(text.split(".")[1:])
    try:
        return tuple(_steps(parse_jsonpath(text)))
    except JSONPathError as error:
        raise AnswerError(f"{text!r} is not a JSONPath: {error}") from error


def _steps(node: Any) -> Iterable[str | int]:
    match node:
        case Root():
            return ()
        case Child(left=left, right=right):
            return (*_steps(left), *_steps(right))
        case Index(indices=(index,)):
            return (index,)
        case _ if str(node) in ("*", "[*]"):
            return ("*",)
        case Fields(fields=(name,)):
            return (name,)
    raise AnswerError(f"a path may hold names, indices and [*], not {node}")
