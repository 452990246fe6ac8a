"""The warning that abstention or relevance falls: planted falls are found, and noise raises none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

from transformers import TrainerState

from rlcall.runs.folder import RunFolder
from rlcall.train.watch.clock import TrainingClock
from rlcall.train.watch.falling_rates import FallingRates
from rlcall.train.watch.progress import Progress


def warnings_of(
    abstention: Sequence[float | None], relevance: Sequence[float | None] = (), planned: int = 0
) -> list[tuple[int, str]]:
    """Every warning with the step of its log line."""
    rates = FallingRates(planned or len(abstention))
    told = []
    for step, value in enumerate(abstention, 1):
        line = {"abstention": value, "relevance": relevance[step - 1] if relevance else None}
        told += [(step, warning) for warning in rates.see(step, line)]
    return told


def noisy(means: Sequence[float], seed: int, rows: int = 3, completions: int = 8) -> list[float]:
    """Shares of completions of a few rows, of which each has a rate of its own."""
    rng = np.random.default_rng(seed)
    values = []
    for mean in means:
        by_row = rng.beta(4 * mean + 0.01, 4 * (1 - mean) + 0.01, rows)
        values.append(float(rng.binomial(completions, by_row).mean() / completions))
    return values


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([0.9, 0.8] * 4 + [0.5, 0.4] * 4, 16),
        ([1.0] * 8 + [0.0] * 8, 16),
        ([0.2] * 8 + [0.9] * 8 + [0.6, 0.5] * 4, 24),
        ([0.9, 0.8] * 60 + [0.75, 0.65] * 40, 140),
    ],
    ids=["half of it", "all of it", "after a rise", "slowly, in a long run"],
)
def test_a_planted_fall_is_found_once(values: list[float], step: int) -> None:
    told = warnings_of([*values, *values[-8:]], planned=len(values))
    assert [at for at, _ in told] == [step]
    assert "abstention fell from " in told[0][1] and "no_call_twins" in told[0][1]


def test_the_message_says_from_where_to_where() -> None:
    [(step, message)] = warnings_of([0.9, 0.8] * 4 + [0.5, 0.4] * 4)
    assert step == 16
    assert "from 85% (steps 1 to 8) to 45% (steps 9 to 16)" in message


def test_relevance_is_watched_by_itself() -> None:
    [(_, message)] = warnings_of([0.5] * 16, [0.9, 0.95] * 4 + [0.3, 0.4] * 4)
    assert message.startswith("relevance fell from 92%")


def test_lines_without_a_prompt_that_asks_for_it_are_left_aside() -> None:
    values: list[float | None] = []
    for value in [0.9, 0.8] * 4 + [0.5, 0.4] * 4:
        values += [None, value]
    [(step, message)] = warnings_of(values)
    assert step == 32 and "(steps 2 to 16)" in message


@pytest.mark.parametrize(
    "values",
    [
        [0.9] * 40,
        [0.5, 0.6] * 4 + [0.8, 0.9] * 4,
        [0.90, 0.91] * 4 + [0.87, 0.88] * 4,
        [0.9, 0.1] * 4 + [0.7, 0.2] * 4,
        [0.9] * 7 + [0.2] * 8,
    ],
    ids=["it stays", "it rises", "by little", "within the noise", "too short to tell"],
)
def test_what_is_no_fall(values: list[float]) -> None:
    assert warnings_of(values) == []


@pytest.mark.parametrize(("lines", "mean"), [(30, 0.8), (100, 0.5), (400, 0.9)])
def test_noise_alone_raises_it_in_few_runs(lines: int, mean: float) -> None:
    fired = sum(bool(warnings_of(noisy([mean] * lines, seed))) for seed in range(200))
    assert fired <= 10, "at most 5 % of runs"


def test_a_fall_is_found_in_most_runs() -> None:
    """From 24 of 28 to 16 of 28 over 60 steps, as it once did, with three such rows a step."""
    means = np.linspace(0.86, 0.57, 60)
    found = sum(bool(warnings_of(noisy(means, seed, rows=6))) for seed in range(100))
    assert found >= 80, found


def test_a_second_fall_needs_a_new_best() -> None:
    fall = [0.9, 0.8] * 4 + [0.3, 0.4] * 4
    assert len(warnings_of([*fall, *[0.1] * 8])) == 1
    assert len(warnings_of([*fall, *[1.0, 0.95] * 4, *[0.1] * 8])) == 2


def lines_of_a_run(folder: RunFolder, steps: range, last: int) -> list[str]:
    """Log lines as a trainer gives them, through the callback of every run; what it said."""
    said: list[str] = []
    display = SimpleNamespace(
        say=said.append, step=lambda *_: None, progress=lambda *_: nullcontext(lambda _: None)
    )
    session = SimpleNamespace(
        folder=folder,
        display=display,
        clock=TrainingClock(),
        seconds=lambda: 1.0,
        start=SimpleNamespace(note=lambda **_: None),
        runtime=None,
        reward=SimpleNamespace(rule_names=[]),
        config=SimpleNamespace(run=SimpleNamespace(show_steps=0)),
    )
    samples = SimpleNamespace(take=list)
    reward = SimpleNamespace(seconds=0.0)
    trainer = SimpleNamespace(reward_funcs=[reward], generation_seconds=0.0, generation_tokens=0)
    callback = Progress(session, "grpo", trainer, samples)
    state = TrainerState(max_steps=last, logging_steps=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rlcall.train.watch.progress.check_engine", lambda *_: {})
        callback.on_train_begin(None, state, None)
    for step in steps:
        state.global_step = step
        share = 0.9 if step <= 8 else 0.4
        logs = {"abstention/earned": share / 4, "abstention/applies": 1 / 4, "reward": 0.5}
        if step % 3 == 0:
            logs |= {"relevance/earned": 0.6, "relevance/applies": 0.75}
        callback.on_log(None, state, None, logs)
    return said


def test_a_run_warns_once_on_screen_and_in_its_log(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, writes=True)
    [_, warning] = lines_of_a_run(folder, range(1, 21), last=24)
    assert warning.startswith("warning: abstention fell from 90% (steps 1 to 8)")
    log = folder.log()
    assert [line["step"] for line in log if "warning" in line] == [16]
    assert f"warning: {log[15]['warning']}" == warning
    assert [line["abstention"] for line in log[7:9]] == pytest.approx([0.9, 0.4])
    assert log[2]["relevance"] == pytest.approx(0.8) and log[3]["relevance"] is None
    assert not any("/earned" in key or "/applies" in key for line in log for key in line)


def test_a_resumed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, writes=True)
    lines_of_a_run(folder, range(1, 13), last=24)
    assert len(lines_of_a_run(folder, range(13, 17), last=24)) == 2, "from the lines before"
    assert len(lines_of_a_run(folder, range(17, 25), last=24)) == 1, "it has warned already"
