"""Which tools are alike, by the words of their names and descriptions.

near = Closeness([{"get", "weather", "city"}, {"get", "forecast", "city"}, {"send", "email"}], names)
near.like(0)         # [1]: the places of those that it is easily taken for
apart(near)          # [([0, 1], []), ([2], [])]: the tools of each world, and the first tools of its kin
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_matrix
from scipy.spatial.distance import squareform

from rlcall.tasks.own.words import content, name_words
from rlcall.tasks.world import WorldTool

RIVAL = 0.6  # from here on one tool may do what the other does
TOPIC = 0.85  # the mean distance within a world, at most
LIKE = 3  # look-alikes of a tool, at most


class Closeness:
    """Jaccard's index of the tools' words: how many they share, of all that either has."""

    def __init__(self, words: Sequence[frozenset[str]], names: Sequence[str]) -> None:
        vocabulary = {
            word: column
            for column, word in enumerate(sorted({word for one in words for word in one}))
        }
        pairs = [(row, vocabulary[word]) for row, one in enumerate(words) for word in one]
        rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
        has: Any = csr_matrix(
            (np.ones(len(pairs)), (rows, columns)), shape=(len(words), max(1, len(vocabulary)))
        )
        shared = (has @ has.T).toarray()
        sizes = np.diag(shared)
        self.index = shared / np.maximum(sizes[:, None] + sizes[None, :] - shared, 1)
        self.rivals = self.index >= RIVAL
        by_name = [frozenset(name.split()) for name in names]
        for one, other in zip(*np.nonzero(self.index > 0), strict=True):
            if by_name[one] <= by_name[other]:  # `get weather` and `get weather forecast`
                self.rivals[one, other] = self.rivals[other, one] = True
        np.fill_diagonal(self.rivals, False)

    def like(self, place: int) -> list[int]:
        """The closest tools that are no rivals, closest first."""
        order = np.argsort(-self.index[place], kind="stable")
        fitting = (
            int(other) for other in order if other != place and not self.rivals[place, other]
        )
        return [other for other in fitting if self.index[place, other] > 0][:LIKE]

    def topics(self) -> list[list[int]]:
        """The tools in groups of one topic each."""
        if len(self.index) < 2:
            return [list(range(len(self.index)))]
        distance = 1 - self.index
        np.fill_diagonal(distance, 0)
        labels = fcluster(linkage(squareform(distance, checks=False), "average"), TOPIC, "distance")
        groups: dict[int, list[int]] = {}
        for place, label in enumerate(labels):
            groups.setdefault(int(label), []).append(place)
        return list(groups.values())


def closeness_of(tools: Sequence[WorldTool]) -> Closeness:
    """The closeness of tools by their names and descriptions."""
    return Closeness(
        [content(tool.name, tool.description) for tool in tools],
        [name_words(t.name) for t in tools],
    )


def apart(near: Closeness) -> list[tuple[list[int], list[int]]]:
    """Worlds as (tools, the first tool of each kin world): one topic each, and no rivals in one world.

    One world of all tools where some world would have no other that is not its kin.
    """
    worlds = [world for topic in near.topics() for world in _without_rivals(topic, near)]
    kin = [
        [
            number
            for number, other in enumerate(worlds)
            if other is not world and near.rivals[np.ix_(world, other)].any()
        ]
        for world in worlds
    ]
    if any(len(own) + 1 == len(worlds) for own in kin):
        return [(list(range(len(near.index))), [])]
    return [
        (world, [worlds[number][0] for number in own])
        for world, own in zip(worlds, kin, strict=True)
    ]


def _without_rivals(topic: Sequence[int], near: Closeness) -> list[list[int]]:
    """The tools of a topic, each put into the first world in which it has no rival."""
    worlds: list[list[int]] = []
    for place in topic:
        free = (world for world in worlds if not near.rivals[place, world].any())
        if (world := next(free, None)) is None:
            worlds.append([place])
        else:
            world.append(place)
    return worlds
