"""Attacks on a reward, as a policy would find them: one small function each, in one table.

    for attack in ATTACKS:
        for forgery in attack.forge(row, gold, Random(0)):
            ...     # score it, and hold the reward to PROPERTIES[attack.tests]

A new attack is one function in one of these files and one line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nextafter

from rlcall.audit.attacks import (
    granular,
    mending,
    negative,
    no_call,
    nothing,
    right,
    surplus,
    wrong,
)
from rlcall.audit.attacks.forgery import Forge, Forgery, Gold

__all__ = ["ATTACKS", "PROPERTIES", "Attack", "Forgery", "Gold", "RewardProperty"]


@dataclass(frozen=True, slots=True)
class RewardProperty:
    """A property that a reward must keep, as a sentence, and the bounds that it leaves to an
    attack.

    They are bounds of the reward; where `falls`, of its fall from one completion to the next.
    """

    text: str
    lowest: float = 0.0
    highest: float = 1.0
    falls: bool = False

    def allows(self, reached: float) -> bool:
        return self.lowest <= reached <= self.highest

    def is_further(self, reached: float, other: float) -> bool:
        """Return whether an attack that reached this got further than with the other."""
        return reached < other if self.lowest == 1.0 else reached > other

    @property
    def allowed(self) -> str:
        """The bounds in words."""
        if self.falls:
            return "no fall"
        if self.lowest == self.highest:
            return f"{self.lowest:g}"
        return "below 1" if self.highest == BELOW_ONE else f"at most {self.highest:g}"


BELOW_ONE = nextafter(1.0, 0.0)
ROUNDING = 1e-9  # a sum of floats depends on their order
PROPERTIES = {
    "right": RewardProperty(
        "the right answer earns exactly 1.0 in every wire format that can write it", 1.0
    ),
    "order": RewardProperty(
        "the order of independent calls and the names of labels do not matter", 1.0
    ),
    "surplus": RewardProperty("one surplus call costs at least half, wherever it is", highest=0.5),
    "junk": RewardProperty("the right answer with 20 junk calls earns at most 0.1", highest=0.1),
    "nothing": RewardProperty(
        "garbage and the empty string earn 0 where a call is due", highest=0.0
    ),
    "abstain": RewardProperty("abstaining earns 1.0 where no call is due", 1.0),
    "not due": RewardProperty("any call earns 0 where none is due", highest=0.0),
    "wrong": RewardProperty("what is not the right answer earns less than 1.0", highest=BELOW_ONE),
    "mending": RewardProperty(
        "mending a field never lowers the reward", highest=ROUNDING, falls=True
    ),
}

CALLS, ANY, NONE = "calls", "any", "none"
NAMES, NO_NAMES, ARGUMENTS, SLOTS = "names", "no names", "arguments", "slots"
GRANULAR = (NAMES, NO_NAMES, ARGUMENTS, SLOTS)


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack: its name, the property that it tests, its function, and what its rows ask for."""

    name: str
    tests: str
    forge: Forge
    due: tuple[str, ...] = (CALLS,)


ATTACKS = (
    Attack("right answer, every wire format", "right", right.in_every_format, (CALLS, ANY)),
    Attack("right answer, as a message", "right", right.as_message, (CALLS, ANY)),
    Attack("right answer after reasoning", "right", right.after_reasoning, (CALLS, ANY, *GRANULAR)),
    Attack(
        "arguments in another order", "right", right.arguments_reordered, (CALLS, ANY, ARGUMENTS)
    ),
    Attack("calls in another order", "order", right.calls_reordered, (CALLS, NAMES)),
    Attack("labels renamed", "order", right.labels_renamed),
    Attack("one junk call", "surplus", surplus.one_junk_call, (CALLS, ANY, NAMES)),
    Attack("one call twice", "surplus", surplus.one_duplicate, (CALLS, ANY, NAMES)),
    Attack("every other tool as well", "surplus", surplus.every_tool, (CALLS, ANY, NAMES)),
    Attack("junk in a second block", "surplus", surplus.second_block, (CALLS, ANY)),
    Attack("junk before a closing tag", "surplus", surplus.junk_before_a_closing_tag, (CALLS, ANY)),
    Attack("junk in another wire format", "surplus", surplus.block_in_another_format, (CALLS, ANY)),
    Attack("a nested bomb beside it", "surplus", surplus.bomb_beside, (CALLS, ANY)),
    Attack("20 junk calls", "junk", surplus.twenty_junk_calls, (CALLS, ANY, NAMES)),
    Attack("one call 20 times more", "junk", surplus.twenty_duplicates, (CALLS, ANY, NAMES)),
    Attack("empty", "nothing", nothing.empty, (CALLS, ANY, *GRANULAR)),
    Attack("garbage", "nothing", nothing.garbage, (CALLS, ANY, NAMES)),
    Attack("prompt echoed", "nothing", nothing.echoed_prompt, (CALLS, ANY, NAMES, ARGUMENTS)),
    Attack(
        "right answer inside reasoning",
        "nothing",
        nothing.inside_reasoning,
        (CALLS, ANY, *GRANULAR),
    ),
    Attack(
        "right answer quoted in prose",
        "nothing",
        nothing.inside_prose,
        (CALLS, ANY, NAMES, ARGUMENTS),
    ),
    Attack("no such tool", "nothing", nothing.no_such_tool, (CALLS, ANY, NAMES)),
    Attack("empty name, or no text", "nothing", nothing.name_of_another_type, (CALLS, ANY)),
    Attack("nested bomb", "nothing", nothing.nested_bomb, (CALLS, ANY)),
    Attack("tools echoed", "wrong", wrong.echoed_tools, (CALLS, ANY, NAMES, ARGUMENTS, SLOTS)),
    Attack("answers for the result", "wrong", wrong.answer_after, (CALLS, ANY)),
    Attack("truncated", "wrong", wrong.truncated, (CALLS, ANY, NAMES, NO_NAMES, ARGUMENTS)),
    Attack("undeclared arguments", "wrong", wrong.undeclared_arguments, (CALLS, ANY, ARGUMENTS)),
    Attack("only the names", "wrong", wrong.no_arguments, (CALLS, ARGUMENTS)),
    Attack("calls left out", "wrong", wrong.calls_left_out, (CALLS, NAMES)),
    Attack("other values", "wrong", wrong.other_values, (CALLS, ARGUMENTS)),
    Attack("thoughts in names", "wrong", wrong.thoughts_in_names),
    Attack("thoughts in values", "wrong", wrong.thoughts_in_values, (CALLS, ARGUMENTS)),
    Attack("another value deep inside", "wrong", wrong.nested_value, (CALLS, ARGUMENTS)),
    Attack("types confused", "wrong", wrong.confused_types, (CALLS, ARGUMENTS)),
    Attack("huge numbers and strings", "wrong", wrong.huge_values),
    Attack("right answer of another row", "wrong", wrong.of_another_row, (CALLS, NAMES)),
    Attack("labels dangling", "wrong", wrong.dangling_labels),
    Attack("labels swapped", "wrong", wrong.swapped_labels),
    Attack("literals for references", "wrong", wrong.literals_for_references),
    Attack("sequence reversed", "wrong", wrong.sequence_reversed, (CALLS, NAMES)),
    Attack("a mistake of each kind", "wrong", negative.of_each_kind),
    Attack("another number of calls", "wrong", negative.of_another_count),
    Attack("mended field by field", "mending", mending.field_by_field, (CALLS, NAMES, ARGUMENTS)),
    Attack("abstaining", "abstain", no_call.abstaining, (NONE,)),
    Attack("a call in every wire format", "not due", no_call.call_in_every_format, (NONE,)),
    Attack("a call in prose", "not due", no_call.call_in_prose, (NONE,)),
    Attack("a call before a closing tag", "not due", no_call.call_before_a_closing_tag, (NONE,)),
    Attack("a broken call", "not due", no_call.broken_call, (NONE,)),
    Attack("a call to another tool", "not due", no_call.call_to_another_tool, (NONE,)),
    Attack("right answer, in each writing", "right", granular.right_in_each_writing, GRANULAR),
    Attack("right answer in another form", "nothing", granular.in_another_form, GRANULAR),
    Attack("a garbage reply", "nothing", granular.garbage_reply, (SLOTS,)),
    Attack("any name", "not due", granular.any_name, (NO_NAMES,)),
    Attack("slots left out", "wrong", granular.slots_left_out, (SLOTS,)),
    Attack("one more detail", "surplus", granular.one_more_detail, (SLOTS,)),
    Attack("a thousand numbers", "junk", granular.a_thousand_numbers, (SLOTS,)),
    Attack("a padded reply", "junk", granular.padded, (SLOTS,)),
)
