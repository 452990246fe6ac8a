"""Run folders with planted completions, as `rlcall eval` and a training would leave them.

run = planted(tmp_path / "sft", {"test": (ROWS, completions)}, method="sft", seed=0)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row
from rlcall.evaluation.folder import EvaluationFolder, digest_of
from rlcall.evaluation.run import complete
from rlcall.evaluation.settings import EvaluationSettings
from rlcall.evaluation.source import CompletionSource
from rlcall.files.yaml import dump_yaml
from rlcall.reward import load_reward

RowsAndCompletions = tuple[Sequence[Row], Sequence[Any]]


def planted(
    path: Path,
    evaluations: Mapping[str, RowsAndCompletions],
    method: str | None = None,
    **config: Any,
) -> Path:
    """Leave a finished run, or with no method a model that was not trained.

    `log` in config becomes metrics.jsonl, `versions` those of run.json.
    """
    path.mkdir(parents=True)
    if method:
        log, versions = config.pop("log", []), config.pop("versions", {"torch": "2.13.0"})
        record = {
            "method": method,
            "started": "2026-11-22 10:00:00",
            "finished": "2026-11-22 11:00:00",
        }
        runtime = {"ranks": 1, "device": "cpu"}
        trainer = {
            "per_device_train_batch_size": 4,
            "gradient_accumulation_steps": 2,
            "num_iterations": 1,
        }
        made = {"command": f"rlcall {method}", "versions": versions}
        (path / "run.json").write_text(
            json.dumps({**record, **made, "runtime": runtime, "trainer": trainer})
        )
        (path / "config.yaml").write_text(dump_yaml({"seed": 0, **config, "output_dir": str(path)}))
        (path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in log))
    for name, (rows, completions) in evaluations.items():
        evaluated(path / "eval" / name, rows, completions)
    return path


def evaluated(
    folder: Path, rows: Sequence[Row], completions: Sequence[Any], rewards: str = "graded"
) -> None:
    """Leave what `rlcall eval --completions` does, its own tables aside.

    A list of completions for a row is its samples.
    """
    texts = [text if isinstance(text, list) else [text] for text in completions]
    settings = EvaluationSettings(
        completions="planted",
        rows="planted.jsonl",
        rows_digest=digest_of(rows),
        wire="auto",
        samples=len(texts[0]),
        rewards=rewards,
        command="rlcall eval planted.jsonl",
        versions={"torch": "2.13.0"},
    )
    source = CompletionSource(settings, lambda part, at: iter(texts[at : at + len(part)]))
    evaluation = EvaluationFolder(folder)
    assert not evaluation.begin(settings, rows)
    complete(rows, source, load_reward(rewards), evaluation, [], lambda done: None)
    evaluation.write_results(settings, {}, [])


def grpo_log(steps: int, start: float, end: float) -> list[dict[str, Any]]:
    """Return what a GRPO run logs: a reward that rises evenly, a validation every fifth step."""
    lines: list[dict[str, Any]] = []
    for step in range(1, steps + 1):
        level = start + (end - start) * step / steps
        place = {"phase": "grpo", "step": step, "seconds": 10.0 + 3.0 * step}
        sampled = {
            "reward": level,
            "rules/correct": level - 0.1,
            "rules/name": level,
            "rules/parses": 0.95,
        }
        lines.append(
            {
                **place,
                **sampled,
                "num_tokens": 1000.0 * step,
                "completions/mean_length": 30.0,
                "groups/generated": 8 * step,
            }
        )
        if step % 5 == 0:
            lines.append({**place, **validation(level)})
    return lines


def sft_log(steps: int, start: float, end: float) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for step in range(1, steps + 1):
        place = {"phase": "sft", "step": step, "seconds": 2.0 * step}
        lines.append({**place, "loss": 1.0 / step, "num_tokens": 700.0 * step})
        if step % 5 == 0:
            lines.append({**place, **validation(start + (end - start) * step / steps)})
    return lines


def validation(level: float) -> dict[str, Any]:
    correct = round(100 * level)
    figures = {
        "accuracy": correct / 100,
        "correct": correct,
        "rows": 100,
        "reward": level,
        "malformed": 0.01,
    }
    forms = {
        "format/smollm2": level,
        "format/text": 1 - level,
        "rules/name": level,
        "rules/parses": 0.97,
    }
    return {
        f"validation/{key}": value for key, value in {**figures, **forms, "seconds": 0.5}.items()
    }
