"""Closeness of tools, by the words of their names and descriptions.

words = [{"get", "weather", "city"}, {"get", "forecast", "city"}, {"send", "email"}]
near = Closeness(words, ["get weather", "get forecast", "send email"])
near.like(0)         # [1]: the indices of those that tool 0 is easily taken for
apart(near)          # [([0, 1], []), ([2], [])]: each world's tools, and the first tools of its kin
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rlcall.tasks.own.words import content, name_words
from rlcall.tasks.world import WorldTool

RIVAL = 0.6  # from here on one tool may do what the other does
TOPIC = 0.85  # the mean distance within a world, at most
LIKE = 3  # look-alikes of a tool, at most


class Closeness:
    """Jaccard's index of the tools' words: how many they share, of all that either has.

    `index` and `rivals` are square arrays, a row and a column for each tool.
    """

    def __init__(self, words: Sequence[frozenset[str]], names: Sequence[str]) -> None:
        shared = _shared_counts(words)
        sizes = np.diag(shared)
        either = sizes[:, None] + sizes[None, :] - shared
        self.index = shared / np.maximum(either, 1)  # tools without words are close to none
        self.rivals = self.index >= RIVAL
        name_sets = [frozenset(name.split()) for name in names]
        for first, second in zip(*np.nonzero(self.index > 0), strict=True):
            if name_sets[first] <= name_sets[second]:  # `get weather`, `get weather forecast`
                self.rivals[first, second] = self.rivals[second, first] = True
        np.fill_diagonal(self.rivals, False)

    def like(self, tool: int) -> list[int]:
        """List the closest tools that are no rivals, closest first."""
        similar = []
        for other in np.argsort(-self.index[tool], kind="stable"):
            if other != tool and not self.rivals[tool, other] and self.index[tool, other] > 0:
                similar.append(int(other))
        return similar[:LIKE]

    def topics(self) -> list[list[int]]:
        """Put the tools into groups of one topic each."""
        if len(self.index) < 2:
            return [list(range(len(self.index)))]
        # Imported here: `rlcall tasks --help` need not wait for them.
        from scipy.cluster.hierarchy import fcluster, linkage
        from scipy.spatial.distance import squareform

        distance = 1 - self.index
        np.fill_diagonal(distance, 0)
        labels = fcluster(linkage(squareform(distance, checks=False), "average"), TOPIC, "distance")
        groups: dict[int, list[int]] = {}
        for tool, label in enumerate(labels):
            groups.setdefault(int(label), []).append(tool)
        return list(groups.values())


def _shared_counts(words: Sequence[frozenset[str]]) -> Any:
    """Count the words that each two tools share, as a square array; on the diagonal, their own."""
    from scipy.sparse import csr_matrix

    vocabulary: dict[str, int] = {}
    rows, columns = [], []
    for row, tool_words in enumerate(words):
        for word in tool_words:
            rows.append(row)
            columns.append(vocabulary.setdefault(word, len(vocabulary)))
    # A sparse matrix of tools by words: a thousand tools have thousands of words, and few each.
    shape = (len(words), max(1, len(vocabulary)))
    has: Any = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    return (has @ has.T).toarray()


def closeness_of(tools: Sequence[WorldTool]) -> Closeness:
    """Compare tools by their names and descriptions."""
    return Closeness(
        [content(tool.name, tool.description) for tool in tools],
        [name_words(tool.name) for tool in tools],
    )


def apart(near: Closeness) -> list[tuple[list[int], list[int]]]:
    """Return worlds as (tools, the first tool of each kin world).

    Each is of one topic, and holds no rivals. There is one world of all tools where some world
    would have no other that is not its kin.
    """
    worlds = [world for topic in near.topics() for world in _without_rivals(topic, near)]
    pairs = []
    for world in worlds:
        others = [other for other in worlds if other is not world]
        kin = [other[0] for other in others if near.rivals[np.ix_(world, other)].any()]
        pairs.append((world, kin))
        if len(kin) == len(others):
            return [(list(range(len(near.index))), [])]
    return pairs


def _without_rivals(topic: Sequence[int], near: Closeness) -> list[list[int]]:
    """Divide a topic: each tool goes into the first world in which it has no rival."""
    worlds: list[list[int]] = []
    for tool in topic:
        for world in worlds:
            if not near.rivals[tool, world].any():
                world.append(tool)
                break
        else:
            worlds.append([tool])
    return worlds
