"""Requests in a teacher's words: kept where they say every argument, counted, never lost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
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
from rlcall.tasks.teacher import Messages, clean, prompt, reject, reword
from rlcall.tasks.teacher_cache import TeacherCache, TeacherCacheError
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


def run(drafts: list[Draft], ask: Any) -> tuple[list[Row], Counter[str]]:
    def ask_each(prompts: Sequence[Messages]) -> list[str]:
        return [ask(messages) for messages in prompts]

    counts: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        cache = TeacherCache(Path(folder) / "cache", "m")
        rows = [draft.row for draft in reword(drafts, ask_each, STRICT, counts, cache)]
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
def test_clean(reply: str, text: str) -> None:
    assert clean(reply) == text


def test_what_is_no_request_is_rejected(made: list[Draft]) -> None:
    one = next(one for one in made if one.record and "get_" in str(one.row.tools))
    name = next(t["function"]["name"] for t in one.row.tools if "_" in t["function"]["name"])
    for text in ("", "x" * 3000, f"Please use {name}", "take $var1.price$"):
        rejection = reject(one, text, STRICT)
        assert rejection and rejection.counter == "rejected_form", text


def test_the_prompt_holds_the_calls_and_nothing_of_the_results(made: list[Draft]) -> None:
    one = next(one for one in made if one.row.task == "next" and one.record)
    text = prompt(one)[1]["content"]
    assert all(json.dumps(step.tool.name) in text for step in one.record.steps)
    assert prompt(one) == prompt(one)
    assert len({prompt(m)[1]["content"].rpartition("Style: ")[2] for m in made}) > 3


def test_texts_outlive_the_command(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.partial"
    cache = TeacherCache(path, "m")
    assert len(cache) == 0 and not path.exists()
    cache.add({"a": "one", "b": None})
    cache.add({"c": "two"})
    again = TeacherCache(path, "m")
    assert {key: again[key] for key in "abc"} == {"a": "one", "b": None, "c": "two"}
    assert "d" not in again and len(again) == 3
    assert len(TeacherCache(path, "another teacher")) == 0


WRITER = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from rlcall.tasks.teacher_cache import TeacherCache

cache = TeacherCache(Path(sys.argv[1]), "m")
for batch in range(10**6):
    cache.add({f"{batch} {number}": "word " * 500 for number in range(16)})
    print(batch, flush=True)
"""


@pytest.mark.parametrize("batches", [1, 7, 30])
def test_a_killed_command_leaves_whole_batches(tmp_path: Path, batches: int) -> None:
    path, environment = tmp_path / "c", {**os.environ, "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        for _ in range(batches):
            process.stdout.readline()
        process.kill()
    cache = TeacherCache(path, "m")
    assert len(cache) % 16 == 0 and len(cache) >= 16 * batches
    cache.add({"more": "text"})
    assert len(TeacherCache(path, "m")) == len(cache)


def test_a_cache_of_an_earlier_version_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.jsonl.partial"
    text = '{"teacher": "m", "key": "a", "text": "one"}\n'
    path.write_text(text)
    assert main(line("http://127.0.0.1:9/v1", tmp_path / "rows.jsonl")) == 2
    message = "rows.jsonl.partial holds a teacher's texts as an earlier version of rlcall kept them"
    assert message in capsys.readouterr().err
    assert path.read_text() == text


@pytest.mark.parametrize("content", [b"my notes", b"SQLite format 3\0 and no more"])
def test_a_file_of_the_users_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.jsonl.partial"
    path.write_bytes(content)
    with pytest.raises(TeacherCacheError, match=r"holds no teacher's texts.* Remove it"):
        TeacherCache(path, "m")
    assert path.read_bytes() == content


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
        f"teacher: {N} requests asked for, {N} rows with its words; 0 rejected; "
        "0 rows keep the grammar's" in said
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
