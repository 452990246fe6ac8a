"""Pairs for DPO: a row, a completion that the verifier finds right, and one that it finds wrong.

    {"messages": [...], "tools": [...], "answer": {...}, "wire": "hermes",
     "chosen": "<tool_call>...", "rejected": "<tool_call>...",
     "kind": "wrong_type", "codes": ["wrong_type"], "reward": 0.8}

Made pairs set the row's gold against a negative of `rlcall.tasks.negatives`; sampled pairs set what a model wrote
rightly against what it wrote wrongly. `rlcall.samples.pair_files` reads and writes their files, which docs/pairs.md describes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any, Literal

from rlcall.data.rows import Row
from rlcall.reward import Reward
from rlcall.tasks.negatives import NEGATIVES, negatives
from rlcall.tasks.negatives.right import right_of
from rlcall.verify import Verdict

SAMPLED = "sampled"
CHOICES = ("hardest", "random")
Choice = Literal["hardest", "random"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two completions of one row, as text in `wire` without the end of turn, and what the rejected one is.

    `kind` is one of NEGATIVES, or "sampled"; `codes` are the reason codes of its verdict, `reward` what it earns.
    """

    row: Row
    wire: str
    chosen: str
    rejected: str
    kind: str
    codes: tuple[str, ...] = ()
    reward: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The line of a pairs file."""
        texts = {"wire": self.wire, "chosen": self.chosen, "rejected": self.rejected}
        return {
            **self.row.to_json(),
            **texts,
            "kind": self.kind,
            "codes": list(self.codes),
            "reward": self.reward,
        }


@dataclass(frozen=True, slots=True)
class Right:
    """A completion that the verifier accepts, for SFT on what a model wrote itself (rejection sampling)."""

    row: Row
    wire: str
    completion: str

    def to_json(self) -> dict[str, Any]:
        """A line that `rlcall verify` reads too."""
        return {**self.row.to_json(), "wire": self.wire, "completion": self.completion}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A completion that the verifier does not accept, what it earns, and why it is wrong."""

    completion: str
    reward: float
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """What was written for one row, each text once, by the verifier's word. Both are empty where nothing is known."""

    row: Row
    right: list[str]
    wrong: list[Wrong]


def made_pairs(
    rows: Iterable[Row],
    wire: str,
    reward: Reward,
    seed: int,
    kinds: Sequence[str] | None = None,
    per_row: int = 1,
) -> tuple[list[Pair], Counter[str]]:
    """Each row's gold against `per_row` negatives of different kinds, drawn; and the rows left out, by reason.

    kinds: some of NEGATIVES, all if None. A row's pairs depend on the seed and its place alone. ValueError for an
    unknown kind.
    """
    pairs: list[Pair] = []
    dropped: Counter[str] = Counter()
    kinds = list(NEGATIVES if kinds is None else kinds)
    for place, row in enumerate(rows):
        rng = Random(f"{seed} {place}")
        right = right_of(row, wire)
        if right is None:
            dropped[f"no gold calls that {wire} can write"] += 1
        elif not label(row, [right.text], wire, reward).right:
            dropped["the gold is wrong by the row's own answer"] += 1
        elif drawn := list(
            islice(_against_gold(Right(row, wire, right.text), reward, rng, kinds), per_row)
        ):
            pairs += drawn
        else:
            dropped["no wrong completion of these kinds"] += 1
    return pairs, dropped


def label(row: Row, texts: Iterable[str], wire: str, reward: Reward) -> Labelled:
    """Tell the right completions of a row from the wrong ones."""
    labelled = Labelled(row, [], [])
    tools, answer = row.tools_text, row.answer_text
    for text in dict.fromkeys(texts):
        verdict = reward.verify(text, tools, answer, wire)
        if verdict.correct:
            labelled.right.append(text)
        elif verdict.correct is False:
            labelled.wrong.append(
                Wrong(text, reward.score(verdict).reward or 0.0, codes_of(verdict))
            )
    return labelled


def sampled_pairs(
    labelled: Iterable[Labelled], wire: str, seed: int, choice: Choice = "hardest"
) -> tuple[list[Pair], Counter[str]]:
    """Every right completion against a wrong one of its row; and the rows left out, by reason.

    hardest: the wrong one with the highest reward, drawn among equals; random: any of them.
    """
    pairs: list[Pair] = []
    dropped: Counter[str] = Counter()
    for place, one in enumerate(labelled):
        rng = Random(f"{seed} {place}")
        if not (one.right and one.wrong):
            dropped[
                "all right" if one.right else "all wrong" if one.wrong else "no answer known"
            ] += 1
            continue
        best = max(wrong.reward for wrong in one.wrong)
        pool = [wrong for wrong in one.wrong if choice == "random" or wrong.reward == best]
        for chosen in one.right:
            pairs.append(_pair(Right(one.row, wire, chosen), rng.choice(pool), SAMPLED))
    return pairs, dropped


def mixed(sampled: Sequence[Pair], made: Sequence[Pair], share: float, seed: int) -> list[Pair]:
    """All the sampled pairs, and as many of the made ones, drawn, as make up `share` of the whole, in [0, 1).

    Fewer where there are not so many.
    """
    wanted = min(len(made), round(len(sampled) * share / (1 - share)))
    places = sorted(Random(seed).sample(range(len(made)), wanted))
    return [*sampled, *(made[place] for place in places)]


def _against_gold(
    right: Right, reward: Reward, rng: Random, kinds: Sequence[str]
) -> Iterator[Pair]:
    """The gold against one negative of each kind, in drawn order; each is made when it is asked for."""
    for kind in rng.sample(kinds, len(kinds)):
        for negative in negatives(right.row, right.wire, rng, [kind]):
            for wrong in label(right.row, [negative.completion], right.wire, reward).wrong:
                yield _pair(right, wrong, kind)


def _pair(right: Right, wrong: Wrong, kind: str) -> Pair:
    return Pair(
        right.row, right.wire, right.completion, wrong.completion, kind, wrong.codes, wrong.reward
    )


def codes_of(verdict: Verdict) -> tuple[str, ...]:
    """The reason codes of a verdict, each once."""
    return tuple(dict.fromkeys(error.code for error in verdict.errors))
