"""Negatives: every one is wrong, for the reason that its kind names, and in no other respect."""

from collections import Counter, defaultdict
from random import Random

import pytest

from rlcall import wire
from rlcall.calls import Call, Reference, references
from rlcall.data.rows import Row
from rlcall.tasks.negatives import NEGATIVES, REASONS, negatives
from rlcall.tasks.negatives.gold import gold_of
from rlcall.verifier.codes import CODES
from rlcall.verifier.values import canonical
from rlcall.verify import verify
from tests.support.sources import each_source, rows_of

KINDS = list(NEGATIVES)


def test_eight_kinds_with_reasons_from_the_closed_list():
    assert REASONS.keys() == NEGATIVES.keys() and len(NEGATIVES) == 8
    assert all(code in CODES for codes in REASONS.values() for code in codes)


@each_source
def test_every_negative_is_wrong_for_the_reason_of_its_kind_in_every_wire_format(source):
    found = defaultdict(Counter)
    for place, form in enumerate(wire.NAMES):
        for row in rows_of(source)[place :: 2 * len(wire.NAMES)]:
            for negative in negatives(row, form, Random(row.id)):
                verdict = verify(negative.completion, row.tools, row.answer, wire=form)
                assert verdict.correct is False, (form, row.id, negative)
                assert verdict.has(*REASONS[negative.kind]), (
                    form,
                    row.id,
                    negative,
                    verdict.errors,
                )
                if negative.kind in ONLY:
                    assert ONLY[negative.kind](gold(row), list(verdict.calls)), (
                        form,
                        row.id,
                        negative,
                    )
                found[form][negative.kind] += 1
    assert found.keys() == set(wire.NAMES)
    for form, kinds in found.items():
        assert kinds.keys() >= set(KINDS) - {"wrong_type"}, (form, kinds)


def gold(row):
    return row.wanted.gold_calls()


def pairs(due, made):
    """The calls by position, where one alone is not as it should be; None otherwise."""
    if len(due) != len(made):
        return None
    differing = [(a, b) for a, b in zip(due, made, strict=True) if shown(a) != shown(b)]
    return differing[0] if len(differing) == 1 else None


def shown(call):
    return call.name, canonical(call.arguments)


def another_name(due, made):
    one, other = pairs(due, made)
    return one.name != other.name and canonical(one.arguments) == canonical(other.arguments)


def a_parameter_less(due, made):
    one, other = pairs(due, made)
    (gone,) = one.arguments.keys() - other.arguments.keys()
    return shown(Call(one.name, {**other.arguments, gone: one.arguments[gone]})) == shown(one)


def a_parameter_more(due, made):
    one, other = pairs(due, made)
    added, gone = (
        other.arguments.keys() - one.arguments.keys(),
        one.arguments.keys() - other.arguments.keys(),
    )
    return one.name == other.name and len(added) == 1 and len(gone) <= 1


def another_value(due, made):
    one, other = pairs(due, made)
    return one.name == other.name and one.arguments.keys() == other.arguments.keys()


def another_count(due, made):
    return len(due) != len(made) and abs(len(due) - len(made)) == 1


ONLY = {
    "wrong_name": another_name,
    "missing_parameter": a_parameter_less,
    "unknown_parameter": a_parameter_more,
    "wrong_type": another_value,
    "wrong_value": another_value,
    "wrong_count": another_count,
}


@pytest.mark.parametrize("form", ["hermes", "python", "smollm2", "glm4"])
@pytest.mark.parametrize("source", ["phone", "worlds"])
def test_generated_rows_have_every_kind(source, form):
    for row in rows_of(source)[:60]:
        made = [negative.kind for negative in negatives(row, form, Random(0))]
        calls = (row.answer or {}).get("calls")
        written = calls is not None and wire.get(form).can_render(gold(row), row.tools)
        if not calls or not written:
            assert made == (["wrong_count"] if written else [])
        else:
            assert made == [kind for kind in KINDS if kind != "wrong_type" or has_typed_value(row)]


def has_typed_value(row):
    """A value that can be of a wrong type: in an enum that is `not_in_enum`; no reference can."""
    schemas = {
        tool["function"]["name"]: tool["function"]["parameters"]["properties"] for tool in row.tools
    }
    return any(
        not isinstance(value, Reference) and "enum" not in schemas[call.name][key]
        for call in gold(row)
        for key, value in call.arguments.items()
    )


def tool(name, required, **properties):
    schema = {"type": "object", "properties": properties, "required": required}
    return {
        "type": "function",
        "function": {"name": name, "description": "It does.", "parameters": schema},
    }


TEXT = {"type": "string"}
BOOK = tool(
    "book_room",
    ["day", "time", "guests"],
    day={"type": "string", "format": "date"},
    time=TEXT,
    guests={"type": "integer"},
    view={"type": "string", "enum": ["garden", "sea side"]},
    quiet={"type": "boolean"},
)
FIND = tool("find_room", ["city"], city=TEXT)
STAY = {"day": "2026-05-04", "time": "07:30", "guests": 2, "view": "garden", "quiet": True}
STEPS = [
    {"name": "find_room", "arguments": {"city": "Rome"}, "label": "var1"},
    {"name": "book_room", "arguments": {**STAY, "time": "$var1.time$"}, "label": "var2"},
]


def asked(calls, tools=(BOOK, FIND), **answer):
    return Row(
        [{"role": "user", "content": "A room in Rome for 3 nights."}],
        list(tools),
        {"calls": calls, **answer},
        "r",
    )


def drawn(kind, row, form="hermes", seeds=400):
    """Everything that a kind makes of a row, as calls where it holds calls."""
    made = [negatives(row, form, Random(seed), [kind]) for seed in range(seeds)]
    return {negative.completion for [negative] in made}


def arguments(kind, key, row=None):
    texts = drawn(kind, row or asked([{"name": "book_room", "arguments": STAY}]))
    calls = [wire.parse(text, [BOOK, FIND], "hermes").calls[0] for text in texts]
    return [call.arguments[key] for call in calls if key in call.arguments]


@pytest.mark.parametrize(
    ("kind", "key", "mistakes"),
    [
        ("wrong_value", "day", {"2026-05-05", "2026-05-03", "2026-04-05", "2025-05-04"}),
        ("wrong_value", "time", {"19:30", "08:30"}),
        ("wrong_value", "guests", {3, 1, 20}),
        ("wrong_value", "view", {"sea side", "GARDEN", "Garden"}),
        ("wrong_value", "quiet", {False}),
        ("wrong_type", "guests", {"2"}),
        ("wrong_type", "quiet", {"true"}),
    ],
)
def test_mistakes_are_those_that_models_make(kind, key, mistakes):
    assert {canonical(mistake) for mistake in mistakes} <= {
        canonical(value) for value in arguments(kind, key)
    }


def test_names_are_a_neighbours_or_misspelt():
    texts = drawn("wrong_name", asked([{"name": "book_room", "arguments": STAY}]))
    names = {wire.parse(text, [], "hermes").calls[0].name for text in texts}
    assert {"find_room", "bookRoom", "book", "room"} <= names and "book_room" not in names


def test_wrappers_are_another_formats_or_prose():
    texts = drawn("wrong_wrapper", asked([{"name": "find_room", "arguments": {"city": "Rome"}}]))
    assert any(text.startswith("Sure!") for text in texts)
    assert any("```json" in text for text in texts)
    assert "[find_room(city='Rome')]" in texts
    assert not any(
        verify(text, [BOOK, FIND], {"calls": STEPS[:1]}, wire="hermes").correct for text in texts
    )


def test_references_go_wrong_too():
    texts = drawn("wrong_value", asked(STEPS), "nestful")
    parsed = [wire.parse(text, [BOOK, FIND], "nestful").calls for text in texts]
    seen = {str(reference) for calls in parsed for _, reference in references(calls[1].arguments)}
    assert {"$var1$", "$var1.result$"} <= seen
    assert any(isinstance(calls[1].arguments["time"], str) for calls in parsed)


def test_what_the_row_accepts_is_no_mistake():
    call = {
        "name": "find_room",
        "arguments": {"city": "Rome"},
        "accept": {"$.city": ["Roma", "ROME"]},
    }
    cities = [text for text in drawn("wrong_value", asked([call], (FIND,)))]
    assert cities and not any('"Roma"' in text or '"ROME"' in text for text in cities)
    either = {**call, "optional": ["$.city"], "compare": {"$.city": "ignore"}}
    free = asked([either], (tool("find_room", [], city=TEXT),))
    assert negatives(free, "hermes", Random(0), ["wrong_value", "missing_parameter"]) == []


def test_where_no_call_is_due_one_is_made():
    texts = drawn("wrong_count", asked([]))
    names = {wire.parse(text, [BOOK, FIND], "hermes").calls[0].name for text in texts}
    assert names == {"book_room", "find_room"}
    assert [negative.kind for negative in negatives(asked([]), "hermes", Random(0))] == [
        "wrong_count"
    ]


def test_the_only_call_left_out_is_an_abstention():
    assert "[]" in drawn("wrong_count", asked(STEPS[:1]))


def test_the_same_seed_gives_the_same_and_others_differ():
    for row in rows_of("phone")[:40]:
        assert negatives(row, "smollm2", Random(1)) == negatives(row, "smollm2", Random(1))
    one = next(row for row in rows_of("phone") if row.answer["calls"])
    for kind in KINDS:
        assert len(drawn(kind, one, "smollm2", 40)) >= 2, kind


def test_rows_that_say_of_no_call_what_is_right_have_none():
    for answer in (None, {"calls": "any"}, {"names": ["book_room"]}):
        row = Row([{"role": "user", "content": "Hi"}], [BOOK], answer)
        assert gold_of(row, "hermes") is None and negatives(row, "hermes", Random(0)) == []
    odd = asked([{"name": "find_room", "arguments": {"city": "<escape>"}}])
    assert negatives(odd, "functiongemma", Random(0)) == []


def test_unknown_kinds_and_formats_are_refused():
    row = asked(STEPS[:1])
    with pytest.raises(ValueError, match="'wrong'; there are: malformed"):
        negatives(row, "hermes", Random(0), ["wrong"])
    for form, message in (("auto", "name the run's"), ("none", "no wire format 'none'")):
        with pytest.raises(ValueError, match=message):
            negatives(row, form, Random(0))
