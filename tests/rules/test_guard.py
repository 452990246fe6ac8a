"""The guard: the rules of tests/support/hostile_rules.py under each on_error, across ranks too."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rlcall.reward import ForeignRule, Reward, RewardError, RuleError, load_reward, reward_function
from rlcall.rules import guard
from rlcall.rules.guard import RuleProcess
from rlcall.rules.load import Outcome, RuleFailure
from rlcall.rules.spec import RuleSpec
from rlcall.verify import Verdict, verify

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "tests" / "support" / "hostile_rules.py"
TOOLS = [
    {
        "type": "function",
        "function": {"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}}},
    }
]
CALL = {"calls": [{"name": "f", "arguments": {"a": 1}}]}
RIGHT = '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>'

# What each rule's failure says; None where nothing fails, since what it does stays in its process.
HOSTILE = {
    "is_good": None,
    "raises": "ValueError: no such key (hostile_rules.py:",
    "raises_what_cannot_be_said": "Mute: (its text cannot be had)",
    "exits": "SystemExit",
    "recurses": "RecursionError",
    "gives_nan": "it returned nan",
    "gives_infinity": "it returned inf",
    "gives_two": "it returned 2.0",
    "gives_less_than_nothing": "it returned -0.1",
    "gives_true": "it returned True",
    "gives_text": "it returned '1'",
    "gives_a_list": "it returned [0.5]",
    "gives_a_lot": "it returned 'xxx",
    "counts": "then 0.02 for the same verdict",
    "gives_none_once": "it gave None, then 0.5",
    "reserves": "OSError: [Errno 12]",
    "prints": None,
    "changes_the_verdict": None,
    "leaves_a_thread": None,
    "leaks": None,
    "forks_and_comes_back": None,
    "forks_and_leaves_it": None,
    "changes_folder_and_environment": None,
    "interrupts": "its process ended",
    "exits_at_once": "its process ended (exit status 1)",
    "crashes": "its process ended (exit status -11)",
    "sleeps": "it took longer than 0.2 s",
    "spins": "it took longer than 0.2 s",
    "holds_the_interpreter": "it took longer than 0.2 s",
    "closes_files": "its process ended",
    "writes_everywhere": "it wrote into the channel",
    "writes_without_end": "it wrote into the channel",
}


def rule(name: str) -> str:
    return f"{RULES}:{name}"


def limit(name: str) -> float:
    """Short for rules that never end, long for others: the machine may have other work to do."""
    return 0.2 if "0.2 s" in (HOSTILE[name] or "") else 10.0


def judged(completion: str = RIGHT) -> Verdict:
    return verify(completion, TOOLS, CALL)


def processes(marker: str) -> list[int]:
    """The processes whose command or environment holds a text."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            held = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in held and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def gone(marker: str, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while processes(marker) and time.monotonic() < end:
        time.sleep(0.05)
    return not processes(marker)


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[tuple[str, int], Outcome]]:
    """All hostile rules on two verdicts, in one process that is replaced whenever they end it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUARD_TEST", "hostile-suite")
        process = RuleProcess({name: RuleSpec(rule(name), timeout=limit(name)) for name in HOSTILE})
        verdict = judged()
        found = process.run([verdict])
        assert verdict == judged(), "a rule has changed the rank's verdict"
        process.close()
        assert gone("hostile-suite"), "a process was left behind"
    yield found


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_hostile_rule_comes_to(outcomes: dict[tuple[str, int], Outcome], name: str) -> None:
    outcome, said = outcomes[name, 0], HOSTILE[name]
    if said is None:
        assert outcome == 0.5
    else:
        assert isinstance(outcome, RuleFailure) and said in outcome.cause
        assert len(outcome.cause) < 500 and "\n" not in outcome.cause


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    ("on_error", "given", "reward"),
    [("none", None, 1.0), ("floor", 0.0, 0.5), ("raise", None, 1.0)],
)
def test_what_follows(
    outcomes: dict[tuple[str, int], Outcome],
    name: str,
    on_error: Any,
    given: float | None,
    reward: float,
) -> None:
    graded = Reward(
        {name: ForeignRule(rule(name)), "correct": ForeignRule("correct")},
        {name: 1.0, "correct": 1.0},
        on_error={name: on_error},
    )
    score = graded._combine({name: outcomes[name, 0], "correct": 1.0})
    if HOSTILE[name] is None:
        assert (score.reward, score.rules[name], score.failures) == (0.75, 0.5, {})
        return graded.check(score)
    assert (score.reward, score.rules[name]) == (reward, given) and list(score.failures) == [name]
    if on_error == "raise":
        with pytest.raises(RuleError, match=f"the rule '{name}' failed: "):
            graded.check(score)
    else:
        graded.check(score)


@pytest.mark.slow
@pytest.mark.parametrize("on_error", ["none", "floor", "raise"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_rule_alone(name: str, on_error: str) -> None:
    reward = load_reward(
        {"correct": 1.0, rule(name): {"weight": 1.0, "timeout": limit(name), "on_error": on_error}}
    )
    scores = reward.score_all([judged()] * 3)
    failed = bool(scores[0].failures)
    assert failed == (HOSTILE[name] is not None)
    assert scores[0].rules["correct"] == 1.0
    if failed and on_error == "raise":
        with pytest.raises(RuleError):
            reward.check(scores[0])


def test_a_failed_gate_leaves_no_reward() -> None:
    reward = load_reward({"correct": 1.0}, [rule("raises")])
    assert reward.score(judged()).reward is None


def test_the_other_completions_of_a_batch_keep_their_values(tmp_path: Path) -> None:
    source = "import os, time\ndef picky(v):\n    if v.surplus == 2: time.sleep(99)\n    if v.surplus == 4: os._exit(3)\n"
    (tmp_path / "r.py").write_text(source + "    return 1 / (1 + v.surplus)\n")
    process = RuleProcess({"picky": RuleSpec(f"{tmp_path}/r.py:picky", timeout=1.0)})
    found = process.run([judged(RIGHT * times) for times in range(1, 7)])
    values = [found["picky", index] for index in range(6)]
    assert values[2] == RuleFailure("it took longer than 1 s")
    assert values[4] == RuleFailure("its process ended (exit status 3)")
    assert [values[index] for index in (0, 1, 3, 5)] == [1.0, 1 / 2, 1 / 4, 1 / 6]


def test_a_rule_that_ends_every_process_is_given_up_for_the_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "PATIENCE", 3)
    process = RuleProcess({name: RuleSpec(rule(name)) for name in ("exits_at_once", "is_good")})
    found = process.run([judged()] * 40)
    causes = [found["exits_at_once", index] for index in range(40)]
    assert (
        sum("not tried" in outcome.cause for outcome in causes if isinstance(outcome, RuleFailure))
        == 38
    )
    assert all(found["is_good", index] == 0.5 for index in range(40))


def test_a_process_whose_rule_hoards_memory_is_replaced() -> None:
    process = RuleProcess({"leaks": RuleSpec(rule("leaks"), timeout=5.0)})
    values = process.run([judged()] * 20)
    assert set(values.values()) == {0.5} and not process.close.alive
    assert process.run([judged()])["leaks", 0] == 0.5 and process.close.alive


def test_a_rule_that_is_edited_meanwhile_never_changes_the_reward_unseen(tmp_path: Path) -> None:
    source = tmp_path / "r.py"
    source.write_text("import os\ndef rule(v):\n    return 0.5 if v.correct else os._exit(1)\n")
    process = RuleProcess({"rule": RuleSpec(f"{source}:rule")})
    source.write_text("def rule(v):\n    return 1.0\n")
    assert process.run([judged()])["rule", 0] == 0.5
    with pytest.raises(RuleError, match="changed since the rules were loaded"):
        process.run([judged(""), judged()])


@pytest.mark.slow
def test_allocating_without_end_is_stopped_short_of_the_machines_memory() -> None:
    process = RuleProcess({"allocates": RuleSpec(rule("allocates"), timeout=30.0)})
    found = process.run([judged()])["allocates", 0]
    assert isinstance(found, RuleFailure) and found.cause.startswith("MemoryError")


def test_nothing_that_a_rule_prints_reaches_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    assert RuleProcess({"prints": RuleSpec(rule("prints"))}).run([judged()])["prints", 0] == 0.5
    assert capfd.readouterr() == ("", "")


def test_a_completion_of_100_000_tokens() -> None:
    reward = reward_function({"correct": 1.0, rule("is_good"): 1.0})
    begun = time.monotonic()
    for completion in ("a " * 100_000, RIGHT * 20_000, RIGHT[:-12] * 20_000):
        row = {
            "prompts": ["p"],
            "completions": [completion],
            "tools": [json.dumps(TOOLS)],
            "answer": [json.dumps(CALL)],
        }
        assert reward(**row) == [0.25]
    assert time.monotonic() - begun < 10


def test_the_same_metric_keys_whether_a_rule_fails_or_not() -> None:
    logged: dict[str, dict[str, list[float]]] = {}
    row = {
        "prompts": ["p"],
        "completions": [RIGHT],
        "tools": [json.dumps(TOOLS)],
        "answer": [json.dumps(CALL)],
    }
    for name, source in {"fails": "raises", "holds": "is_good"}.items():
        log = logged.setdefault(name, {})
        reward = reward_function({"correct": 1.0, rule(source): 1.0})
        reward(**row, log_metric=lambda key, value, log=log: log.setdefault(key, []).append(value))
    assert logged["fails"]["rules/raises/failed"] == [1.0] and logged["holds"][
        "rules/is_good/failed"
    ] == [0.0]
    assert {key.replace("raises", "is_good") for key in logged["fails"]} == set(logged["holds"])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"weight": 1.0, "timeout": 0}, "timeout"),
        ({"weight": 1.0, "on_error": "zero"}, "'none', 'floor' or 'raise'"),
        ({"weight": 1.0, "in_process": "yes"}, "valid boolean"),
        ({"weight": 1.0, "in_process": True, "timeout": 1.0}, "no timeout can be kept"),
        ({"timeout": 1.0}, "weight of rule .* is missing"),
    ],
)
def test_a_wrong_option_says_what_is_right(value: Any, said: str) -> None:
    with pytest.raises(RewardError, match=said):
        load_reward({rule("is_good"): value})


@pytest.mark.parametrize(
    "body",
    ["raise ImportError('no numpy here')", "import sys; sys.exit(0)", "import os; os._exit(1)"],
)
def test_a_rule_that_cannot_be_loaded_is_the_users_error(tmp_path: Path, body: str) -> None:
    (tmp_path / "r.py").write_text(f"{body}\ndef rule(verdict):\n    return 0.5\n")
    with pytest.raises(RewardError, match=r"numpy|SystemExit|while loading"):
        load_reward({f"{tmp_path}/r.py:rule": 1.0})


@pytest.mark.parametrize("name", ["spins", "holds_the_interpreter", "forks_and_never_returns"])
def test_no_process_outlives_a_rank_that_is_killed(name: str) -> None:
    script = (
        "import json, sys, time; from rlcall.rules.guard import RuleProcess; from rlcall.rules.spec import RuleSpec\n"
        "from rlcall.verify import verify\n"
        f"p = RuleProcess({{'r': RuleSpec({rule(name)!r}, timeout=60.0)}}); print('ready', flush=True)\n"
        f"p.run([verify({RIGHT!r}, {TOOLS!r}, {CALL!r})]); time.sleep(60)"
    )
    marker = f"orphans-{name}"
    environment = {**os.environ, "GUARD_TEST": marker}
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    ) as rank:
        assert rank.stdout is not None and rank.stdout.readline() == b"ready\n"
        time.sleep(0.3)
        running = len(processes(marker))
        rank.send_signal(signal.SIGKILL)
    assert running == (3 if "forks" in name else 2)
    assert gone(marker)


@pytest.mark.parametrize("command", ["verify", "audit"])
def test_verify_and_audit_say_it(command: str, tmp_path: Path) -> None:
    (tmp_path / "rewards.yaml").write_text(f"rewards: {{correct: 1.0, '{rule('raises')}': 1.0}}\n")
    row = {"messages": [{"role": "user", "content": "f 1"}], "tools": TOOLS, "answer": CALL}
    (tmp_path / "rows.jsonl").write_text(
        json.dumps(row | ({"completion": RIGHT} if command == "verify" else {})) + "\n"
    )
    rows = (
        [f"{tmp_path}/rows.jsonl"] if command == "verify" else ["--rows", f"{tmp_path}/rows.jsonl"]
    )
    line = [sys.executable, "-m", "rlcall", command, *rows, "--rewards", f"{tmp_path}/rewards.yaml"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "no such key" in done.stdout
