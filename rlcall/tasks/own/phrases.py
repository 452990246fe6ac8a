"""Requests for tools that bring no phrases: a general grammar over names and descriptions.

    phrases = Phrases("get_weather", "Gets the weather of a city.", {"city": "city"}, "train")
    phrases.say()[0]         # "get the weather of {city}"
    phrases.add("unit", "unit")     # ["with unit {unit}", ...]

`TEMPLATES` has those of each split, which no other has. The words of the user's own descriptions
are in all splits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rlcall.tasks.kinds import listed
from rlcall.tasks.own.words import clauses, name_words


@dataclass(frozen=True)
class PhraseTemplates:
    """The templates of one split.

    `{c}` is what the tool does; `{k}` a parameter and `{v}` its value; `{a}` all of them; `{f}` a
    result's name.
    """

    pair: tuple[str, ...]
    """One argument."""
    clause: tuple[str, ...]
    """The request: one template for each of `pair`, in their order."""
    inline: tuple[str, ...]
    """A value instead of `a city` within the description's own words."""
    bare: tuple[str, ...]
    """A request without arguments; the first two are clauses."""
    sentence: tuple[str, ...]
    add: tuple[str, ...]
    """An optional argument."""
    named: tuple[str, ...]
    """A result, to be used or told."""


TEMPLATES = {
    "train": PhraseTemplates(
        pair=("{k} {v}", "{k} {v}", "{k}: {v}"),
        clause=("{c} with {a}", "{c} for {a}", "{c} ({a})"),
        inline=("{v}",),
        bare=("{c}", "{c} now"),
        sentence=("I want to {c}: {a}.", "Here is what I have: {a}. With that, {c}."),
        add=("with {k} {v}", "using {k} {v}"),
        named=("the {f} that you get if you {c} ({a})", "the {f} from this: {c} ({a})"),
    ),
    "validation": PhraseTemplates(
        pair=("{k} is {v}", "{k} = {v}"),
        clause=("{c}, where {a}", "{c}; {a}"),
        inline=("the {k} {v}",),
        bare=("{c} right away", "{c} once more"),
        sentence=("Something to do: {c}. It is known that {a}.", "Given that {a}, you should {c}."),
        add=("where {k} is {v}", "provided that {k} is {v}"),
        named=("the {f} found when asked to {c} [{a}]", "whichever {f} results once you {c} [{a}]"),
    ),
    "test": PhraseTemplates(
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

# For rows in which nothing can be called: about no tool at all, so that hardly any tool could help.
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
_EMPTY_BRACKETS = re.compile(r" (?:\(\)|\[\]|<>)")


class Phrases:
    """The words of one tool: `needs` has each required parameter's name in a request."""

    def __init__(self, name: str, description: str, needs: Mapping[str, str], split: str) -> None:
        self.clauses = clauses(name, description)
        self.needs, self.templates = dict(needs), TEMPLATES[split]

    def say(self) -> list[str]:
        """Write requests that name everything the tool needs; at least two of them are clauses."""
        templates = self.templates
        if not self.needs:
            return [form.format(c=clause) for clause in self.clauses for form in templates.bare]
        arguments = [_arguments(pair, self.needs) for pair in templates.pair]
        phrases = [self._inlined(form) for form in templates.inline]
        for clause in self.clauses:
            for form, words in zip(templates.clause, arguments, strict=True):
                phrases.append(form.format(c=clause, a=words))
        for form in templates.sentence:
            phrases.append(form.format(c=self.clauses[0], a=arguments[0]))
        return [phrase for phrase in dict.fromkeys(phrases) if phrase]

    def vague(self, open_names: Sequence[str]) -> list[str]:
        """Write requests without one, or all, of these parameters, which cannot be guessed."""
        if not open_names:
            return []
        phrases = []
        for omitted in [*([name] for name in open_names), list(open_names)]:
            rest = {name: words for name, words in self.needs.items() if name not in omitted}
            for clause in self.clauses:
                if rest:
                    words = _arguments(self.templates.pair[0], rest)
                    phrases.append(self.templates.clause[0].format(c=clause, a=words))
                else:
                    phrases += [form.format(c=clause) for form in self.templates.bare]
        return list(dict.fromkeys(phrases))

    def add(self, name: str, words: str) -> list[str]:
        """Write words that give one optional argument."""
        return [_argument(form, name, words) for form in self.templates.add]

    def named(self, field: str) -> list[str]:
        """Write noun phrases for a result over what the tool needs."""
        words = _arguments(self.templates.pair[0], self.needs) if self.needs else ""
        phrases = []
        for form in self.templates.named:
            phrase = form.format(f=name_words(field), c=self.clauses[0], a=words)
            phrases.append(phrase if words else _EMPTY_BRACKETS.sub("", phrase))
        return phrases

    def _inlined(self, form: str) -> str | None:
        """Put slots into the description: `get the weather of a city` -> `... of {city}`.

        None where that does not take in all that the tool needs.
        """
        clause = self.clauses[0]
        for name, words in self.needs.items():
            pattern = re.compile(rf"\b{_ARTICLE} {re.escape(words)}{_AFTER}")
            match = pattern.search(clause)
            if match is None:
                return None
            slot = _argument(form, name, words)
            clause = clause[: match.start()] + slot + clause[match.end() :]
        return clause.replace(",,", ",").rstrip(",")


def _argument(form: str, name: str, words: str) -> str:
    """Write a parameter with a slot for its value: `from city {from_city}`."""
    return form.format(k=words, v="{" + name + "}")


def _arguments(form: str, names: Mapping[str, str]) -> str:
    return listed([_argument(form, name, words) for name, words in names.items()])
