"""Pairs for DPO: a row, a completion that the verifier finds right, and one that it finds wrong.

    {"messages": [...], "tools": [...], "answer": {...}, "wire": "hermes",
     "chosen": "<tool_call>...", "rejected": "<tool_call>...",
     "kind": "wrong_type", "codes": ["wrong_type"], "reward": 0.8}

Made pairs set the row's gold against a negative of `rlcall.tasks.negatives`; sampled pairs set what
a model wrote rightly against what it wrote wrongly. `rlcall.samples.pair_files` reads and writes
their files, which docs/pairs.md describes.
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
from rlcall.tasks.negatives.gold import gold_of
from rlcall.verify import Verdict

SAMPLED = "sampled"
CHOICES = ("hardest", "random")
Choice = Literal["hardest", "random"]


@dataclass(frozen=True, slots=True)
class CompletionPair:
    """Two completions of one row, as text in `wire` without the end of turn.

    `kind` is one of NEGATIVES, or "sampled"; `codes` are the reason codes of the rejected one's
    verdict, `reward` is what it earns.
    """

    row: Row
    wire: str
    chosen: str
    rejected: str
    kind: str
    codes: tuple[str, ...] = ()
    reward: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the line of a pairs file."""
        return {
            **self.row.to_json(),
            "wire": self.wire,
            "chosen": self.chosen,
            "rejected": self.rejected,
            "kind": self.kind,
            "codes": list(self.codes),
            "reward": self.reward,
        }


@dataclass(frozen=True, slots=True)
class RightCompletion:
    """A completion that the verifier accepts, for SFT on a model's own (rejection sampling)."""

    row: Row
    wire: str
    completion: str

    def to_json(self) -> dict[str, Any]:
        """Return a line that `rlcall verify` reads too."""
        return {**self.row.to_json(), "wire": self.wire, "completion": self.completion}


@dataclass(frozen=True, slots=True)
class WrongCompletion:
    """A completion that the verifier does not accept, its reward, and its reason codes."""

    completion: str
    reward: float
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """The completions of one row, each text once, by the verifier's word.

    There are none where the row has no answer.
    """

    row: Row
    right: list[str]
    wrong: list[WrongCompletion]


def made_pairs(
    rows: Iterable[Row],
    wire: str,
    reward: Reward,
    seed: int,
    kinds: Sequence[str] | None = None,
    per_row: int = 1,
) -> tuple[list[CompletionPair], Counter[str]]:
    """Set each row's gold against `per_row` negatives of different kinds, drawn.

    Counts the rows left out, by reason.

    kinds: some of NEGATIVES, all if None. A row's pairs depend on the seed and its index alone.
    ValueError for an unknown kind.
    """
    pairs: list[CompletionPair] = []
    dropped: Counter[str] = Counter()
    kinds = list(NEGATIVES if kinds is None else kinds)
    for index, row in enumerate(rows):
        rng = Random(f"{seed} {index}")
        gold = gold_of(row, wire)
        if gold is None:
            dropped[f"no gold calls that {wire} can write"] += 1
        elif not label(row, [gold.text], wire, reward).right:
            dropped["the gold is wrong by the row's own answer"] += 1
        else:
            right = RightCompletion(row, wire, gold.text)
            of_row = list(islice(_against_gold(right, reward, rng, kinds), per_row))
            pairs += of_row
            if not of_row:
                dropped["no wrong completion of these kinds"] += 1
    return pairs, dropped


def label(row: Row, texts: Iterable[str], wire: str, reward: Reward) -> LabelledRow:
    """Tell the right completions of a row from the wrong ones."""
    labelled = LabelledRow(row, [], [])
    for text in dict.fromkeys(texts):
        verdict = reward.verify(text, row.tools_text, row.answer_text, wire)
        if verdict.correct:
            labelled.right.append(text)
        elif verdict.correct is False:
            earned = reward.score(verdict).reward or 0.0
            labelled.wrong.append(WrongCompletion(text, earned, codes_of(verdict)))
    return labelled


def sampled_pairs(
    labelled_rows: Iterable[LabelledRow], wire: str, seed: int, choice: Choice = "hardest"
) -> tuple[list[CompletionPair], Counter[str]]:
    """Set every right completion against a wrong one of its row.

    Counts the rows left out, by reason.

    hardest: the wrong one with the highest reward, drawn among equals; random: any of them.
    """
    pairs: list[CompletionPair] = []
    dropped: Counter[str] = Counter()
    for index, labelled in enumerate(labelled_rows):
        rng = Random(f"{seed} {index}")
        if not labelled.right and not labelled.wrong:
            dropped["no answer known"] += 1
        elif not labelled.wrong:
            dropped["all right"] += 1
        elif not labelled.right:
            dropped["all wrong"] += 1
        else:
            pool = labelled.wrong
            if choice == "hardest":
                highest = max(wrong.reward for wrong in pool)
                pool = [wrong for wrong in pool if wrong.reward == highest]
            for text in labelled.right:
                right = RightCompletion(labelled.row, wire, text)
                pairs.append(_pair(right, rng.choice(pool), SAMPLED))
    return pairs, dropped


def mixed(
    sampled: Sequence[CompletionPair], made: Sequence[CompletionPair], share: float, seed: int
) -> list[CompletionPair]:
    """Add made pairs, drawn, to the sampled ones until they are `share` of the result, in [0, 1).

    Fewer where there are not that many.
    """
    count = min(len(made), round(len(sampled) * share / (1 - share)))
    indices = sorted(Random(seed).sample(range(len(made)), count))
    return [*sampled, *(made[index] for index in indices)]


def codes_of(verdict: Verdict) -> tuple[str, ...]:
    """Return the reason codes of a verdict, each once."""
    return tuple(dict.fromkeys(error.code for error in verdict.errors))


def _against_gold(
    gold: RightCompletion, reward: Reward, rng: Random, kinds: Sequence[str]
) -> Iterator[CompletionPair]:
    """Pair the gold with one negative of each kind, in drawn order.

    Each is made when it is asked for.
    """
    for kind in rng.sample(kinds, len(kinds)):
        for negative in negatives(gold.row, gold.wire, rng, [kind]):
            for wrong in label(gold.row, [negative.completion], gold.wire, reward).wrong:
                yield _pair(gold, wrong, kind)


def _pair(right: RightCompletion, wrong: WrongCompletion, kind: str) -> CompletionPair:
    return CompletionPair(
        right.row,
        right.wire,
        chosen=right.completion,
        rejected=wrong.completion,
        kind=kind,
        codes=wrong.codes,
        reward=wrong.reward,
    )
