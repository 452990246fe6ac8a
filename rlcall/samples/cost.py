"""What the completions behind a file took: `pairs.jsonl.cost.json` beside `pairs.jsonl`.

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
    """Completions that were sampled, and the seconds of it, from the first prompt on."""

    completions: int
    seconds: float

    def plus(self, other: SamplingCost) -> SamplingCost:
        return SamplingCost(self.completions + other.completions, self.seconds + other.seconds)


def write_cost(path: Path, cost: SamplingCost | None) -> None:
    """Leave it beside the file; for None take away what an earlier file of that name took."""
    if cost is None:
        return _beside(path).unlink(missing_ok=True)
    with whole_file(_beside(path)) as file:
        file.write(json.dumps(asdict(cost)) + "\n")


def read_cost(path: Path) -> SamplingCost | None:
    """RowError where it is not as it was written."""
    file = _beside(path)
    if not file.is_file():
        return None
    try:
        return SamplingCost(**json.loads(file.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        reason, remedy = f"is no cost of sampling: {error}", f"Take it away, or make {path} again."
        raise RowError(str(file), 1, "", reason, remedy) from error


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.cost.json")
