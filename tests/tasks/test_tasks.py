"""Rows from the worlds: right by construction, and checked by others than the construction."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest

from rlcall import wire as wires
from rlcall.cli.tasks import main
from rlcall.data.rows import Row, parse_row, read_rows
from rlcall.reward import Reward, load_reward
from rlcall.tasks import views
from rlcall.tasks.draw import SPLITS, Draw
from rlcall.tasks.generate import Component, generate, generate_drafts, show_tools
from rlcall.tasks.mixture import MixtureError, read_mixture, shipped_mixture
from rlcall.tasks.options import LEVELS, Options, level
from rlcall.tasks.twins.twins import twins
from rlcall.tasks.views import TASKS
from rlcall.tasks.world import WorldTool
from rlcall.tasks.worlds import of_split
from rlcall.tasks.writer import Writer
from rlcall.verify import verify
from tests.support.bfcl_wheel import load_checker, needs_bfcl

GRADED, STRICT = load_reward("graded"), load_reward("strict")
CALLS = ("single", "choice", "parallel", "chaining", "nested")
NO_CALL = ("irrelevant", "missing_parameter", "missing_tool")


def mixture(split: str, tasks: tuple[str, ...] = tuple(TASKS), **options: Any) -> list[Component]:
    return [Component(task, 1.0, Options(split=split, **options)) for task in tasks]


def rows(
    split: str, n: int, seed: int = 0, tasks: tuple[str, ...] = tuple(TASKS), **options: Any
) -> Iterator[Row]:
    return generate(of_split(split), mixture(split, tasks, **options), n, seed)


def golds(row: Row) -> Iterator[tuple[str, Any]]:
    """(wire, completion) of the right answer, in every way to write it."""
    assert row.answer is not None
    if "names" in row.answer:
        yield "auto", json.dumps(row.answer["names"])
    elif "slots" in row.answer:
        yield "auto", row.answer["reply"]
    elif "arguments" in row.answer:
        yield "auto", json.dumps(row.answer["arguments"])
    else:
        yield from written_calls(row)


def written_calls(row: Row) -> Iterator[tuple[str, Any]]:
    calls = row.wanted.gold_calls()
    for name in wires.NAMES:
        form = wires.get(name)
        if not calls:
            yield name, "[]"
        elif form.can_render(calls, row.tools):
            yield name, form.render(calls)


def check_gold(row: Row, every_reward: tuple[Reward, ...] = (GRADED,)) -> int:
    parse_row(json.loads(json.dumps(row.to_json())))  # a row as `rlcall.data.rows` wants it
    tools, answer = row.tools_text, row.answer_text
    written = 0
    for wire, completion in golds(row):
        verdict = verify(completion, tools, answer, wire=wire)
        assert verdict.correct is True, (row.id, wire, completion, verdict.errors)
        for reward in every_reward:
            assert reward.score(verdict).reward == 1.0, (row.id, wire, completion)
        written += 1
    assert written
    return written


@pytest.mark.parametrize("split", SPLITS)
def test_every_gold_verifies_in_every_wire_format(split: str) -> None:
    seen = Counter(
        row.task for row in rows(split, 400, seed=1) if check_gold(row, (GRADED, STRICT))
    )
    assert set(seen) == set(TASKS)


@pytest.mark.slow
@pytest.mark.parametrize("number", LEVELS)
def test_a_hundred_thousand_golds_verify(number: int) -> None:
    """20,000 of each level, over all splits and tasks."""
    for split, n in (("train", 12_000), ("validation", 3_000), ("test", 5_000)):
        for row in rows(split, n, seed=100 + number, **level(number)):
            check_gold(row)


@pytest.mark.parametrize("split", SPLITS)
def test_arguments_are_valid_by_jsonschema(split: str) -> None:
    """References aside, which stand for results."""
    for row in rows(split, 300, seed=2, tasks=CALLS):
        schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in row.tools}
        for call in row.answer["calls"]:
            literal = {
                k: plain_text(v) for k, v in call["arguments"].items() if not is_reference(v)
            }
            schema = schemas[call["name"]]
            assert set(schema["required"]) <= set(call["arguments"]) <= set(schema["properties"])
            schema = {
                **schema,
                "required": [name for name in schema["required"] if name in literal],
            }
            jsonschema.Draft202012Validator(
                schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
            ).validate(literal)


def is_reference(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("$var") and value.endswith("$")


def plain_text(value: Any) -> Any:
    return value[1:] if isinstance(value, str) and value.startswith("$$") else value


@pytest.mark.parametrize("split", SPLITS)
def test_chains_run(split: str) -> None:
    """The tools themselves, called as the answer says: each result is there when it is needed."""
    tools = {tool.name: tool for world in of_split(split) for tool in world.tools}
    depths: Counter[int] = Counter()
    for row in rows(split, 300, seed=3, tasks=("nested",), depth=(2, 4)):
        results = executed(row.answer["calls"], tools, split)
        json.dumps(results, allow_nan=False)
        depths[len(results)] += 1
    assert depths[2] and depths[3] and max(depths) >= 4


def executed(
    calls: list[dict[str, Any]], tools: dict[str, WorldTool], split: str
) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for call in calls:
        arguments = {}
        for name, value in call["arguments"].items():
            if is_reference(value):
                label, field = value.strip("$").split(".")
                value = results[label][field]
            arguments[name] = plain_text(value)
        results[call["label"]] = tools[call["name"]].execute(arguments, split)
    return results


@pytest.mark.parametrize("split", SPLITS)
def test_a_trace_shows_what_the_tools_give(split: str) -> None:
    tools = {tool.name: tool for world in of_split(split) for tool in world.tools}
    traced = 0
    for row in rows(split, 200, seed=4, tasks=("next", "reply")):
        made = [
            call["function"] for message in row.messages for call in message.get("tool_calls", ())
        ]
        told = [
            json.loads(message["content"]) for message in row.messages if message["role"] == "tool"
        ]
        assert told == [
            tools[call["name"]].execute(json.loads(call["arguments"]), split) for call in made
        ]
        traced += len(told)
    assert traced > 100


@needs_bfcl
@pytest.mark.parametrize("split", SPLITS)
def test_bfcls_checker_accepts_single_and_parallel_calls(split: str) -> None:
    is_valid = load_checker()
    categories = {"single": "simple_python", "choice": "multiple", "parallel": "parallel"}
    for row in rows(split, 1000, seed=5, tasks=tuple(categories)):
        calls = [{call["name"]: decimals(call["arguments"])} for call in row.answer["calls"]]
        truth = [
            {name: {k: [bfcl_value(v)] for k, v in given.items()} for name, given in call.items()}
            for call in calls
        ]
        tools = [bfcl_dialect(tool["function"]) for tool in row.tools]
        due = [tool for tool in tools if tool["name"] in {name for call in calls for name in call}]
        assert is_valid(
            due if row.task == "single" else tools, calls, truth, categories[str(row.task)]
        ), row.id


def decimals(arguments: dict[str, Any]) -> dict[str, Any]:
    """Write numbers as decimals: BFCL refuses a whole one in a list of floats (gorilla#1049)."""
    return {
        name: list(map(float, value)) if has_decimal(value) else value
        for name, value in arguments.items()
    }


def has_decimal(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, float) for item in value)


def bfcl_value(value: Any) -> Any:
    """In BFCL's answers the values inside an object are lists of alternatives as well."""
    if isinstance(value, list):
        return [bfcl_value(item) if isinstance(item, dict) else item for item in value]
    return (
        {key: [bfcl_value(item)] for key, item in value.items()}
        if isinstance(value, dict)
        else value
    )


def bfcl_dialect(schema: Any) -> Any:
    if isinstance(schema, list):
        return [bfcl_dialect(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    types = {"object": "dict", "number": "float"}
    changed = {key: bfcl_dialect(item) for key, item in schema.items()}
    return (
        {**changed, "type": types.get(changed["type"], changed["type"])}
        if is_type(schema.get("type"))
        else changed
    )


def is_type(value: Any) -> bool:
    return isinstance(value, str)  # and no parameter called "type"


def test_no_call_rows_say_so() -> None:
    for row in rows("train", 300, seed=6, tasks=NO_CALL):
        assert row.answer == {"calls": []}
        assert row.tools
        assert all(not message.get("tool_calls") for message in row.messages)


@pytest.mark.parametrize("distractors", ["far", "near", "mixed"])
def test_the_tool_is_not_shown_where_it_was_removed(distractors: str) -> None:
    """And it is where only a parameter is missing."""
    writer = Writer(
        of_split("train"), Options(distractors=distractors), Draw(Random("removed"), "train")
    )
    for _ in range(200):
        view = TASKS["missing_tool"](writer)
        assert view.absent
        assert not {tool.name for tool in view.absent} & {
            tool.name for tool in show_tools(view, writer)
        }
        view = TASKS["missing_parameter"](writer)
        assert view.due[0] in show_tools(view, writer)


def test_close_tools_are_shown_where_a_choice_is_asked_for() -> None:
    tools = {tool.name: tool for world in of_split("train") for tool in world.tools}
    for row in rows("train", 200, seed=8, tasks=("choice",)):
        due = tools[row.answer["calls"][0]["name"]]
        shown = {tool["function"]["name"] for tool in row.tools}
        assert not due.like or shown & set(due.like)


def test_difficulty_is_what_was_asked_for() -> None:
    for number, options in LEVELS.items():
        low, high = options["tools_shown"]
        for row in rows(
            "train", 100, seed=9, tasks=("single", "parallel", "nested"), **level(number)
        ):
            due = len({call["name"] for call in row.answer["calls"]})
            assert due <= len(row.tools) <= max(high, due)
            assert len(row.tools) >= low
            if row.task == "parallel":
                assert options["calls"][0] <= len(row.answer["calls"]) <= options["calls"][1]
            if row.task == "nested":
                assert 2 <= len(row.answer["calls"]) <= options["depth"][1]


def test_a_level_must_exist() -> None:
    with pytest.raises(ValueError, match="from 1 to 5"):
        level(9)


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    def run(seed: int, hash_seed: str, n: int) -> bytes:
        out = tmp_path / f"{seed}-{hash_seed}-{n}.jsonl"
        line = [
            sys.executable,
            "-m",
            "rlcall",
            "tasks",
            "--n",
            str(n),
            "--seed",
            str(seed),
            "--twins",
            "--mask",
            "0.5",
        ]
        done = subprocess.run(
            [*line, "--split", "test", "--out", str(out)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return out.read_bytes()

    first = run(3, "1", 60)
    assert first == run(3, "2", 60)
    assert run(3, "1", 90).startswith(first)
    assert first != run(4, "1", 60)


def test_no_split_shares_eight_words_with_another() -> None:
    grams = {
        split: {gram for row in rows(split, n, seed=10) for gram in eight_grams(row)}
        for split, n in (("train", 6000), ("validation", 2000), ("test", 2000))
    }
    for one, other in combinations(SPLITS, 2):
        assert sorted(" ".join(gram) for gram in grams[one] & grams[other])[:5] == []


def eight_grams(row: Row) -> Iterator[tuple[str, ...]]:
    request = next(message["content"] for message in row.messages if message["role"] == "user")
    said = "".join(sign if sign.isalnum() else " " for sign in request.lower()).split()
    return zip(*(said[start:] for start in range(8)), strict=False)


@pytest.mark.parametrize("split", SPLITS)
def test_twins_of_generated_rows_verify(split: str) -> None:
    kinds: Counter[str] = Counter()
    for one in generate_drafts(of_split(split), mixture(split, (*CALLS, *NO_CALL)), 250, 11):
        for twin in twins(one.row, Random(one.row.id), shorter=one.shorter()):
            check_gold(twin)
            kinds[str(twin.id).split("~")[1]] += 1
    assert len(kinds) >= 5, kinds


def test_one_record_gives_all_views() -> None:
    """The same request as calls, names, arguments, the next tool and a reply."""
    writer = Writer(of_split("train"), Options(), Draw(Random("one"), "train"))
    record = next(r for r in iter(writer.nested, None) if views.can_tell(r))
    every_view = {
        "calls": views.calls_view(record),
        "names": views.names_view(record, writer),
        "arguments": views.arguments_view(record, writer),
        "next": views.next_view(record, writer),
        "reply": views.reply_view(record, writer),
    }
    for name, view in every_view.items():
        tools = [tool.definition for tool in view.due]
        check_gold(Row(view.messages, tools, view.answer, f"one-{name}"))
        assert next(m["content"] for m in view.messages if m["role"] == "user") == record.text


def test_the_weights_are_kept() -> None:
    two = [Component("single", 3.0, Options()), Component("irrelevant", 1.0, Options())]
    counts = Counter(row.task for row in generate(of_split("train"), two, 2000, 12))
    assert 0.70 < counts["single"] / 2000 < 0.80


def test_the_shipped_mixture_has_every_task() -> None:
    assert {component.task for component in read_mixture(shipped_mixture(), "train")} == set(TASKS)


@pytest.mark.parametrize(
    "text, message",
    [
        ("task: nestde", "task should be one of single, .*, not 'nestde'"),
        ("task: nested\nwieght: 2", "did you mean 'weight'"),
        ("task: nested\nweight: 0", "weight should be greater than 0, not 0"),
        ("task: nested\nweight: true", "weight should be a valid number, not True"),
        ("task: nested\nweight: .inf", "weight should be a finite number, not inf"),
        ("task: nested\ndepth: 2", "depth should be two whole numbers from 2 to 6, .*, not 2"),
        ("task: nested\ndepth: [3, 2]", "the lower first"),
        (
            "task: nested\noptional_share: 2",
            "optional_share should be less than or equal to 1, not 2",
        ),
        (
            "task: nested\ndistractors: odd",
            "distractors should be 'far', 'near' or 'mixed', not 'odd'",
        ),
        ("task: nested\nlevel: 7", "from 1 to 5"),
        ("- nested", "keys with values"),
    ],
)
def test_a_mixture_that_cannot_be_used_is_explained(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(MixtureError, match=message) as raised:
        read_mixture([tmp_path / "mine.yaml"], "train")
    assert "mine.yaml" in str(raised.value)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "rows.jsonl"
    assert main(["--n", "30", "--split", "validation", "--level", "1", "--out", str(out)]) == 0
    assert len(read_rows(out)) == 30
    assert "30 rows" in capsys.readouterr().out
    assert (
        main(
            ["--n", "30", "--mix", str(tmp_path / "none.yaml"), "--out", str(tmp_path / "no.jsonl")]
        )
        == 2
    )
    assert "none.yaml" in capsys.readouterr().err
    assert not (tmp_path / "no.jsonl").exists()


def test_rows_of_some_worlds_show_their_tools_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, some = tmp_path / "rows.jsonl", ["library", "health"]
    asked = ["--n", "60", "--split", "test", "--out", str(out), "--worlds", *some]
    assert main(asked) == 0
    shown = {tool["function"]["name"] for row in read_rows(out) for tool in row.tools}
    assert shown and shown <= {
        tool.name for world in of_split("test", some) for tool in world.tools
    }
    assert main([*asked, "phone"]) == 2
    assert (
        "no world of test is called 'phone'; there are health, developer" in capsys.readouterr().err
    )
    assert main([*asked, "--tools", "mine.json"]) == 2
    assert "leave out --tools or --worlds" in capsys.readouterr().err


def test_two_thousand_rows_a_second() -> None:
    """With some room: a shared machine may be several times slower than an idle one."""
    worlds, wanted = of_split("train"), mixture("train")
    sum(1 for _ in generate(worlds, wanted, 200, 1))  # fills the caches
    start = time.process_time()
    sum(len(json.dumps(row.to_json())) for row in generate(worlds, wanted, 3000, 1))
    assert 3000 / (time.process_time() - start) > 2000


def test_the_page_shows_what_is_generated() -> None:
    from tests.support import tasks_page

    for page, tasks in tasks_page.PAGES.items():
        text = page.read_text(encoding="utf-8")
        assert tasks_page.examples(tasks) in text, "run python -m tests.support.tasks_page"
    shown = [task for tasks in tasks_page.PAGES.values() for task in tasks]
    assert sorted(shown) == sorted(TASKS)
