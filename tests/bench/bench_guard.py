"""What the guard costs per completion: shipped rules, one foreign rule more in place, and the same
in its process.

python -m tests.bench.bench_guard

Real work per completion is one verification; the rule itself gives a share of the verdict. Medians
of nine rounds, interleaved, over batches of the sizes that a rank scores at a step.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rlcall.reward import Reward, load_reward
from rlcall.tasks import phone
from rlcall.verify import Verdict

ROUNDS = 9
SOURCE = "def foreign(verdict):\n    return verdict.share('values')\n"


def verdicts(count: int) -> list[Verdict]:
    reward = load_reward("graded")
    rows = list(phone.generate(count, seed=0))
    written = [json.dumps(row.answer["calls"]) for row in rows]
    return [
        reward.verify(text, row.tools, row.answer) for text, row in zip(written, rows, strict=True)
    ]


def rewards(folder: Path) -> dict[str, Reward]:
    (folder / "rules.py").write_text(SOURCE)
    shipped = dict.fromkeys(
        ("name", "parameters", "types", "values", "nesting", "chaining", "abstains"), 1.0
    )
    foreign = f"{folder}/rules.py:foreign"
    return {
        "shipped rules": load_reward(shipped),
        "and a foreign one in place": load_reward(
            {**shipped, foreign: {"weight": 1.0, "in_process": True}}
        ),
        "and a foreign one in its process": load_reward({**shipped, foreign: 1.0}),
    }


def microseconds(work: Callable[[], object], count: int) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) / count * 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = rewards(Path(folder))
        for size in (1, 16, 64, 512):
            batch = verdicts(size)
            taken: dict[str, list[float]] = {name: [] for name in found}
            for _ in range(ROUNDS):
                for name, reward in found.items():
                    taken[name].append(microseconds(lambda r=reward, b=batch: r.score_all(b), size))  # type: ignore[misc]
            for name, times in taken.items():
                low, middle, high = min(times), statistics.median(times), max(times)
                print(f"| {size} | {name} | {middle:.0f} ({low:.0f} to {high:.0f}) |")


if __name__ == "__main__":
    main()
