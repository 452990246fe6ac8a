"""The cost of the completions behind a file: `pairs.jsonl.cost.json` next to `pairs.jsonl`.

write_cost(Path("pairs.jsonl"), SamplingCost(completions=256, seconds=127.4))
read_cost(Path("pairs.jsonl"))      # the same; None where nothing was sampled for it
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rlcall.data.rows import RowError
from rlcall.files.whole import whole_file


@dataclass(frozen=True, slots=True)
class SamplingCost:
    """The number of completions sampled, and the seconds from the first prompt on."""

    completions: int
    seconds: float

    def plus(self, other: SamplingCost) -> SamplingCost:
        return SamplingCost(self.completions + other.completions, self.seconds + other.seconds)


def write_cost(path: Path, cost: SamplingCost | None) -> None:
    """Write the cost next to the file; None removes what an earlier file of that name cost."""
    if cost is None:
        return _cost_file(path).unlink(missing_ok=True)
    with whole_file(_cost_file(path)) as file:
        file.write(json.dumps(asdict(cost)) + "\n")


def read_cost(path: Path) -> SamplingCost | None:
    """Read the cost of a file, None where nothing was sampled for it.

    Raises RowError where it cannot be read.
    """
    file = _cost_file(path)
    if not file.is_file():
        return None
    try:
        return SamplingCost(**json.loads(file.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        reason, remedy = f"is not a cost of sampling: {error}", f"Remove it, or make {path} again."
        raise RowError(str(file), 1, "", reason, remedy) from error


def _cost_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.cost.json")
