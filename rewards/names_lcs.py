"""Names in their order, where the row asks for one: 2 LCS / (|due| + |given|).

LCS is the length of the longest common subsequence. Granite measures names by LCS and F1
(Abdelaziz et al. 2024, arXiv 2407.00121); the form is that of ROUGE-L with precision and recall
weighted equally (Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries").
"""

from collections.abc import Sequence

from rlcall.verify import Verdict


def names_lcs(verdict: Verdict) -> float | None:
    if verdict.overlap is None or verdict.due != "names" or verdict.answer.order == "any":
        return None
    return verdict.overlap._replace(right=_longest_common(verdict.answer.names, verdict.names)).f1


def _longest_common(due: Sequence[str], emitted: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, by rows of the usual table."""
    row = [0] * (len(emitted) + 1)
    for name in due:
        above, row = row, [0]
        for column, other in enumerate(emitted):
            if name == other:
                row.append(above[column] + 1)
            else:
                row.append(max(above[column + 1], row[column]))
    return row[-1]
