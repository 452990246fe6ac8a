"""The tasks: each makes a row of a record, or of a request without a call. A record fits several.

    TASKS["names"](writer)    # View(messages, answer, tools that must be shown, ...)

The seven tasks of Granite (Abdelaziz et al. 2024, arXiv 2407.00121) are nested, chaining, parallel,
names, arguments, next and reply. The others are a single call, a choice among look-alikes, and
three ways in which no call is due.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rlcall.tasks import instructions
from rlcall.tasks.record import RequestRecord, resolved
from rlcall.tasks.replies import can_tell, reply_answer
from rlcall.tasks.world import World, WorldTool
from rlcall.tasks.writer import TRIES, WorldError, Writer

Messages = list[dict[str, Any]]


class View(NamedTuple):
    """A task's messages and answer, and which tools a row of it shows."""

    messages: Messages
    answer: dict[str, Any]
    due: Sequence[WorldTool] = ()
    """Tools that the row must show."""
    absent: Sequence[WorldTool] = ()
    """Tools that it must not show."""
    record: RequestRecord | None = None
    """None where no call is due."""
    close: bool = False
    """Whether the other tools are the ones most easily taken for those due."""
    nearby: Sequence[WorldTool] = ()
    """Where to take other tools from first."""


def calls_view(record: RequestRecord, close: bool = False) -> View:
    """Ask for the calls themselves."""
    answer: dict[str, Any] = {"calls": record.calls()}
    if record.ordered:
        answer["order"] = "sequence"
    return View(_user(record.text), answer, record.tools, record=record, close=close)


def names_view(record: RequestRecord, writer: Writer) -> View:
    """Ask which tools the request needs: function-name detection."""
    wordings = instructions.NAMES_IN_ORDER if record.ordered else instructions.NAMES
    answer: dict[str, Any] = {"names": [tool.name for tool in record.tools]}
    if record.ordered:
        answer["order"] = "sequence"
    messages = _instructed(_instruction(wordings, writer), record)
    return View(messages, answer, record.tools, record=record)


def arguments_view(record: RequestRecord, writer: Writer) -> View:
    """Ask for the arguments of a given tool: parameter-value detection, of the first step."""
    step = record.steps[0]  # which holds no references
    instruction = _instruction(instructions.ARGUMENTS, writer).format(name=step.tool.name)
    messages = _instructed(instruction, record)
    return View(messages, step.to_answer(), [step.tool], record=record)


def next_view(record: RequestRecord, writer: Writer) -> View:
    """Ask which tool comes next after some steps, or that all are done. The order must be plain."""
    count = writer.draw.between(0, len(record.steps))
    names = [step.tool.name for step in record.steps[count : count + 1]]
    instruction = _instruction(instructions.NEXT_NAME, writer)
    messages = [*_instructed(instruction, record), *_trace(record, count)]
    return View(messages, {"names": names}, record.tools, record=record)


def reply_view(record: RequestRecord, writer: Writer) -> View:
    """Ask for a reply to the user after all steps: response generation."""
    instruction = _instruction(instructions.REPLY, writer)
    messages = [*_instructed(instruction, record), *_trace(record, len(record.steps))]
    return View(messages, reply_answer(record), record.tools, record=record)


def irrelevant_view(writer: Writer) -> View:
    """Ask for what no tool here is for, nor one that was taken away."""
    world = writer.draw.choice(writer.worlds)
    if len(writer.worlds) == 1 or writer.draw.chance(writer.options.idle_share):
        text = writer.draw.choice(world.idle)
        return View(_user(text), {"calls": []}, nearby=world.tools)
    kin = writer.kin(world)
    others = [other for other in writer.worlds if other is not world and other not in kin]
    record = writer.single(writer.draw.choice(world.tools))
    absent = _tools_of(world, *kin)
    nearby = writer.draw.choice(others).tools if others else ()
    return View(_user(record.text), {"calls": []}, absent=absent, nearby=nearby)


def missing_parameter_view(writer: Writer) -> View:
    """Leave out what the tool needs, so that no call is due yet."""
    text, tool = writer.vague()
    return View(_user(text), {"calls": []}, [tool])


def missing_tool_view(writer: Writer) -> View:
    """Show no tool that could do it, though maybe its look-alikes, so that no call is due."""
    record = writer.single()
    tool = record.steps[0].tool
    world = writer.home[tool.name]
    absent = [tool, *_tools_of(*writer.kin(world))]
    return View(_user(record.text), {"calls": []}, absent=absent, nearby=world.tools)


def _tools_of(*worlds: World) -> list[WorldTool]:
    return [tool for world in worlds for tool in world.tools]


def _trace(record: RequestRecord, count: int) -> Messages:
    """Write the first `count` steps as they were made, with their results."""
    results = record.results()
    messages: Messages = []
    for number, step in enumerate(record.steps[:count], 1):
        arguments = json.dumps(resolved(step.arguments, results), ensure_ascii=False)
        function = {"name": step.tool.name, "arguments": arguments}
        call = {"id": f"call_{number}", "type": "function", "function": function}
        content = json.dumps(results[number - 1], ensure_ascii=False)
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})
    return messages


def _user(text: str) -> Messages:
    return [{"role": "user", "content": text}]


def _instruction(wordings: instructions.Wordings, writer: Writer) -> str:
    return str(writer.draw.choice(wordings[writer.draw.split]))


def _instructed(instruction: str, record: RequestRecord) -> Messages:
    return [{"role": "system", "content": instruction}, *_user(record.text)]


def _of_any_shape(writer: Writer) -> RequestRecord:
    """Draw a record of several steps."""
    if writer.draw.chance(1 / 3):
        return writer.parallel()
    return _in_one_order(writer)


def _in_one_order(writer: Writer) -> RequestRecord:
    """Draw a record whose steps can only be made in one order."""
    if writer.chainable and writer.draw.chance(0.5):
        return writer.nested()
    return writer.sequence()


def _that_can_be_told(writer: Writer) -> RequestRecord:
    """Draw a record each of whose requests gives back something to tell that it does not hold."""
    tellers = [tool for tool in writer.tools if tool.gives]
    for _ in range(TRIES if tellers else 0):
        if writer.chainable and writer.draw.chance(0.3):
            record = writer.nested()
        else:
            record = writer.single(writer.draw.choice(tellers))
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
    "names": lambda writer: names_view(_of_any_shape(writer), writer),
    "arguments": lambda writer: arguments_view(writer.single(), writer),
    "next": lambda writer: next_view(_in_one_order(writer), writer),
    "reply": lambda writer: reply_view(_that_can_be_told(writer), writer),
    "irrelevant": irrelevant_view,
    "missing_parameter": missing_parameter_view,
    "missing_tool": missing_tool_view,
}
