"""Rows are read back as written; a mistake is told with file, line, field, reason and remedy."""

import json
import pickle
import re
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall.calls import decode
from rlcall.data.rows import (
    Row,
    RowError,
    iter_rows,
    load_line,
    parse_row,
    plain,
    read_rows,
    write_rows,
)
from rlcall.verifier.answer import read_answer
from rlcall.verifier.schema import SchemaError, compile_tools
from tests.support.docs import read_pages

GOOD = {
    "messages": [{"role": "user", "content": "Weather in Paris?"}],
    "tools": [
        {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    ],
    "answer": {"calls": [{"name": "weather", "arguments": {"city": "Paris"}, "label": "w"}]},
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.text(), json_values, max_size=3)
names = st.text(min_size=1, max_size=8)


def usable(tool):
    """Whether it is a tool at all: among all objects there are some that are no JSON Schema."""
    try:
        compile_tools(json.dumps([tool]))
    except SchemaError:
        return False
    return True


tools = st.lists(
    st.builds(
        lambda name, parameters: {
            "type": "function",
            "function": {"name": name, "parameters": parameters},
        },
        names,
        objects,
    ).filter(usable),
    max_size=3,
    unique_by=lambda tool: tool["function"]["name"],
)
paths = st.sampled_from(["$", "$.a", "$.a[0]", "$.a[*].b", "$['a b']"])
call_entries = st.fixed_dictionaries(
    {"name": names, "arguments": objects},
    optional={
        "accept": st.dictionaries(paths, st.lists(json_values, max_size=2), max_size=2),
        "optional": st.lists(paths, max_size=2),
        "compare": st.dictionaries(
            paths, st.sampled_from(["exact", "text", "number", "set", "date", "ignore"])
        ),
    },
)
order, compare = st.sampled_from(["any", "sequence"]), st.sampled_from(["exact", "text"])
details = st.text(min_size=1).filter(str.strip) | st.integers(-(2**60), 2**60)
beside_slots = {
    "also": st.lists(details),
    "avoid": st.lists(st.just("Rome")),
    "reply": st.just("Here you are."),
}
answers = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"calls": st.just("any") | st.lists(call_entries, max_size=3)},
        optional={"order": order, "compare": compare},
    ),
    st.fixed_dictionaries({"names": st.lists(names)}, optional={"order": order}),
    st.fixed_dictionaries(
        {"name": names, "arguments": objects.map(plain)},
        optional={"optional": st.lists(paths), "compare": compare | st.just({"$.a": "set"})},
    ),
    st.fixed_dictionaries({"slots": st.lists(details, min_size=1)}, optional=beside_slots),
    st.fixed_dictionaries(
        {"slots": st.dictionaries(st.text(), details, min_size=1)}, optional=beside_slots
    ),
)
messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant"]), "content": st.text()}
    ),
    min_size=1,
)
rows = st.builds(Row, messages, tools, answers, st.none() | st.text(), st.none() | st.text())


@given(st.lists(rows, min_size=1, max_size=4))
@settings(max_examples=60)
def test_what_is_written_is_read(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    assert write_rows(path, written) == len(written)
    assert read_rows(path) == written


@given(json_values)
def test_plain_values_survive_an_answer(value):
    answer = {"calls": [{"name": "f", "arguments": {"a": plain(value)}}]}
    assert read_answer(json.dumps(answer)).gold_calls()[0].arguments == {"a": value}


@pytest.mark.parametrize(
    "text", ["$", "$$", "$5", "$$5", "$var1$", "$var1.price$", "$$var1$", "$a[0]$ more"]
)
def test_plain_text_with_dollar_signs(text):
    answer = {"calls": [{"name": "f", "arguments": {"a": plain(text)}}]}
    assert read_answer(json.dumps(answer)).gold_calls()[0].arguments == {"a": text}


def test_a_reference_needs_no_escape():
    assert not isinstance(decode("$var1.price$"), str)
    assert plain("$var1.price$") == "$$var1.price$"


def changed(change):
    row = deepcopy(GOOD)
    change(row)
    return row


def call(row):
    return row["answer"]["calls"][0]


MISTAKES = {
    "missing answer": (lambda r: r.pop("answer"), "answer", "is missing", '{"calls": []}'),
    "typo at the top": (
        lambda r: r.update(mesages=r.pop("messages")),
        "mesages",
        "unknown key",
        "'messages'",
    ),
    "unknown key": (
        lambda r: r.update(zzz=1),
        "zzz",
        "unknown key",
        "id, task, messages, tools, answer",
    ),
    "typo in a call": (
        lambda r: call(r).update(acept={}),
        "answer.calls[0].acept",
        "unknown key",
        "'accept'",
    ),
    "typo in an answer": (
        lambda r: r["answer"].update(ordr="any"),
        "answer.ordr",
        "unknown key",
        "'order'",
    ),
    "number as id": (lambda r: r.update(id=17), "id", "17 is not of type", '"17"'),
    "no messages": (lambda r: r.update(messages=[]), "messages", "non-empty", "conversation"),
    "role": (
        lambda r: r["messages"][0].update(role="usr"),
        "messages[0].role",
        "'usr' is not one of",
        "user",
    ),
    "bare call": (
        lambda r: r["messages"][0].update(role="assistant", tool_calls=[{}]),
        "messages[0].tool_calls[0].function",
        "is missing",
        "",
    ),
    "no content": (
        lambda r: r["messages"][0].pop("content"),
        "messages[0]",
        "content, tool_calls",
        "assistant",
    ),
    "bare tool": (
        lambda r: r.update(tools=[{"name": "f"}]),
        "tools[0].type",
        "is missing",
        '"function"',
    ),
    "tool twice": (
        lambda r: r.update(tools=r["tools"] * 2),
        "tools",
        "two have the same name",
        "'weather'",
    ),
    "label twice": (
        lambda r: r["answer"].update(calls=[call(r)] * 2),
        "answer.calls",
        "two have the same",
        "'w'",
    ),
    "empty answer": (
        lambda r: r.update(answer={}),
        "answer",
        "exactly one of calls, names",
        "null",
    ),
    "two answers": (
        lambda r: r["answer"].update(names=["f"]),
        "answer",
        "exactly one of calls, names",
        "null",
    ),
    "all for any": (
        lambda r: r["answer"].update(calls="all"),
        "answer.calls",
        "'any' was expected",
        "valid call",
    ),
    "no arguments": (
        lambda r: call(r).pop("arguments"),
        "answer.calls[0].arguments",
        "is missing",
        "{}",
    ),
    "bare accept": (
        lambda r: call(r).update(accept={"$.city": "P"}),
        "answer.calls[0].accept['$.city']",
        "array",
        "list",
    ),
    "path": (
        lambda r: call(r).update(optional=["city"]),
        "answer.calls[0].optional",
        "begin with $",
        "$.city",
    ),
    "deep path": (
        lambda r: call(r).update(compare={"$..c": "set"}),
        "answer.calls[0].compare",
        "[*]",
        "$.city",
    ),
    "comparator": (
        lambda r: call(r).update(compare={"$.c": "sets"}),
        "answer.calls[0].compare['$.c']",
        "'sets'",
        "number",
    ),
    "label": (
        lambda r: call(r).update(label="a b"),
        "answer.calls[0].label",
        "does not match",
        "var1",
    ),
    "order": (lambda r: r["answer"].update(order="fixed"), "answer.order", "'fixed'", "sequence"),
    "compare by path": (
        lambda r: r["answer"].update(compare={"$.c": "set"}),
        "answer.compare",
        "'string'",
        "text",
    ),
    "reply to calls": (
        lambda r: r["answer"].update(reply="Yes."),
        "answer",
        "at least one of slots",
        "`reply`",
    ),
    "nobody's": (
        lambda r: r.update(answer={"arguments": {}}),
        "answer.name",
        "is missing",
        '"name": "f"',
    ),
    "no slots": (
        lambda r: r.update(answer={"slots": []}),
        "answer.slots",
        "non-empty",
        "at least one",
    ),
    "blank slot": (
        lambda r: r.update(answer={"slots": [" "]}),
        "answer.slots[0]",
        "does not match",
        "A text",
    ),
    "boolean": (
        lambda r: r.update(answer={"slots": {"a": True}}),
        "answer.slots.a",
        "True is not",
        "says so",
    ),
    "no such slot": (
        lambda r: r.update(answer={"slots": {"a": 1}, "accept": {"$.b": [2]}}),
        "answer",
        "no such slot",
        "docs/rows.md",
    ),
    "slot path": (
        lambda r: r.update(answer={"slots": {"a": 1}, "accept": {"a": [2]}}),
        "answer.accept",
        "begin with $",
        "$.city",
    ),
    "reference": (
        lambda r: r.update(answer={"name": "weather", "arguments": {"city": "$var1.name$"}}),
        "answer",
        "$var1.name$ refers to a call",
        "write $$var1.name$",
    ),
}


@pytest.mark.parametrize(("change", "field", "reason", "remedy"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named(change, field, reason, remedy):
    with pytest.raises(RowError) as caught:
        parse_row(changed(change), "train.jsonl", 7)
    error = caught.value
    assert (error.path, error.line, error.field) == ("train.jsonl", 7, field)
    assert reason in error.reason
    assert remedy in error.reason + error.remedy
    assert str(error).startswith(f"train.jsonl, line 7: {field}: ")


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(answer=None),
        lambda r: r.update(tools=[], answer={"calls": []}),
        lambda r: r.update(answer={"calls": "any"}, id="r1", task="nested"),
        lambda r: r.update(answer={"names": ["weather"], "order": "sequence"}),
        lambda r: r.update(answer={"names": []}),
        lambda r: r.update(
            answer={"name": "weather", "arguments": {"city": "Paris"}, "compare": "text"}
        ),
        lambda r: r.update(
            answer={"name": "weather", "arguments": {}, "compare": {"$.city": "text"}}
        ),
        lambda r: r.update(
            answer={"slots": ["Paris", 12.5], "accept": {"$[1]": ["half past twelve"]}}
        ),
        lambda r: r.update(
            answer={"slots": {"city": "Paris"}, "also": [2], "avoid": ["Rome"], "reply": "Paris."}
        ),
        lambda r: r["messages"].append(
            {"role": "assistant", "content": None, "tool_calls": [{"function": {}}]}
        ),
        lambda r: r["tools"][0]["function"].update(strict=True, returns={"type": "object"}),
    ],
)
def test_every_documented_form_is_accepted(change):
    row = changed(change)
    assert parse_row(row).to_json() == row


def test_keys_of_the_caller_may_stand_beside():
    row = parse_row({**GOOD, "completion": "x"}, extra={"completion"})
    assert row.to_json() == GOOD
    with pytest.raises(RowError, match="completion: unknown key"):
        parse_row({**GOOD, "completion": "x"})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"messages": [', "is not JSON"),
        (b'{"answer": null, "answer": {"calls": []}}', "'answer' is given twice"),
        (b'{"answer": NaN}', "NaN"),
        (b'{"answer": 1e999}', "1e999"),
        (b'{"answer": "caf\xe9"}', "is not UTF-8"),
        (rb'{"answer": "\ud83d"}', "surrogate"),
        (b"[" * 100_000, "nested too deeply"),
        (b"9" * 5000, "digits"),
        (b"[]", "is not of type 'object'"),
    ],
)
def test_a_broken_line_names_file_and_line(tmp_path, line, reason):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b"\n\n" + line + b"\n")
    found = iter_rows(path)
    assert next(found).to_json() == GOOD
    with pytest.raises(RowError, match=reason) as caught:
        next(found)
    assert (caught.value.path, caught.value.line) == (str(path), 3)


def test_files_that_give_nothing(tmp_path):
    with pytest.raises(RowError, match=r"no\.jsonl: cannot be read: No such file"):
        read_rows(tmp_path / "no.jsonl")
    with pytest.raises(RowError, match="cannot be read"):
        read_rows(tmp_path)
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(RowError, match="holds no rows"):
        read_rows(tmp_path / "empty.jsonl")


def test_byte_order_mark_and_line_separators_are_no_trouble(tmp_path):
    path = tmp_path / "rows.jsonl"
    text = json.dumps({**GOOD, "id": "a\u2028b\x85c"}, ensure_ascii=False)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n")
    assert read_rows(path)[0].id == "a\u2028b\x85c"


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "out" / "rows.jsonl"
    row = parse_row(GOOD)
    write_rows(path, [row])

    def interrupted():
        yield row
        yield row
        raise KeyboardInterrupt

    for rows_that_fail in (
        interrupted(),
        [row, Row([], [], {"calls": float("nan")})],
        [Row([], [], None, id="\ud83d")],
    ):
        with pytest.raises((KeyboardInterrupt, ValueError)):
            write_rows(path, rows_that_fail)
        assert [file.name for file in path.parent.iterdir()] == ["rows.jsonl"]
        assert read_rows(path) == [row]


def test_surrogate_pairs_are_one_character():
    assert load_line(rb'"\ud83d\ude00"') == "\U0001f600"


def test_errors_travel_between_processes():
    error = RowError("rows.jsonl", 3, "answer", "is missing", "Write null.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def blocks(language):
    text = read_pages("rows.md", "granular.md")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", blocks("json"))
def test_the_examples_of_the_documentation_are_rows(block):
    value = load_line(block)
    row = value if value and "messages" in value else {**GOOD, "answer": value}
    assert parse_row(row).to_json() == row
    read_answer(json.dumps(row["answer"]))


def test_the_documentation_shows_a_real_message(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bad = changed(lambda row: call(row).update(acept={}))
    Path("my_rows.jsonl").write_text("\n" * 6 + json.dumps(bad))
    with pytest.raises(RowError) as caught:
        read_rows("my_rows.jsonl")
    assert f"{caught.value}\n" in blocks("text")


def test_the_python_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rlla_sft.json").write_text("[]")
    for block in blocks("python"):
        exec(compile(block, "docs/rows.md", "exec"), {})


def test_a_tool_that_cannot_be_used_is_found_when_its_row_is_read() -> None:
    tool = {
        "type": "function",
        "function": {"name": "f", "parameters": {"properties": {"a": {"pattern": "("}}}},
    }
    row = {"messages": [{"role": "user", "content": "f"}], "tools": [tool], "answer": None}
    with pytest.raises(RowError, match=r"rows.jsonl, line 3: tools: .*tool 'f'"):
        parse_row(row, "rows.jsonl", 3)


def test_a_row_knows_its_texts_and_its_answer() -> None:
    row = parse_row(deepcopy(GOOD))
    assert row.tools_text == json.dumps(GOOD["tools"])
    assert row.answer_text == json.dumps(GOOD["answer"])
    assert row.wanted is read_answer(row.answer_text) and row.wanted.has_gold
    assert row.tools_text is row.tools_text and row.answer_text is row.answer_text
    assert parse_row({**GOOD, "answer": None}).answer_text == "null"


def test_what_a_row_has_worked_out_is_no_part_of_it() -> None:
    fresh, used = parse_row(deepcopy(GOOD)), parse_row(deepcopy(GOOD))
    assert used.wanted and used.tools_text and used.answer_text
    assert used == fresh and pickle.dumps(used) == pickle.dumps(fresh)
    assert pickle.loads(pickle.dumps(used)) == fresh
    assert used.to_json() == fresh.to_json() and repr(used) == repr(fresh)
    other = replace(used, answer={"calls": []}, tools=[])
    assert (other.answer_text, other.tools_text) == ('{"calls": []}', "[]")
    assert other.wanted.calls == () and deepcopy(used) == copy(used) == fresh
    with pytest.raises(FrozenInstanceError):
        used.answer = None  # type: ignore[misc]
    with pytest.raises(TypeError, match="unhashable"):
        hash(used)


@pytest.mark.parametrize(
    ("messages", "requests"),
    [
        ([("system", "Be brief."), ("assistant", "Yes?")], []),
        ([("user", "One."), ("assistant", "1"), ("user", "Two.")], ["One.", "Two."]),
        ([("user", "One."), ("user", None), ("user", ""), ("user", [])], ["One."]),
        ([("user", [{"type": "text", "text": "On"}, {"type": "text", "text": "e."}])], ["One."]),
        ([("user", [{"type": "image_url", "image_url": {}}])], []),
        ([("user", ["text", {"type": "text", "text": 5}])], []),
    ],
)
def test_what_the_user_asks_for(messages: list[tuple[str, Any]], requests: list[str]) -> None:
    row = Row([{"role": role, "content": content} for role, content in messages], [], None)
    assert row.requests == requests
    assert row.last_request == (requests[-1] if requests else "")
