"""The tasks: how a record, or a request without a call, becomes a row. One record can be seen as many of them.

    TASKS["names"](writer)    # View(messages, answer, tools that must be shown, tools that must not be)

The seven tasks of Granite (Abdelaziz et al. 2024, arXiv 2407.00121) are nested, chaining, parallel, names, arguments,
next and reply. The others are a single call, a choice among look-alikes, and three ways in which no call is due.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from rlcall.tasks import instructions
from rlcall.tasks.record import Record, filled
from rlcall.tasks.replies import can_tell, reply_answer
from rlcall.tasks.world import Tool
from rlcall.tasks.writer import TRIES, WorldError, Writer


class View(NamedTuple):
    """What a task makes of a record. `record` is None where no call is due."""

    messages: list[dict[str, Any]]
    answer: dict[str, Any]
    due: Sequence[Tool] = ()
    """Tools that the row must show."""
    absent: Sequence[Tool] = ()
    """Tools that it must not show."""
    record: Record | None = None
    close: bool = False
    """Whether the tools beside them are the ones most easily taken for them."""
    shown: Sequence[Tool] = ()
    """Where to take tools from first."""


def calls_view(record: Record, close: bool = False) -> View:
    """The calls themselves."""
    answer: dict[str, Any] = {"calls": _calls(record)}
    if record.ordered:
        answer["order"] = "sequence"
    return View(_asked(record.text), answer, _tools(record), record=record, close=close)


def names_view(record: Record, writer: Writer) -> View:
    """Function-name detection: which tools the request needs."""
    texts = instructions.NAMES_IN_ORDER if record.ordered else instructions.NAMES
    answer: dict[str, Any] = {"names": [tool.name for tool in _tools(record)]}
    if record.ordered:
        answer["order"] = "sequence"
    return View(_told(writer, texts, record.text), answer, _tools(record), record=record)


def arguments_view(record: Record, writer: Writer) -> View:
    """Parameter-value detection: the arguments for a tool that is given. The first step has no references."""
    step = record.steps[0]
    texts = {
        writer.draw.split: [
            t.format(name=step.tool.name) for t in instructions.ARGUMENTS[writer.draw.split]
        ]
    }
    return View(_told(writer, texts, record.text), step.to_answer(), [step.tool], record=record)


def next_view(record: Record, writer: Writer) -> View:
    """Next-best function: some steps are done, which tool comes next? None, where all are. The order must be plain."""
    done = writer.draw.between(0, len(record.steps))
    names = [record.steps[done].tool.name] if done < len(record.steps) else []
    messages = [*_told(writer, instructions.NEXT_NAME, record.text), *_trace(record, done)]
    return View(messages, {"names": names}, _tools(record), record=record)


def reply_view(record: Record, writer: Writer) -> View:
    """Response generation: all steps are done, what is the user told?"""
    messages = [*_told(writer, instructions.REPLY, record.text), *_trace(record, len(record.steps))]
    return View(messages, reply_answer(record), _tools(record), record=record)


def views_of(record: Record, writer: Writer) -> dict[str, View]:
    """One record as every task that fits it; the first is `nested`, `chaining`, `parallel` or `single` by its shape."""
    seen = {
        "calls": calls_view(record),
        "names": names_view(record, writer),
        "arguments": arguments_view(record, writer),
    }
    if record.ordered or len(record.parts) == 1:
        seen["next"] = next_view(record, writer)
    if can_tell(record):
        seen["reply"] = reply_view(record, writer)
    return seen


def irrelevant_view(writer: Writer) -> View:
    """No call is due: no tool here is for that, and none was taken away either."""
    world = writer.draw.choice(writer.worlds)
    if len(writer.worlds) == 1 or writer.draw.chance(writer.options.idle_share):
        return _nothing_due(writer.draw.choice(world.idle), [], [], shown=world.tools)
    kin = writer.kin(world)
    others = [w for w in writer.worlds if w is not world and w not in kin]
    record = writer.single(writer.draw.choice(world.tools))
    absent = [tool for w in (world, *kin) for tool in w.tools]
    return _nothing_due(
        record.text, [], absent, shown=writer.draw.choice(others).tools if others else ()
    )


def missing_parameter_view(writer: Writer) -> View:
    """No call is due yet: the tool is there, and the request leaves out what it needs."""
    text, tool = writer.vague()
    return _nothing_due(text, [tool], [])


def missing_tool_view(writer: Writer) -> View:
    """No call is due: the tool that could do it is not among those shown, look-alikes may be."""
    record = writer.single()
    (step,) = record.steps
    world = writer.home[step.tool.name]
    absent = [step.tool, *(tool for kin in writer.kin(world) for tool in kin.tools)]
    return _nothing_due(record.text, [], absent, shown=world.tools)


def _nothing_due(
    text: str, due: Sequence[Tool], absent: Sequence[Tool], shown: Sequence[Tool] = ()
) -> View:
    return View(_asked(text), {"calls": []}, due, absent, shown=shown)


def _trace(record: Record, done: int) -> list[dict[str, Any]]:
    """The first steps as they were made, with their results."""
    results = record.results()
    messages: list[dict[str, Any]] = []
    for number, step in enumerate(record.steps[:done]):
        arguments = json.dumps(filled(step.arguments, results), ensure_ascii=False)
        function = {"name": step.tool.name, "arguments": arguments}
        call = {"id": f"call_{number + 1}", "type": "function", "function": function}
        content = json.dumps(results[number], ensure_ascii=False)
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})
    return messages


def _calls(record: Record) -> list[dict[str, Any]]:
    labelled = len(record.steps) > len(record.parts)
    return [
        step.to_answer(f"var{number}" if labelled else None)
        for number, step in enumerate(record.steps, 1)
    ]


def _tools(record: Record) -> list[Tool]:
    return list({step.tool.name: step.tool for step in record.steps}.values())


def _asked(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def _told(writer: Writer, texts: Mapping[str, Sequence[str]], request: str) -> list[dict[str, Any]]:
    instruction = writer.draw.choice(texts[writer.draw.split])
    return [{"role": "system", "content": instruction}, *_asked(request)]


def _several(writer: Writer) -> Record:
    """A record of several steps, of any shape."""
    return writer.parallel() if writer.draw.chance(1 / 3) else _steps(writer)


def _steps(writer: Writer) -> Record:
    """A record whose steps can only be made in one order."""
    return writer.nested() if writer.chainable and writer.draw.chance(0.5) else writer.sequence()


def _telling(writer: Writer) -> Record:
    """A record where every request gives back something that can be told, and that the request does not hold."""
    tellers = [tool for tool in writer.tools if tool.gives]
    for _ in range(TRIES if tellers else 0):
        nested = writer.chainable and writer.draw.chance(0.3)
        record = writer.nested() if nested else writer.single(writer.draw.choice(tellers))
        if can_tell(record):
            return record
    raise WorldError(
        "no tool of these worlds gives back a number or a text that a reply could tell"
    )


TASKS: dict[str, Callable[[Writer], View]] = {
    "single": lambda writer: calls_view(writer.single()),
    "choice": lambda writer: calls_view(writer.single(), close=True),
    "parallel": lambda writer: calls_view(writer.parallel()),
    "chaining": lambda writer: calls_view(writer.sequence()),
    "nested": lambda writer: calls_view(writer.nested()),
    "names": lambda writer: names_view(_several(writer), writer),
    "arguments": lambda writer: arguments_view(writer.single(), writer),
    "next": lambda writer: next_view(_steps(writer), writer),
    "reply": lambda writer: reply_view(_telling(writer), writer),
    "irrelevant": irrelevant_view,
    "missing_parameter": missing_parameter_view,
    "missing_tool": missing_tool_view,
}
