"""Pairs that a data set gives: the reply that was chosen against the one that was rejected.

    pairs, dropped = given_pairs(preferences, "hermes", reward)
    # [CompletionPair(row, "hermes", chosen="<tool_call>...", rejected="No idea.", kind="given")]

Both are verified: a pair is left out where the row's own answer finds the chosen reply wrong, or
the rejected one right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rlcall import wire as wires
from rlcall.calls import Call
from rlcall.data.gold import render_calls
from rlcall.data.reading.messages import functions_of
from rlcall.data.reading.preferences import PreferenceRow
from rlcall.reward import Reward
from rlcall.samples.pairs import CompletionPair, label

GIVEN = "given"


def given_pairs(
    rows: Iterable[PreferenceRow], wire: str, reward: Reward
) -> tuple[list[CompletionPair], Counter[str]]:
    """Pair the replies of preferences, written in a wire format. Counts those left out, by reason.

    ValueError where there is no such format.
    """
    pairs = []
    dropped: Counter[str] = Counter()
    for row in rows:
        chosen, rejected = _text(row.chosen, row, wire), _text(row.rejected, row, wire)
        if chosen is None or rejected is None:
            dropped[f"calls that {wire} cannot write"] += 1
        elif not label(row, [chosen], wire, reward).right:
            dropped["the chosen reply is wrong by the row's own answer"] += 1
        elif not (wrong := label(row, [rejected], wire, reward).wrong):
            dropped["the rejected reply is right by the row's own answer"] += 1
        else:
            codes, earned = wrong[0].codes, wrong[0].reward
            pairs.append(CompletionPair(row, wire, chosen, rejected, GIVEN, codes, earned))
    return pairs, dropped


def _text(message: Mapping[str, Any], row: PreferenceRow, wire: str) -> str | None:
    """Return a reply as a completion: its calls in the wire format, or its words."""
    calls = [Call(function["name"], function["arguments"]) for function in functions_of(message)]
    if calls:
        return render_calls(calls, wires.get(wire), row.tools)
    content = message.get("content") or ""
    if isinstance(content, list):
        return "".join(part["text"] for part in content)
    return str(content)
