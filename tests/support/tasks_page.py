"""The examples of docs/task-examples.md and its sister, two of each task.

`python -m tests.support.tasks_page` writes them into the pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from rlcall.data.rows import Row
from rlcall.tasks.generate import Component, generate
from rlcall.tasks.mixture import read_mixture, shipped_mixture
from rlcall.tasks.views import TASKS
from rlcall.tasks.worlds import of_split

DOCS = Path(__file__).parents[2] / "docs"
GRANULAR = ("names", "arguments", "next", "reply")
PAGES = {
    DOCS / "task-examples.md": [task for task in TASKS if task not in GRANULAR],
    DOCS / "task-examples-granular.md": list(GRANULAR),
}
BEGIN, END = "<!-- examples: python -m tests.support.tasks_page -->\n", "<!-- end of examples -->\n"
SEED = 2026


def examples(tasks: Sequence[str]) -> str:
    files = {component.task: component for component in read_mixture(shipped_mixture(), "train")}
    return "\n".join(_section(task, files[task]) for task in tasks)


def _section(task: str, component: Component) -> str:
    shown = "\n".join(_example(row) for row in generate(of_split("train"), [component], 2, SEED))
    return f"## `{task}`\n\n{(TASKS_SAY[task])}\n\n{shown}"


def _example(row: Row) -> str:
    lines = [
        *_messages(row),
        f"tools   {', '.join(tool['function']['name'] for tool in row.tools)}",
    ]
    lines.append(f"answer  {json.dumps(row.answer, ensure_ascii=False)}")
    return "```text\n" + "\n".join(lines) + "\n```\n"


def _messages(row: Row) -> Iterator[str]:
    for message in row.messages:
        if message.get("content"):
            yield f"{message['role']:<8}{message['content']}"
        for call in message.get("tool_calls", ()):
            yield f"called  {call['function']['name']}({call['function']['arguments']})"


TASKS_SAY = {
    "single": "One call.",
    "choice": "One call, and the tools beside it are those that are most easily taken for it.",
    "parallel": (
        "Independent calls, of one tool or several, in one request; their order does not matter."
    ),
    "chaining": "Calls in the order that the request gives; none uses another's result.",
    "nested": (
        "Arguments that are results of other calls, written as references. Labels carry no meaning."
    ),
    "names": (
        "Function-name detection: which tools does the request need? A JSON list of "
        "names is due, not calls."
    ),
    "arguments": "Parameter-value detection: a JSON object of arguments for a tool that is given.",
    "next": (
        "Next-best function: some calls are made and their results are there; which tool "
        "comes next, if any?"
    ),
    "reply": "Response generation: everything is done; the reply must hold the results.",
    "irrelevant": (
        "No call is due: none of the tools is for that, nor would another one of their kind be."
    ),
    "missing_parameter": (
        "No call is due yet: the tool is there, the request leaves out what it needs."
    ),
    "missing_tool": "No call is due: the tool that could do it is not shown, its look-alikes are.",
}


def main() -> None:
    for page, tasks in PAGES.items():
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        text = f"{before}{BEGIN}\n{examples(tasks)}\n{END}{after}"
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
