"""DPO: the token ids are SFT's and GRPO's, the reference is the model as it was, and
displacement is told of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers.processors import TemplateProcessing
from transformers import AutoTokenizer

from rlcall.data.rows import RowError
from rlcall.errors import ConfigError
from rlcall.model.load import load_model
from rlcall.model.prompts import render_completion
from rlcall.reward import load_reward
from rlcall.samples.pair_files import write_lines
from rlcall.samples.pairs import CompletionPair, RightCompletion, made_pairs
from rlcall.tasks import phone
from rlcall.train.arguments import trainer_args
from rlcall.train.config import parse
from rlcall.train.methods import dpo, grpo, sft
from rlcall.train.opening import open_session
from rlcall.train.session import Session
from rlcall.train.watch.displacement import DROP, WINDOW, DisplacementWarning, FallDetector
from rlcall.train.watch.progress import Progress

REWARD = load_reward("graded")


@pytest.fixture(params=["chatml", "bos", "other end"])
def tokenizer(request: pytest.FixtureRequest, tiny_folder: Path) -> Any:
    """The tiny one; one that puts a token before each text; one whose end token is not its
    template's end of turn."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    if request.param == "bos":
        start = ("<|endoftext|>", tokenizer.convert_tokens_to_ids("<|endoftext|>"))
        tokenizer.bos_token = start[0]
        tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
            single=f"{start[0]} $A", special_tokens=[start]
        )
    elif request.param == "other end":
        tokenizer.eos_token = "<|endoftext|>"
        tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_end|>"]})
    return tokenizer


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10**6), wire=st.sampled_from(["smollm2", "python", "hermes"]))
def test_the_ids_are_those_of_sft_and_grpo(tokenizer: Any, seed: int, wire: str) -> None:
    rows = list(phone.generate(4, seed=seed))
    pairs, _ = made_pairs(rows, wire, REWARD, seed)
    assert [pair.row for pair in pairs] == rows
    imitated, prompts = (
        sft.columns(rows, tokenizer, wire),
        grpo.columns(rows, tokenizer, wire)["prompt"],
    )
    sampled = sft.right_columns(
        [RightCompletion(pair.row, wire, pair.rejected) for pair in pairs], tokenizer, wire
    )
    for pair, ids, gold, prompt, wrong in zip(
        pairs, dpo.columns(pairs, tokenizer, wire), imitated, prompts, sampled, strict=True
    ):
        assert (
            ids["prompt_ids"] == tokenizer(text=[prompt])["input_ids"][0]
        )  # as TRL's GRPO tokenises it
        assert ids["prompt_ids"] + ids["chosen_ids"] == gold["input_ids"]
        assert ids["chosen_ids"] == [label for label in gold["labels"] if label != -100]
        assert ids["prompt_ids"] + ids["rejected_ids"] == wrong["input_ids"]
        end = tokenizer.convert_tokens_to_ids("<|im_end|>")
        assert all(
            ids[key][-1] == end and ids[key].count(end) == 1
            for key in ("chosen_ids", "rejected_ids")
        )
        assert tokenizer.decode(ids["chosen_ids"]) == render_completion(pair.row, tokenizer, wire)


SMOKE = [
    "--config",
    "configs/smoke/dpo.yaml",
    "--eval_rows",
    "null",
    "--train_size",
    "6",
    "--warm_start_steps",
    "0",
]


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In the checkout, with the threads that other tests have."""
    monkeypatch.chdir(Path(__file__).parents[2])
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def opened(folder: Path, *keys: str) -> Session:
    return open_session(parse("dpo", [*SMOKE, "--output_dir", str(folder), *keys]))


def built(session: Session) -> Any:
    import trl

    args = trainer_args(trl.DPOConfig, session.config.trainer, session.config.output_dir)
    trainer, _ = dpo.build_trainer(session, load_model(session.base), args)
    return trainer


def log_probability(model: Any, prompt: list[int], completion: list[int]) -> float:
    """Of a completion after a prompt, worked out apart from TRL."""
    ids = torch.tensor([prompt + completion])
    with torch.no_grad():
        logits = model(input_ids=ids).logits[0].log_softmax(-1)
    return sum(
        logits[len(prompt) + place - 1, token].item() for place, token in enumerate(completion)
    )


def test_trl_trains_on_these_ids_and_compares_with_the_model_as_it_was(
    tmp_path: Path, quiet: None
) -> None:
    session = opened(tmp_path / "run", "--precompute_ref_log_probs", "--seed", "3")
    trainer = built(session)
    ids = session.datasets["dpo"]
    assert trainer.ref_model is None
    assert [
        {key: one[key] for key in ids.column_names} for one in trainer.train_dataset
    ] == ids.to_list()
    model = load_model(session.base)
    for one in trainer.train_dataset:
        for kind in ("chosen", "rejected"):
            expected = log_probability(model, one["prompt_ids"], one[f"{kind}_ids"])
            assert one[f"ref_{kind}_logps"] == pytest.approx(expected, rel=1e-4)
    batch = trainer.data_collator(trainer.train_dataset.to_list()[:1])
    chosen, rejected = (
        ids[0]["prompt_ids"] + ids[0][f"{kind}_ids"] for kind in ("chosen", "rejected")
    )
    rows = [
        row[mask.bool()].tolist()
        for row, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True)
    ]
    assert rows == [chosen, rejected]


@pytest.mark.parametrize("rank", [0, 4])
def test_a_reference_of_its_own_for_full_training_and_none_for_lora(
    tmp_path: Path, quiet: None, rank: int
) -> None:
    session = opened(tmp_path / "run", "--lora_rank", str(rank))
    trainer = built(session)
    if rank:
        assert trainer.ref_model is None and trainer.model.peft_config["default"].r == rank
    else:
        start = load_model(session.base).state_dict()
        assert trainer.ref_model is not trainer.model and not trainer.ref_model.training
        assert all(
            torch.equal(weight, start[name])
            for name, weight in trainer.ref_model.state_dict().items()
        )


def test_pairs_that_would_be_cut_are_left_out(
    tmp_path: Path, quiet: None, capsys: pytest.CaptureFixture[str]
) -> None:
    session = opened(tmp_path / "run")
    lengths = sorted(map(dpo.pair_length, session.datasets["dpo"]))
    session.config.trainer["max_length"] = lengths[2]
    assert sorted(map(dpo.pair_length, built(session).train_dataset)) == [
        one for one in lengths if one <= lengths[2]
    ]
    assert "longer than max_length: 3 left out" in capsys.readouterr().out
    session.config.trainer["max_length"] = lengths[0] - 1
    with pytest.raises(ConfigError, match="every pair is longer"):
        built(session)


def test_the_losses_are_trls() -> None:
    """The names in the message with which TRL refuses an unknown one, which it does in its first
    step."""
    import inspect

    from trl import DPOTrainer

    source = inspect.getsource(DPOTrainer._compute_loss)
    known = re.search(r"Should be one of \[([^]]*)\]", re.sub(r'"\s*"', "", source))[1]
    assert set(dpo.LOSSES) == set(re.findall(r"'(\w+)'", known)) and len(dpo.LOSSES) == len(
        set(dpo.LOSSES)
    )
    pairwise = re.search(
        r"f_divergence_loss_types = \{([^}]*)\}", inspect.getsource(DPOTrainer.__init__)
    )[1]
    assert set(dpo.PAIRWISE) == set(re.findall(r'"(\w+)"', pairwise))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["--loss_type", "[sigmod]"], "loss_type: ['sigmod'] is not made of sigmoid, "),
        (["--loss_type", "sigmoid"], "loss_type should be a valid list, not 'sigmoid'"),
        (["--loss_weights", "[1.0, 1.0, 1.0]"], "TRL refuses these settings: `loss_weights`"),
        (["--loss_type", "[exo_pair, sft]"], "exo_pair needs label_smoothing"),
        (
            ["--loss_type", "[apo_zero, sft]", "--f_divergence_type", "forward_kl"],
            "f_divergence_type goes with",
        ),
        (["--loss_type", "[aot, sft]", "--use_weighting"], "use_weighting does not go with"),
        (["--sync_ref_model", "--lora_rank", "4"], "sync_ref_model needs a reference in memory"),
        (["--beta", "0"], "beta is 0.0, but must be above 0"),
        (["--pairs_kinds", "[typo]"], "pairs_kinds: no kind of negative is named 'typo'"),
        (["--pairs_per_row", "0"], "pairs_per_row should be greater than or equal to 1, not 0"),
        (["--pairs", "none.jsonl"], "none.jsonl: cannot be read"),
        (["--pairs", "{bad}"], "bad.jsonl, line 2: chosen: is wrong by the row's own answer"),
        (
            ["--pairs", "{python}"],
            "python.jsonl, line 1: wire: is python, but this run writes smollm2",
        ),
    ],
)
def test_a_mistake_ends_the_run_before_it_begins(
    tmp_path: Path, quiet: None, keys: list[str], message: str
) -> None:
    pairs = made_pairs(phone.generate(3, seed=1), "smollm2", REWARD, 0)[0]
    swapped = CompletionPair(pairs[1].row, "smollm2", pairs[1].rejected, pairs[1].chosen, "swapped")
    write_lines(tmp_path / "bad.jsonl", [pairs[0], swapped])
    write_lines(
        tmp_path / "python.jsonl", made_pairs(phone.generate(3, seed=1), "python", REWARD, 0)[0]
    )
    places = {name: tmp_path / f"{name}.jsonl" for name in ("bad", "python")}
    with pytest.raises((ConfigError, RowError)) as caught:
        opened(tmp_path / "run", *(key.format(**places) for key in keys))
    assert message in str(caught.value) and not (tmp_path / "run" / "run.json").exists()


def test_made_pairs_of_a_run_are_those_of_the_command(tmp_path: Path, quiet: None) -> None:
    from rlcall.cli.pairs import main

    path = tmp_path / "pairs.jsonl"
    argv = [
        "phone",
        "--n",
        "6",
        "--seed",
        "4",
        "--wire",
        "smollm2",
        "--per-row",
        "2",
        "--out",
        str(path),
    ]
    assert main(argv) == 0
    made = opened(tmp_path / "made", "--rows_seed", "4", "--pairs_per_row", "2").datasets["dpo"]
    given = opened(tmp_path / "given", "--pairs", str(path)).datasets["dpo"]
    assert len(made) > 6 and made.to_list() == given.to_list()


def test_sft_on_what_the_verifier_accepted(
    tmp_path: Path, quiet: None, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(phone.generate(30, seed=1))
    said = [
        RightCompletion(row, "smollm2", "Nothing that I could do.")
        for row in rows
        if not row.answer["calls"]
    ]
    path = tmp_path / "right.jsonl"
    write_lines(path, said)
    keys = ["--config", "configs/smoke/sft.yaml", "--eval_rows", "null", "--completions", str(path)]
    session = open_session(parse("sft", [*keys, "--output_dir", str(tmp_path / "run")]))
    assert f"completions: {len(said)} of {path}" in capsys.readouterr().out
    texts = [
        session.tokenizer.decode([id for id in one["labels"] if id >= 0])
        for one in session.datasets["sft"]
    ]
    assert texts == ["Nothing that I could do.<|im_end|>"] * len(said) and said


def falls(changes: list[float]) -> list[tuple[int, float]]:
    fall = FallDetector()
    seen = [(place, fall.see(change)) for place, change in enumerate(changes)]
    return [(place, lost) for place, lost in seen if lost is not None]


def test_a_fall_is_seen_once_until_the_next_rise() -> None:
    down, up = [-0.5 * step for step in range(12)], [-6 + 0.5 * step for step in range(14)]
    assert falls([0.0, 0.3, -0.3] * 20) == [], "what comes and goes"
    assert falls([0.5 * step for step in range(30)]) == []
    assert falls([-9.0] * (WINDOW - 1)) == [], "too little to say"
    once = falls([*down, *[-6.0] * 20])
    assert len(once) == 1 and once[0][1] >= DROP
    twice = falls([*down, *up, *down])
    assert len(twice) == 2 and twice[1][0] > len(down) + len(up)


@given(st.lists(st.floats(-50, 50), max_size=60))
def test_no_warning_without_a_fall(changes: list[float]) -> None:
    means = [sum(changes[end - WINDOW : end]) / WINDOW for end in range(WINDOW, len(changes) + 1)]
    highest = max([0.0, *means])
    assert bool(falls(changes)) == any(
        high - mean >= DROP for place, mean in enumerate(means) for high in [0.0, *means[:place]]
    )
    assert all(lost <= highest - min(means) + 1e-9 for _, lost in falls(changes))


def test_a_warning_is_on_the_screen_and_in_the_log(
    tmp_path: Path, quiet: None, capsys: pytest.CaptureFixture[str]
) -> None:
    session = opened(tmp_path / "run")
    trainer = built(session)
    beta = trainer.args.beta
    with Progress(session, "dpo", trainer, None):
        for change in [0.0, 0.0, -1.0, -2.0, -3.0, -4.0, -5.0, -5.0, -5.0]:
            trainer.log(
                {
                    "loss": 0.5,
                    "rewards/chosen": change * beta,
                    "rewards/margins": 0.25,
                    "logps/chosen": -9.0,
                }
            )
    lines = [
        json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    ]
    warnings = [(place, line["warning"]) for place, line in enumerate(lines) if "warning" in line]
    assert [place for place, _ in warnings] == [4] and "lost 1.2 nats" in warnings[0][1]
    printed = capsys.readouterr().out
    assert printed.count("warning: likelihood displacement") == 1
    assert "margin 0.25 | chosen -9.00" in printed


def test_a_resumed_run_does_not_warn_again() -> None:
    said: list[str] = []
    session: Any = SimpleNamespace(display=SimpleNamespace(say=said.append))
    logs = [
        {"rewards/chosen": 0.1 * change, "rewards/margins": 0.0}
        for change in [0.0] * 5 + [-9.0] * 9
    ]
    warning = DisplacementWarning(session, 0.1)
    for log in logs[:10]:
        warning.on_log(None, None, None, dict(log))
    assert len(said) == 1
    again = DisplacementWarning(session, 0.1)
    again.on_train_begin(None, SimpleNamespace(log_history=[*logs[:10], {"train_loss": 1.0}]), None)
    for log in logs[10:]:
        again.on_log(None, None, None, dict(log))
    assert len(said) == 1
