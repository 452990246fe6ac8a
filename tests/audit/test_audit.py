"""The audit catches rewards that can be cheated, and passes the shipped ones on generated and on
real rows."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rlcall.audit import audit, sample_rows
from rlcall.audit.attacks import ATTACKS, PROPERTIES
from rlcall.audit.attacks.perturb import by_position, relabelled, reordered
from rlcall.audit.cases import SAMPLES, AttackCase, attack_cases
from rlcall.audit.finding import RewardFinding
from rlcall.audit.run import attack_all
from rlcall.calls import Call, Reference
from rlcall.data.readers import bfcl, nestful, toolrl
from rlcall.data.rows import Row, read_rows
from rlcall.reward import Reward, load_reward
from rlcall.rules.load import Rule
from rlcall.verify import WEIGHTS, Verdict
from tests.support.docs import read_pages
from tests.support.readings import parted

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("RLCALL_TEST_DATA", ROOT.parent / "shared" / "data"))
real_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"no data at {DATA}; set RLCALL_TEST_DATA")
both = pytest.mark.parametrize("preset", ["graded", "strict"])


@cache
def sample() -> list[AttackCase]:
    return attack_cases(sample_rows())[0]


@cache
def every_kind() -> list[AttackCase]:
    return attack_cases(read_rows(SAMPLES))[0]


def failed(findings: list[RewardFinding]) -> set[str]:
    return {finding.attack for finding in findings if not finding.ok}


def explain(findings: list[RewardFinding]) -> list[Any]:
    return [
        (f.attack, f.reached, f.row, f.error, str(f.completion)[:500]) for f in findings if not f.ok
    ]


# The shipped presets


@both
def test_shipped_presets_keep_every_property_on_the_sample(preset: str) -> None:
    findings = attack_all(load_reward(preset), sample())
    assert not explain(findings)
    assert [finding.attack for finding in findings if not finding.tried] == []


def bfcl_rows() -> list[Row]:
    tasks = map(
        json.loads, (DATA / "completions" / "tasks.jsonl").read_text(encoding="utf-8").splitlines()
    )
    return [
        Row(task["messages"], task["tools"], bfcl.answer_of(task["answers"]), task["id"])
        for task in tasks
    ]


def nestful_rows() -> list[Row]:
    files = sorted((DATA / "nestful").glob("*-data.json"))
    return [row for path in files for row in parted(nestful.read(str(path)))[0]]


def toolrl_rows() -> list[Row]:
    return parted(toolrl.read(str(DATA / "toolrl" / "rlla_sft.json")))[0]


# rows, wire format, and how many answers are not right under their own tools
REAL: dict[str, tuple[Callable[[], list[Row]], str, int]] = {
    "bfcl": (bfcl_rows, "auto", 8),
    "nestful": (nestful_rows, "auto", 0),
    "toolrl": (toolrl_rows, "auto", 0),
}


@real_data
@both
@pytest.mark.parametrize("source", REAL)
def test_shipped_presets_keep_every_property_on_real_rows(source: str, preset: str) -> None:
    read, wire, _ = REAL[source]
    rows = read()
    found, _ = attack_cases(rows[:: len(rows) // 25], wire)
    assert len(found) >= 25
    assert not explain(attack_all(load_reward(preset), found, wire))


@pytest.mark.slow
@real_data
@both
@pytest.mark.parametrize("source", REAL)
def test_shipped_presets_keep_every_property_on_all_real_rows(source: str, preset: str) -> None:
    read, wire, wrong = REAL[source]
    found, aside = attack_cases(read(), wire)
    assert aside.total() == wrong
    assert not explain(attack_all(load_reward(preset), found, wire))


# Rewards that can be cheated, or are broken, and the attacks that bring it out


def planted(rule: Rule, **others: float) -> Reward:
    rules = {name: load_reward({name: 1.0}).rules[name] for name in others}
    return Reward({"planted": rule, **rules}, {"planted": 1.0, **others})


def pays_for_names(verdict: Verdict) -> float | None:
    if verdict.due == "none":
        return float(not verdict.surplus)
    return float(verdict.share("name") == 1.0 and not verdict.surplus)


def ignores_surplus(verdict: Verdict) -> float | None:
    if verdict.due == "none":
        return float(not verdict.surplus)
    return verdict.share("values") if verdict.due == "calls" else verdict.share("types")


def reads_the_first_call_only(verdict: Verdict) -> float | None:
    if verdict.due == "none":
        return float(not verdict.surplus)
    return float(
        any(pair.emitted == 0 and pair.grade and pair.grade.is_right for pair in verdict.pairs)
    )


def pays_for_the_format(verdict: Verdict) -> float | None:
    return 1.0 if verdict.correct else 0.2 if verdict.calls and verdict.due != "none" else 0.0


def never_looks(verdict: Verdict) -> float | None:
    return 1.0


def pays_for_silence(verdict: Verdict) -> float | None:
    return 1.0 if verdict.correct or not verdict.calls else 0.0


def takes_true_for_one(verdict: Verdict) -> float | None:
    if not isinstance(verdict.answer.calls, tuple) or verdict.surplus:
        return float(bool(verdict.correct))
    wanted = [(call.name, call.arguments) for call in verdict.answer.calls]
    return float(
        bool(verdict.correct) or [(call.name, call.arguments) for call in verdict.calls] == wanted
    )


def wants_the_order_of_the_answer(verdict: Verdict) -> float | None:
    order = [pair.emitted for pair in verdict.pairs if pair.emitted is not None]
    return float(bool(verdict.correct) and order == sorted(order))


def wants_its_own_labels(verdict: Verdict) -> float | None:
    return float(
        bool(verdict.correct)
        and all((call.label or "var").startswith("var") for call in verdict.calls)
    )


def wants_one_wire_format(verdict: Verdict) -> float | None:
    return float(bool(verdict.correct) and (verdict.due == "none" or verdict.wire == "hermes"))


def forgives_one_call_where_none_is_due(verdict: Verdict) -> float | None:
    return 0.5 if verdict.due == "none" and verdict.surplus == 1 else float(bool(verdict.correct))


def pays_less_for_nearly_right(verdict: Verdict) -> float | None:
    if verdict.due != "calls" or verdict.correct or not verdict.share("name") or verdict.surplus:
        return float(bool(verdict.correct))
    return 0.5 - 0.4 * (verdict.share("values") or 0.0)


CHEATABLE: list[tuple[Rule, set[str]]] = [
    (
        pays_for_names,
        {
            "only the names",
            "other values",
            "types confused",
            "labels swapped",
            "huge numbers and strings",
        },
    ),
    (
        ignores_surplus,
        {"one junk call", "one call twice", "20 junk calls", "junk in a second block"},
    ),
    (
        reads_the_first_call_only,
        {"calls left out", "one junk call", "20 junk calls", "one call 20 times more"},
    ),
    (pays_for_the_format, {"no such tool"}),
    (
        never_looks,
        {
            "empty",
            "garbage",
            "prompt echoed",
            "truncated",
            "a call in every wire format",
            "nested bomb",
        },
    ),
    (
        pays_for_silence,
        {"empty", "garbage", "right answer inside reasoning", "right answer quoted in prose"},
    ),
    (takes_true_for_one, {"types confused"}),
    (wants_the_order_of_the_answer, {"calls in another order"}),
    (wants_its_own_labels, {"labels renamed"}),
    (wants_one_wire_format, {"right answer, every wire format"}),
    (
        forgives_one_call_where_none_is_due,
        {"a call in every wire format", "a call in prose", "a broken call"},
    ),
    (pays_less_for_nearly_right, {"mended field by field"}),
]


def pays_for_recall(verdict: Verdict) -> float | None:
    return verdict.overlap.recall if verdict.overlap else None


def pays_for_precision(verdict: Verdict) -> float | None:
    return verdict.overlap and verdict.overlap.right / max(verdict.overlap.given, 1)


def ignores_the_order(verdict: Verdict) -> float | None:
    return verdict.overlap and verdict.overlap.f1 * 0.5**verdict.surplus


def takes_any_form(verdict: Verdict) -> float | None:
    if verdict.overlap is None:
        return None
    return 1.0 if verdict.has("wrong_form") else verdict.overlap.f1 * float(bool(verdict.correct))


def pays_for_silence_or_names(verdict: Verdict) -> float | None:
    return (
        None
        if verdict.due != "names"
        else 1.0
        if verdict.correct or not verdict.answer.names
        else 0.0
    )


GRANULAR: list[tuple[Rule, set[str]]] = [
    (
        pays_for_recall,
        {
            *(
                "one junk call",
                "every other tool as well",
                "20 junk calls",
                "one call 20 times more",
            ),
            *("undeclared arguments", "one more detail", "a thousand numbers", "a padded reply"),
        },
    ),
    (pays_for_precision, {"calls left out", "slots left out"}),
    (ignores_the_order, {"sequence reversed"}),
    (
        takes_any_form,
        {
            "empty",
            "garbage",
            "right answer in another form",
            "right answer inside reasoning",
            "truncated",
        },
    ),
    (pays_for_silence_or_names, {"any name", "empty"}),
]


@pytest.mark.parametrize(
    ("rule", "caught"), GRANULAR, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_reward_for_granular_answers_that_can_be_cheated_is_caught(
    rule: Rule, caught: set[str]
) -> None:
    findings = attack_all(
        planted(rule), [case for case in every_kind() if case.gold.answer.granular]
    )
    assert caught <= failed(findings)
    assert all(finding.error is None for finding in findings)


@pytest.mark.parametrize(
    ("rule", "caught"), CHEATABLE, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_reward_that_can_be_cheated_is_caught(rule: Rule, caught: set[str]) -> None:
    findings = attack_all(planted(rule), every_kind())
    assert caught <= failed(findings)
    assert all(finding.error is None for finding in findings)


def test_the_finding_holds_the_completion_that_got_furthest() -> None:
    (found,) = (
        f for f in attack_all(planted(ignores_surplus), every_kind()) if f.attack == "20 junk calls"
    )
    assert found.reached == 1.0 and found.failed == found.tried > 0
    case = next(case for case in every_kind() if case.name == found.row)
    verdict = load_reward("graded").verify(
        found.completion, case.row.tools_text, case.row.answer_text
    )
    assert verdict.surplus == 20


def test_only_what_a_reward_lacks_is_reported() -> None:
    assert failed(attack_all(load_reward({"correct": 1.0}), sample())) == {"answers for the result"}
    no_gate = load_reward({**WEIGHTS, "abstains": 1.0}, gates=["parses"])
    found = [f for f in attack_all(no_gate, sample()) if not f.ok]
    assert {f.tests for f in found} == {"surplus", "junk", "wrong"}
    assert {f.attack for f in found if f.tests == "wrong"} == {"another number of calls"}


def raises(verdict: Verdict) -> float | None:
    return float(verdict.calls[0].name == verdict.calls[0].name)


def divides_by_zero(verdict: Verdict) -> float | None:
    return 1.0 if verdict.correct else len(verdict.errors) / len(verdict.calls)


def gives_nan(verdict: Verdict) -> float | None:
    return 1.0 if verdict.correct else float("nan")


def goes_above_one(verdict: Verdict) -> float | None:
    return 1.0 if verdict.correct else 1.0 + len(verdict.errors)


def applies_where_it_likes(verdict: Verdict) -> float | None:
    return float(bool(verdict.correct)) if verdict.calls else None


BROKEN = [
    (raises, "empty", "IndexError"),
    (divides_by_zero, "empty", "ZeroDivisionError"),
    (gives_nan, "types confused", "returned nan"),
    (goes_above_one, "types confused", "a rule returns a float in [0, 1]"),
    (applies_where_it_likes, "empty", "must depend on the row alone: planted"),
]


@pytest.mark.parametrize(
    ("rule", "attack", "said"), BROKEN, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_rule_that_breaks_its_contract_is_a_finding(rule: Rule, attack: str, said: str) -> None:
    (finding,) = (f for f in attack_all(planted(rule), every_kind()) if f.attack == attack)
    assert not finding.ok and finding.reached is None
    assert finding.error is not None and said in finding.error


def test_a_reward_that_does_not_apply_is_not_tried() -> None:
    findings = attack_all(load_reward({"abstains": 1.0}), every_kind())
    assert {finding.tests for finding in findings if finding.tried} == {"abstain", "not due"}


# The attacks and the rows


def test_the_table_names_each_attack_once_and_tests_every_property() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 15
    assert {attack.tests for attack in ATTACKS} == set(PROPERTIES)


def test_the_same_rows_give_the_same_findings() -> None:
    first, second = (audit(load_reward("toolrl"), sample_rows()[-14:]) for _ in range(2))
    assert [finding.to_json() for finding in first] == [finding.to_json() for finding in second]


TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}}},
}


@pytest.mark.parametrize(
    ("answer", "wire", "said"),
    [
        (None, "auto", "nothing is known of its calls"),
        ({"names": ["g"]}, "auto", "(unknown_tool)"),
        ({"name": "f", "arguments": {"a": "x"}}, "auto", "(wrong_type)"),
        ({"slots": ["Rome"], "reply": "It is Bern."}, "auto", "(missing_slot)"),
        ({"calls": [{"name": "f", "arguments": {"a": "x"}}]}, "auto", "(wrong_type)"),
        ({"calls": [{"name": "g", "arguments": {}}]}, "auto", "(unknown_tool)"),
        (
            {"calls": [{"name": "f", "arguments": {"a": "</parameter>"}}]},
            "qwen3_coder",
            "can write its answer",
        ),
        (
            {"calls": [{"name": "f", "arguments": {"a": 1}, "accept": {"$[": [2]}}]},
            "auto",
            "cannot be used",
        ),
    ],
)
def test_rows_that_cannot_be_attacked_are_counted_with_the_reason(
    answer: Any, wire: str, said: str
) -> None:
    found, aside = attack_cases([Row([{"role": "user", "content": "?"}], [TOOL], answer)], wire)
    assert not found
    ((reason, count),) = aside.items()
    assert said in reason and count == 1


def test_calls_are_relabelled_with_the_references_to_them() -> None:
    def chain(first: str, second: str) -> list[Call]:
        return [Call("f", {}, first), Call("g", {"x": [Reference(first, ("id",))]}, second)]

    assert relabelled(chain("a", "b"), {"a": "b", "b": "a"}) == chain("b", "a")
    assert by_position(chain("a", "b")) == chain("var1", "var2")


def test_a_circle_of_calls_has_no_order() -> None:
    with pytest.raises(ValueError, match="circle"):
        reordered(
            [Call("f", {"x": Reference("b")}, "a"), Call("f", {"x": Reference("a")}, "b")], None
        )  # type: ignore[arg-type]


# The page


def test_the_page_lists_what_toolrl_fails_and_every_attack() -> None:
    lines = read_pages("audit.md", "attacks.md", "evidence/audit.md").splitlines()
    findings = attack_all(load_reward("toolrl"), sample())
    assert {line.split(" | ")[0].strip("| ") for line in lines} >= {
        finding.attack for finding in findings
    }
    assert {line[7:38].strip() for line in lines if line.startswith("FAILS")} == failed(findings)
    count = Counter(PROPERTIES[finding.tests].text for finding in findings if not finding.ok)
    said = {f"fails  {text}: {number} attack{'s' * (number > 1)}" for text, number in count.items()}
    assert {line for line in lines if line.startswith("fails")} == said
