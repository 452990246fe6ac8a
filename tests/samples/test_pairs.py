"""Pairs of a right and a wrong completion: made, sampled and mixed; their file; what is wrong
with a file."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall.cli.pairs import check_arguments, main, parser
from rlcall.data.rows import Row, RowError
from rlcall.reward import load_reward
from rlcall.samples.pair_files import read_pairs, read_right, write_lines
from rlcall.samples.pairs import (
    CompletionPair,
    LabelledRow,
    RightCompletion,
    WrongCompletion,
    label,
    made_pairs,
    mixed,
    sampled_pairs,
)
from rlcall.tasks import phone
from rlcall.tasks.negatives import NEGATIVES
from rlcall.tasks.negatives.gold import gold_of
from rlcall.verify import verify
from tests.support.docs import read_pages

REWARD = load_reward("graded")
ROWS = list(phone.generate(40, seed=2))
UNKNOWN = Row([{"role": "user", "content": "?"}], [], None)


def written(text: str, arguments: dict[str, Any]) -> str:
    return f"<tool_call>{json.dumps({'name': text, 'arguments': arguments})}</tool_call>"


RING = Row(
    [{"role": "user", "content": "Ring Anna."}],
    [
        {
            "type": "function",
            "function": {
                "name": "call",
                "parameters": {"type": "object", "properties": {"who": {}}},
            },
        }
    ],
    {"calls": [{"name": "call", "arguments": {"who": "Anna"}}]},
)
GRANULAR = Row([{"role": "user", "content": "Which?"}], RING.tools, {"names": ["call"]})
ANNA, BERTA, EMAIL = (
    written(*call) for call in (("call", {"who": "Anna"}), ("call", {"who": "B"}), ("email", {}))
)


def check(pair: CompletionPair) -> None:
    tools, answer = pair.row.tools, pair.row.answer
    assert verify(pair.chosen, tools, answer, wire=pair.wire).correct is True
    rejected = verify(pair.rejected, tools, answer, wire=pair.wire)
    assert rejected.correct is False and set(pair.codes) == {
        error.code for error in rejected.errors
    }
    assert (
        pair.reward == REWARD.score(REWARD.verify(pair.rejected, tools, answer, pair.wire)).reward
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    wire=st.sampled_from(["smollm2", "python", "hermes", "llama3"]),
    n=st.integers(1, 3),
)
def test_a_made_pair_is_the_gold_against_what_the_verifier_finds_wrong(
    seed: int, wire: str, n: int
) -> None:
    rows = list(phone.generate(4, seed=seed))
    pairs, dropped = made_pairs(rows, wire, REWARD, seed, per_row=n)
    assert not dropped
    for row in rows:
        own = [pair for pair in pairs if pair.row is row]
        kinds = [pair.kind for pair in own]
        assert 1 <= len(own) <= n and len(set(kinds)) == len(kinds) and set(kinds) <= set(NEGATIVES)
        assert {pair.chosen for pair in own} == {gold_of(row, wire).text}
    for pair in pairs:
        check(pair)
    assert made_pairs(rows, wire, REWARD, seed, per_row=n)[0] == pairs


def test_made_pairs_follow_the_seed_and_the_kinds() -> None:
    one, two = (made_pairs(ROWS, "hermes", REWARD, seed)[0] for seed in (1, 2))
    assert [pair.kind for pair in one] != [pair.kind for pair in two]
    pairs, dropped = made_pairs(
        ROWS, "hermes", REWARD, 1, kinds=["wrong_name", "malformed"], per_row=5
    )
    idle = sum(not row.answer["calls"] for row in ROWS)
    assert Counter(pair.kind for pair in pairs) == {
        kind: len(ROWS) - idle for kind in ("wrong_name", "malformed")
    }
    assert dropped == {"no wrong completion of these kinds": idle}
    with pytest.raises(ValueError, match="'typo'; there are: malformed"):
        made_pairs(ROWS, "hermes", REWARD, 1, kinds=["typo"])


def test_rows_without_a_usable_gold_are_left_out_and_counted() -> None:
    broken = Row(RING.messages, RING.tools, {"calls": [{"name": "hang_up", "arguments": {}}]})
    pairs, dropped = made_pairs([GRANULAR, UNKNOWN, broken, RING], "hermes", REWARD, 0)
    assert [pair.row for pair in pairs] == [RING]
    assert dropped == {
        "no gold calls that hermes can write": 2,
        "the gold is wrong by the row's own answer": 1,
    }


def test_each_text_is_labelled_once() -> None:
    labelled = label(RING, [ANNA, BERTA, ANNA, EMAIL, BERTA], "hermes", REWARD)
    assert labelled.right == [ANNA]
    assert [(wrong.completion, wrong.codes) for wrong in labelled.wrong] == [
        (BERTA, ("wrong_value",)),
        (EMAIL, ("unknown_tool", "wrong_name")),
    ]
    assert label(UNKNOWN, ["x", "y"], "hermes", REWARD) == LabelledRow(UNKNOWN, [], [])
    assert label(GRANULAR, ['["call"]', "g"], "hermes", REWARD).right == ['["call"]']


def test_every_right_one_meets_the_hardest_wrong_one() -> None:
    one = label(RING, [EMAIL, ANNA, BERTA, f"Sure: {ANNA}"], "hermes", REWARD)
    pairs, dropped = sampled_pairs([one], "hermes", seed=0)
    assert [(pair.chosen, pair.rejected) for pair in pairs] == [
        (ANNA, BERTA),
        (f"Sure: {ANNA}", BERTA),
    ]
    assert {pair.kind for pair in pairs} == {"sampled"} and not dropped
    for pair in pairs:
        check(pair)


def test_random_takes_any_wrong_one_and_equals_are_drawn() -> None:
    def chosen(choice: Any, *rewards: float) -> set[str]:
        wrong = [WrongCompletion(str(place), reward, ()) for place, reward in enumerate(rewards)]
        many = [LabelledRow(RING, ["right"], wrong)] * 40
        pairs = sampled_pairs(many, "hermes", 3, choice)[0]
        assert pairs == sampled_pairs(many, "hermes", 3, choice)[0] and len(pairs) == 40
        return {pair.rejected for pair in pairs}

    assert chosen("random", 0.1, 0.9, 0.5) == {"0", "1", "2"}
    assert chosen("hardest", 0.1, 0.9, 0.5) == {"1"}
    assert chosen("hardest", 0.9, 0.9, 0.5) == {"0", "1"}


def test_prompts_with_one_label_only_are_dropped_and_counted() -> None:
    texts = [(RING, [ANNA]), (RING, [BERTA, EMAIL]), (UNKNOWN, ["a", "b"])]
    labelled = [label(row, some, "hermes", REWARD) for row, some in texts]
    assert sampled_pairs(labelled, "hermes", 0) == (
        [],
        {"all right": 1, "all wrong": 1, "no answer known": 1},
    )


@settings(deadline=None)
@given(
    sampled=st.integers(0, 60),
    made=st.integers(0, 60),
    share=st.floats(0, 0.99),
    seed=st.integers(0, 9),
)
def test_a_mixture_has_the_share_of_made_pairs_as_far_as_there_are_any(
    sampled: int, made: int, share: float, seed: int
) -> None:
    ours, theirs = ([CompletionPair(RING, "hermes", ANNA, str(n), kind) for n in range(size)] for kind, size in
                    (("sampled", sampled), ("wrong_name", made)))  # fmt: skip
    both = mixed(ours, theirs, share, seed)
    taken = both[sampled:]
    assert both[:sampled] == ours and len({pair.rejected for pair in taken}) == len(taken)
    assert all(pair in theirs for pair in taken) and both == mixed(ours, theirs, share, seed)
    if len(taken) < made:
        assert abs(len(taken) - share * len(both)) <= 1


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    pairs = made_pairs(ROWS, "python", REWARD, 1, per_row=2)[0]
    path = tmp_path / "new" / "pairs.jsonl"
    write_lines(path, pairs)
    assert read_pairs(str(path), "python") == pairs
    right = [RightCompletion(pair.row, pair.wire, pair.chosen) for pair in pairs]
    write_lines(path, right)
    assert read_right(str(path), "python") == right
    from rlcall.cli.verify import main as verify_main

    path.write_text(path.read_text().replace('"wire": "python", ', ""))
    assert (
        verify_main([str(path), "--wire", "python", "--out", str(tmp_path / "verdicts.jsonl")]) == 0
    )
    verdicts = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert len(verdicts) == len(right) and all(verdict["correct"] for verdict in verdicts)


BROKEN = {
    "type": "function",
    "function": {"name": "call", "parameters": {"properties": {"who": {"minimum": "x"}}}},
}
AGAINST_THE_META_SCHEMA = {
    "type": "function",
    "function": {"name": "call", "parameters": {"properties": {"who": {"description": 5}}}},
}
GOOD = {**RING.to_json(), "wire": "hermes", "chosen": ANNA, "rejected": BERTA}


def test_a_pair_of_ones_own_needs_no_more_than_its_texts(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    unknown = {
        **UNKNOWN.to_json(),
        "wire": "hermes",
        "chosen": "polite",
        "rejected": "rude",
        "kind": "tone",
    }
    path.write_text(f"{json.dumps(GOOD)}\n\n{json.dumps(unknown)}\n")
    mine, judged = read_pairs(str(path), "hermes")
    assert (mine.kind, mine.codes, mine.reward) == ("given", ("wrong_value",), None)
    assert (judged.chosen, judged.kind) == ("polite", "tone"), (
        "where no answer is known, the file is believed"
    )


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"rejected": ANNA}, "rejected", "the same as chosen"),
        ({"chosen": BERTA}, "chosen", "is wrong by the row's own answer (wrong_value"),
        ({"rejected": f"Sure: {ANNA}"}, "rejected", "is right by the row's own answer"),
        ({"chosen": None}, "chosen", "is not text"),
        ({"rejected": {"role": "assistant"}}, "rejected", "is not text"),
        ({"wire": "hermess"}, "wire", "'hermess' is not a wire format"),
        ({"wire": "python"}, "wire", "is python, but this run writes hermes. Set `wire: python`"),
        ({"wire": None}, "wire", "is not text"),
        ({"chosne": ANNA}, "chosne", "unknown key"),
        ({"tools": [BROKEN]}, "tools", "'x' is not a number"),
        ({"tools": [AGAINST_THE_META_SCHEMA]}, "tools", "rlcall check shows all such rows"),
        ({"answer": {"calls": 3}}, "answer", "3"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(
    tmp_path: Path, change: dict[str, Any], field: str, reason: str
) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in (GOOD, {**GOOD, **change})) + "\n")
    with pytest.raises(RowError) as caught:
        read_pairs(str(path), "hermes")
    assert f"pairs.jsonl, line 2: {field}" in str(caught.value) and reason in str(caught.value)


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    for text, reason in (("\n", "holds no rows"), ("[1]\n", "line 1"), ('{"messages"', "cut off")):
        path.write_text(text)
        with pytest.raises(RowError, match=reason):
            read_pairs(str(path), "hermes")
    with pytest.raises(RowError, match="cannot be read"):
        read_pairs(str(tmp_path / "none.jsonl"), "hermes")
    path.write_text(json.dumps({**RING.to_json(), "wire": "hermes", "completion": BERTA}))
    with pytest.raises(RowError, match="line 1: completion: is wrong by the row's own answer"):
        read_right(str(path), "hermes")


def test_the_command_makes_pairs_and_counts_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, again = tmp_path / "pairs.jsonl", tmp_path / "again.jsonl"
    argv = [
        "phone",
        "--n",
        "40",
        "--seed",
        "2",
        "--wire",
        "hermes",
        "--kinds",
        "wrong_name",
        "wrong_count",
    ]
    assert main([*argv, "--out", str(path)]) == 0
    printed = capsys.readouterr().out
    pairs = read_pairs(str(path), "hermes")
    kinds = Counter(pair.kind for pair in pairs)
    assert [pair.row for pair in pairs] == ROWS and set(kinds) == {"wrong_name", "wrong_count"}
    assert (
        "rows: 40, 40 of them with pairs" in printed
        and f"wrong_count {kinds['wrong_count']}" in printed
    )
    assert main([*argv, "--out", str(again)]) == 0 and again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["phone", "--n", "4", "--wire", "hermes"], "give --out, --right or both"),
        (["phone", "--n", "4", "--out", "{out}"], "--wire is needed without a model"),
        (["phone", "--n", "4", "--wire", "hermes", "--right", "{out}"], "give --model"),
        (["phone", "--wire", "hermes", "--out", "{out}"], "say how many"),
        (["none.jsonl", "--wire", "hermes", "--out", "{out}"], "none.jsonl: cannot be read"),
        (
            ["phone", "--n", "4", "--wire", "hermes", "--out", "{out}", "--rewards", "no_such"],
            "no_such",
        ),
        (
            ["phone", "--n", "4", "--wire", "hermes", "--out", "{out}", "--kinds", "typo"],
            "invalid choice: 'typo'",
        ),
        (
            ["phone", "--n", "4", "--wire", "hermes", "--out", "{out}", "--made-share", "1"],
            "from 0 to below 1",
        ),
        (
            ["phone", "--n", "4", "--wire", "hermes", "--out", "{out}", "--url", "http://x"],
            "--url needs --model",
        ),
        (
            ["phone", "--n", "4", "--model", "m", "--out", "{out}", "--temperature", "0"],
            "give --samples 1",
        ),
        (
            ["phone", "--n", "4", "--model", "/no/such", "--out", "{out}"],
            "model '/no/such' was not found",
        ),
        (
            [
                "phone",
                "--n",
                "4",
                "--wire",
                "hermes",
                "--out",
                "{out}",
                "--rows-options",
                "{{phrasing: 2}}",
            ],
            "phrasings",
        ),
        (["bfcl:x", "--wire", "hermes", "--out", "{out}"], "bfcl is a benchmark"),
        (
            ["{granular}", "--wire", "hermes", "--out", "{out}"],
            "gives no pairs: rows: 1, 0 of them",
        ),
    ],
)
def test_a_mistake_in_the_call_is_one_clear_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str], message: str
) -> None:
    out, granular = tmp_path / "pairs.jsonl", tmp_path / "granular.jsonl"
    granular.write_text(json.dumps(GRANULAR.to_json()) + "\n")
    try:
        status = main([part.format(out=out, granular=granular) for part in argv])
    except SystemExit as exit:
        status = exit.code
    assert status == 2 and message in capsys.readouterr().err and not out.exists()


def test_the_pages_example_is_a_pair(tmp_path: Path) -> None:
    page = read_pages("pairs.md")
    example = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps(example))
    (pair,) = read_pairs(str(path), "smollm2")
    check(pair)
    assert pair.to_json() == example
    for command in re.findall(r"^rlcall pairs (.*)$", page, re.MULTILINE):
        check_arguments(parser().parse_args(command.split()))
