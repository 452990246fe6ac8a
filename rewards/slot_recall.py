"""Response generation: the share of the answer's slots that the reply holds, held / due.

The verifiable part of Granite's response generation, which Abdelaziz et al. (2024, arXiv
2407.00121) measure by ROUGE and BERTScore. Recall alone pays for saying everything: the gate
no_surplus is what makes that costly.
"""

from rlcall.verify import Verdict


def slot_recall(verdict: Verdict) -> float | None:
    return verdict.overlap.recall if verdict.overlap and verdict.due == "slots" else None
