"""Requests for tools that bring no phrases: a general grammar over names and descriptions.

    phrases = Phrases("get_weather", "Gets the weather of a city.", {"city": "city"}, "train")
    phrases.say()[0]         # "get the weather of {city}"
    phrases.add("unit", "unit")     # ["with unit {unit}", ...]

`FORMS` holds the templates. No split has another's; what the user's own descriptions say is in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from rlcall.tasks.kinds import listed
from rlcall.tasks.own.words import clauses, name_words


@dataclass(frozen=True)
class Forms:
    """`{c}` is what the tool does; `{k}` a parameter and `{v}` its value; `{a}` all of them; `{f}` a result's name."""

    pair: tuple[str, ...]
    """One argument."""
    clause: tuple[str, ...]
    """The request: one form for each of `pair`, in their order."""
    inline: tuple[str, ...]
    """A value in the place of `a city` within the description's own words."""
    bare: tuple[str, ...]
    """A request without arguments; the first two are clauses."""
    sentence: tuple[str, ...]
    add: tuple[str, ...]
    """An optional argument."""
    named: tuple[str, ...]
    """A result, to be used or told."""


FORMS = {
    "train": Forms(
        pair=("{k} {v}", "{k} {v}", "{k}: {v}"),
        clause=("{c} with {a}", "{c} for {a}", "{c} ({a})"),
        inline=("{v}",),
        bare=("{c}", "{c} now"),
        sentence=("I want to {c}: {a}.", "Here is what I have: {a}. With that, {c}."),
        add=("with {k} {v}", "using {k} {v}"),
        named=("the {f} that you get if you {c} ({a})", "the {f} from this: {c} ({a})"),
    ),
    "validation": Forms(
        pair=("{k} is {v}", "{k} = {v}"),
        clause=("{c}, where {a}", "{c}; {a}"),
        inline=("the {k} {v}",),
        bare=("{c} right away", "{c} once more"),
        sentence=("Something to do: {c}. It is known that {a}.", "Given that {a}, you should {c}."),
        add=("where {k} is {v}", "provided that {k} is {v}"),
        named=("the {f} found when asked to {c} [{a}]", "whichever {f} results once you {c} [{a}]"),
    ),
    "test": Forms(
        pair=("{v} as {k}", "{k} being {v}"),
        clause=("{c}, taking {a}", "{c}, {a}"),
        inline=("this {k}, {v},",),
        bare=("{c} straight away", "{c} without delay"),
        sentence=(
            "The task is to {c}, and this is given: {a}.",
            "We have {a}; now it is time to {c}.",
        ),
        add=("taking {v} as {k}", "{k} being {v}"),
        named=(
            "what comes out as {f} after you {c} <{a}>",
            "the {f} produced by the step to {c} <{a}>",
        ),
    ),
}

# For rows in which nothing can be called: about no tool at all, so that hardly any tool could serve them.
IDLE = {
    "train": (
        "Thank you, that was all I needed.", "Good morning! How are you today?",
        "That made me laugh.", "What do you think makes a good friend?", "I had a long day.",
        "You have been very helpful so far.", "Tell me a short fairy tale about a fox.",
        "Why do people yawn?", "Write a haiku about autumn leaves.",
        "Explain to a child why the sky is blue.", "Which is the better pet, a cat or a dog?",
        "Do you ever get bored?", "What does the saying 'a stitch in time saves nine' mean?",
        "Cheer me up a little.",
    ),
    "validation": (
        "Thanks a lot, see you later.", "Hello there, nice to meet you.",
        "I am in a splendid mood this afternoon.", "What would you say is the meaning of courage?",
        "Make up a riddle about a candle.", "Describe the smell of fresh bread in two sentences.",
        "Are you a person or a program?", "Why do leaves fall in autumn?",
        "Help me to think of a kind word for my neighbour.",
    ),
    "test": (
        "Never mind, I found it myself.", "Hey, just saying hi.", "Well done, I am impressed.",
        "In your opinion, is it better to rise early or to stay up late?",
        "Invent a nickname for a sleepy turtle.",
        "What is the difference between a metaphor and a simile?",
        "Write two rhyming lines about rain.", "I feel a bit lonely this evening.",
        "How would you describe the colour red to somebody who cannot see?",
        "Convince me that mornings are wonderful.",
    ),
}  # fmt: skip

_ARTICLE = (
    r"(?:a|an|the|one|some|any)(?: (?:given|specific|specified|particular|certain|single|new))?"
)
_AFTER = r"(?= (?:of|on|in|for|from|to|into|by|with|at|and|or|using|between|through)\b|,|$)"


class Phrases:
    """The words of one tool: `needs` maps each required parameter to how it is called in a request."""

    def __init__(self, name: str, description: str, needs: Mapping[str, str], split: str) -> None:
        self.clauses = clauses(name, description)
        self.needs, self.forms = dict(needs), FORMS[split]

    def say(self) -> list[str]:
        """Requests that name everything the tool needs; at least two of them are clauses."""
        forms = self.forms
        if not self.needs:
            return [form.format(c=clause) for clause in self.clauses for form in forms.bare]
        pairs = [
            listed([_pair(form, k, words) for k, words in self.needs.items()])
            for form in forms.pair
        ]
        said = [self._inlined(form) for form in forms.inline]
        said += [
            form.format(c=clause, a=given)
            for clause in self.clauses
            for form, given in zip(forms.clause, pairs, strict=True)
        ]
        said += [form.format(c=self.clauses[0], a=pairs[0]) for form in forms.sentence]
        return list(dict.fromkeys(phrase for phrase in said if phrase))

    def vague(self, open_: Sequence[str]) -> list[str]:
        """Requests without one or more of the parameters in `open_`, which cannot be guessed."""
        forms, said = self.forms, []
        for left_out in [*map(list, combinations(open_, 1)), list(open_)] if open_ else []:
            kept = {name: words for name, words in self.needs.items() if name not in left_out}
            given = (
                listed([_pair(forms.pair[0], name, words) for name, words in kept.items()])
                if kept
                else ""
            )
            for clause in self.clauses:
                said += [
                    forms.clause[0].format(c=clause, a=given) if kept else form.format(c=clause)
                    for form in forms.bare
                ]
        return list(dict.fromkeys(said))

    def add(self, name: str, words: str) -> list[str]:
        """Words that give one optional argument."""
        return [_pair(form, name, words) for form in self.forms.add]

    def named(self, field: str) -> list[str]:
        """Noun phrases for a result over what the tool needs."""
        given = (
            listed([_pair(self.forms.pair[0], k, words) for k, words in self.needs.items()])
            if self.needs
            else ""
        )
        phrases = [
            form.format(f=name_words(field), c=self.clauses[0], a=given)
            for form in self.forms.named
        ]
        return (
            phrases if given else [re.sub(r" (?:\(\)|\[\]|<>)", "", phrase) for phrase in phrases]
        )

    def _inlined(self, form: str) -> str | None:
        """`get the weather of a city` -> `get the weather of {city}`, where that takes in all it needs."""
        clause = self.clauses[0]
        for name, words in self.needs.items():
            value = _pair(form, name, words)
            pattern = rf"\b{_ARTICLE} {re.escape(words)}{_AFTER}"
            clause, found = re.subn(pattern, lambda _: value, clause, count=1)  # noqa: B023
            if not found:
                return None
        return clause.replace(",,", ",").rstrip(",")


def _pair(form: str, name: str, words: str) -> str:
    return form.format(k=words, v="{" + name + "}")
