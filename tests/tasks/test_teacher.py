"""Requests in a teacher's words: kept only where they say every argument, counted, and not lost on the way."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rlcall.check.grounding import ungrounded
from rlcall.cli import teachers
from rlcall.cli.tasks import main
from rlcall.data.rows import Row, read_rows
from rlcall.tasks.generate import Draft, generate_drafts
from rlcall.tasks.mixture import read_mixture, shipped_mixture
from rlcall.tasks.own.mixture import servable
from rlcall.tasks.own.tools import worlds_of
from rlcall.tasks.teacher import Messages, Written, cleaned, fault, prompt, taught
from tests.support.chat_server import Answer, chat, error, serving
from tests.tasks.test_tasks import check_gold

GOLDEN = Path(__file__).parents[1] / "golden" / "own_tools.json"
STRICT = partial(ungrounded, strict=True)
N = 30


@pytest.fixture(scope="module")
def made() -> list[Draft]:
    worlds = worlds_of(GOLDEN, "train")
    return list(
        generate_drafts(
            worlds, servable(worlds, read_mixture(shipped_mixture(), "train"), []), N, 5
        )
    )


def example(messages: Messages) -> str:
    """The grammar's request, as a prompt quotes it."""
    asked = next(message["content"] for message in messages if message["role"] == "user")
    return re.search(
        r"(?:An example of such a message|leave nothing out): (.*?)\n\nStyle", asked, re.S
    )[1]


def well(messages: Messages) -> str:
    return f"<think>Hm.</think>Well then: {example(messages)}"


def run(made: list[Draft], ask: Any) -> tuple[list[Row], Counter[str]]:
    counts: Counter[str] = Counter()
    rows = [
        one.row
        for one in taught(made, lambda prompts: [ask(one) for one in prompts], STRICT, counts, {})
    ]
    return rows, counts


def test_a_good_teachers_words_are_kept(made: list[Draft]) -> None:
    rows, counts = run(made, well)
    assert counts == {"asked": N, "kept": N}
    for row, one in zip(rows, made, strict=True):
        assert row.last_request == f"Well then: {one.row.last_request}"
        assert (row.tools, row.answer, row.id) == (one.row.tools, one.row.answer, one.row.id)
        assert [m for m in row.messages if m["role"] != "user"] == [
            m for m in one.row.messages if m["role"] != "user"
        ]
        check_gold(row)


def test_a_bad_teachers_words_are_not(made: list[Draft]) -> None:
    rows, counts = run(made, lambda messages: "Could you do that with 4711 for Zanzibar?")
    called = sum(
        one.record is not None and any(s.arguments for s in one.record.steps) for one in made
    )
    assert counts["asked"] >= 2 * called
    assert counts["fallbacks"] + counts["kept"] == N
    assert counts["fallbacks"] >= called
    assert (
        counts["rejected_argument"] + counts["rejected_added"] + counts["kept"] == counts["asked"]
    )
    assert counts["rejected_argument"] and counts["rejected_added"]
    for row, one in zip(rows, made, strict=True):
        if one.record is None:  # where no call is due, an added detail could make one due
            assert row == one.row


def test_a_second_try_is_told_what_was_missing(made: list[Draft]) -> None:
    def ask(messages: Messages) -> str:
        again = messages[-1]["content"]
        return (
            example(messages)
            if again.startswith("That message does not work: it ")
            else "Please do it."
        )

    rows, counts = run(made, ask)
    assert rows == [
        one.row if row.last_request != "Please do it." else row
        for row, one in zip(rows, made, strict=True)
    ]
    assert counts["kept"] == N
    assert counts["asked"] > N


@pytest.mark.parametrize(
    "reply, text",
    [
        ('"Wake me at six."', "Wake me at six."),
        ("“Wake me.”", "Wake me."),
        ('Send "hello" to "Ana"', 'Send "hello" to "Ana"'),
        ('"hello" and "bye"', '"hello" and "bye"'),
        ("<think>6?\n</think>\nWake me.<|im_end|>", "Wake me."),
        ("```text\nWake me.\n```", "Wake me."),
        ("", ""),
    ],
)
def test_cleaned(reply: str, text: str) -> None:
    assert cleaned(reply) == text


def test_what_is_no_request_is_rejected(made: list[Draft]) -> None:
    one = next(one for one in made if one.record and "get_" in str(one.row.tools))
    name = next(t["function"]["name"] for t in one.row.tools if "_" in t["function"]["name"])
    for text in ("", "x" * 3000, f"Please use {name}", "take $var1.price$"):
        assert fault(one, text, STRICT)[1] == "rejected_form", text


def test_the_prompt_holds_the_calls_and_nothing_of_the_results(made: list[Draft]) -> None:
    one = next(one for one in made if one.row.task == "next" and one.record)
    text = prompt(one)[1]["content"]
    assert all(json.dumps(step.tool.name) in text for step in one.record.steps)
    assert prompt(one) == prompt(one)
    assert len({prompt(m)[1]["content"].rpartition("Style: ")[2] for m in made}) > 3


def test_what_was_written_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.partial"
    written = Written(path, "m")
    written["a"], written["b"] = "one", None
    with path.open("a") as file:
        file.write('{"key": "c", "te')  # cut off
    again = Written(path, "m")
    assert dict(again) == {"a": "one", "b": None}
    again["c"] = "two"
    assert dict(Written(path, "m")) == {"a": "one", "b": None, "c": "two"}
    assert dict(Written(path, "another teacher")) == {}


def line(server_url: str, out: Path, *more: str) -> list[str]:
    teacher = ["--teacher", server_url, "--teacher_model", "m"]
    return ["--tools", str(GOLDEN), "--n", str(N), "--out", str(out), *teacher, *more]


def answers_well(body: dict[str, Any]) -> Answer:
    return 200, chat(well(body["messages"]))


def test_the_command_line_with_an_endpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rows.jsonl"
    with serving(answers_well) as server:
        assert main(line(server.url, out, "--twins")) == 0
    said = capsys.readouterr().out
    assert (
        f"teacher: {N} requests asked for, {N} rows with its words; 0 rejected; 0 rows keep the grammar's"
        in said
    )
    assert {body["seed"] for _, body in server.asked} == {0}
    rows = read_rows(out)
    assert sum(row.last_request.startswith("Well then: ") for row in rows) >= N
    for row in rows:
        check_gold(row)
    assert list(tmp_path.iterdir()) == [out]


def test_an_interrupted_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, left = tmp_path / "rows.jsonl", iter(range(20))
    with serving(
        lambda body: answers_well(body) if next(left, None) is not None else (400, error("spent"))
    ) as server:
        assert main(line(server.url, out)) == 2
        said = capsys.readouterr().err
        assert (
            "spent" in said and "16 requests are kept in" in said and "rows.jsonl.partial" in said
        )
        assert not out.exists()
        server.script, before = answers_well, len(server.asked)
        assert main(line(server.url, out)) == 0
        assert len(server.asked) - before == N - 16
        whole = out.read_bytes()
        assert main(line(server.url, tmp_path / "other.jsonl")) == 0
    assert whole == (tmp_path / "other.jsonl").read_bytes()
    assert not out.with_name("rows.jsonl.partial").exists()


NOBODY = ["--teacher", "http://127.0.0.1:9/v1"]


@pytest.mark.parametrize(
    "more, message",
    [
        (NOBODY, "needs --teacher-model"),
        (["--teacher_model", "m"], "need a --teacher"),
        (
            [
                "--teacher",
                "http://127.0.0.1:9/v1",
                "--teacher_model",
                "m",
                "--teacher_key_env",
                "NO_SUCH",
            ],
            "NO_SUCH is not set",
        ),
        (["--teacher", "./no-such-folder"], "'./no-such-folder' was not found"),
    ],
)
def test_a_teacher_that_cannot_be_used(
    more: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--n", "3", "--out", str(tmp_path / "rows.jsonl"), *more]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_tiny_local_model_is_rejected_and_counted(
    tiny_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(teachers, "MAX_TOKENS", 24)
    outs = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for out in outs:
        arguments = [
            "--tools",
            str(GOLDEN),
            "--n",
            "6",
            "--out",
            str(out),
            "--teacher",
            str(tiny_folder),
        ]
        assert main(arguments) == 0
    said = capsys.readouterr().out
    form = r"teacher: (\d+) .*? (\d+) rows with.*?; (\d+) rejected.*; (\d+) rows"
    asked, kept, rejected, fallbacks = map(int, re.findall(form, said)[0])
    assert kept + fallbacks == 6
    assert rejected + kept == asked
    assert fallbacks >= 3
    assert outs[0].read_bytes() == outs[1].read_bytes()
    for row in read_rows(outs[0]):
        check_gold(row)
