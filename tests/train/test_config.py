"""Every YAML under configs/ is read as a run would read it, and each way to get a config wrong
has its message."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from rlcall.errors import ConfigError
from rlcall.files.shipped import CONFIGS
from rlcall.files.yaml import read_yaml
from rlcall.train.config import parse, read_arguments
from rlcall.train.main import usage
from rlcall.train.settings import INCIDENTAL, RunConfig, describe
from rlcall.train.trl_keys import RESERVED

pytest.importorskip("trl", reason="the training extra is not installed")

FILES = sorted(CONFIGS.rglob("*.yaml"))
RUNS = [path for path in FILES if path.parent.name in ("configs", "smoke")]


def write(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "my.yaml"
    path.write_text(text)
    return ["--config", str(path)]


def error(method: str, argv: list[str]) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(method, argv)
    return str(caught.value)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: str(path.relative_to(CONFIGS)))
def test_every_run_config_parses(path: Path) -> None:
    config = parse(path.stem, ["--config", str(path)])
    given = read_yaml(path)
    values = config.values()
    assert given and all(values[key] == given[key] for key in given)


@pytest.mark.parametrize(
    "path", sorted((CONFIGS / "accelerate").glob("*.yaml")), ids=lambda path: path.name
)
def test_every_accelerate_config_is_one_that_accelerate_reads(path: Path) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    config = load_config_from_file(str(path))
    stage = path.stem.removeprefix("zero") if path.stem.startswith("zero") else None
    assert config.num_processes >= 2
    assert (config.distributed_type.value == "DEEPSPEED") == (stage is not None)
    if stage:
        assert config.deepspeed_config["zero_stage"] == int(stage)
        assert config.deepspeed_config["zero3_save_16bit_model"] == (stage == "3")


def test_the_rest_of_configs_is_accounted_for() -> None:
    folders = {path.parent.name for path in FILES}
    assert folders <= {"configs", "smoke", "accelerate", "compare", "rewards", "tasks"}
    assert {"dpo.yaml", "grpo.yaml", "sft.yaml"} <= {path.name for path in RUNS}


def test_the_default_config_is_the_methods_own() -> None:
    assert read_arguments("grpo", [])[0] == CONFIGS / "grpo.yaml"
    assert parse("sft", []).method == "sft"


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    argv = [
        *write(tmp_path, "model: a\nmax_steps: 3\n"),
        "--max-steps",
        "5",
        "--model=b",
        "--resume",
    ]
    config = parse("grpo", argv)
    assert (config.run.model, config.trainer["max_steps"], config.run.resume) == ("b", 5, True)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("{name: 1.0, my.py:f: 1e-1}", {"name": 1.0, "my.py:f": 0.1}),
        ("strict", "strict"),
    ],
)
def test_a_mapping_or_a_name_from_the_command_line(
    tmp_path: Path, argument: str, expected: object
) -> None:
    assert (
        parse("grpo", [*write(tmp_path, "model: a"), "--rewards", argument]).run.rewards == expected
    )


def test_text_that_looks_like_a_number_stays_text_where_text_is_due(tmp_path: Path) -> None:
    config = parse("grpo", [*write(tmp_path, "model: a"), "--model", "123", "--wire", "null"])
    assert (config.run.model, config.run.wire) == ("123", None)


@pytest.mark.parametrize("method", ["grpo", "dpo", "sft"])
@pytest.mark.parametrize(
    ("key", "nearest"),
    [("learning_rat", "learning_rate"), ("lora_rnk", "lora_rank"), ("Model", "model")],
)
def test_a_typo_names_the_key_and_the_nearest_one(
    tmp_path: Path, method: str, key: str, nearest: str
) -> None:
    argv = write(tmp_path, f"model: a\n{key}: 1\n")
    message = error(method, argv)
    assert repr(key) in message and repr(nearest) in message and argv[1] in message
    message = error(method, [*write(tmp_path, "model: a"), f"--{key}", "1"])
    assert repr(key) in message and repr(nearest) in message and "command line" in message


def test_no_key_is_abbreviated(tmp_path: Path) -> None:
    assert "learning_rate" in error("grpo", [*write(tmp_path, "model: a"), "--learn", "1"])


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("max_steps: 1.5", "max_steps should be a valid integer, got a number with a fractional part, not 1.5"),
        ("max_steps: [1]", "max_steps should be a valid integer, not [1]"),
        ("max_steps: true", "max_steps should be a number or a string, not True"),
        ("learning_rate: fast", "not 'fast'"),
        ("gates: parses", "gates should be a valid list, not 'parses'"),
        ("rewards: [name]", "rewards should be a valid string or should be a valid dictionary, not ['name']"),
        ("lora_rank: -1", "lora_rank should be greater than or equal to 0, not -1"),
        ("zero_stage: 4", "zero_stage should be 0, 1, 2 or 3, not 4"),
        ("ranks: 0", "ranks should be greater than or equal to 1, not 0"),
        ("dtype: int8", "dtype should be 'float32', 'bfloat16' or 'float16', not 'int8'"),
        ("model:", "model should be a valid string, not None"),
        ("wire: hermess", "hermes, "),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_its_key(tmp_path: Path, line: str, part: str) -> None:
    argv = write(tmp_path, line + "\n")
    message = error("grpo", argv)
    assert message.startswith(f"{argv[1]}: ") and part in message


def test_a_value_of_the_command_line_is_shown_as_it_was_read(tmp_path: Path) -> None:
    argv = write(tmp_path, "model: a")
    message = "command line: ranks should be greater than or equal to 1, not 0"
    assert error("grpo", [*argv, "--ranks", "0"]) == message
    assert "not [[1, 1]]" in error("grpo", [*argv, "--curriculum", "[[1, 1]]"])


@pytest.mark.parametrize("key", sorted(RESERVED))
def test_a_key_that_is_set_for_the_user_says_what_to_write_instead(
    tmp_path: Path, key: str
) -> None:
    if key != "config":
        assert RESERVED[key] in error("grpo", write(tmp_path, f"{key}: 1\n"))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "keys with values are expected"),
        ("- a\n- b\n", "keys with values are expected"),
        ("a: 1\nb: [\n", "line 3"),
        ("model: a\nmodel: b\n", "the key 'model' is given twice"),
        ("model: !!python/name:os.system\n", "line 1"),
    ],
)
def test_a_file_that_is_no_config(tmp_path: Path, text: str, part: str) -> None:
    argv = write(tmp_path, text)
    message = error("grpo", argv)
    assert part in message and argv[1] in message


def test_a_missing_file_and_a_stray_word(tmp_path: Path) -> None:
    assert "no-such.yaml" in error("grpo", ["--config", str(tmp_path / "no-such.yaml")])
    assert "'max_steps'" in error("grpo", ["max_steps", "3"])


def test_each_key_is_explained_once() -> None:
    described = {key: meaning for key, _, meaning in describe()}
    assert list(described) == [key.name for key in dataclasses.fields(RunConfig)]
    assert all(meaning and len(meaning) < 250 for meaning in described.values())


def test_help_is_the_text_under_the_key() -> None:
    text = usage("dpo")
    assert "  rows_seed: 0\n      Seed of generated rows; separate from `seed`," in text
    assert "TRL's DPOConfig" in text and max(map(len, text.splitlines())) <= 110


def test_a_key_is_spelt_with_dashes_or_underscores(tmp_path: Path) -> None:
    argv = write(tmp_path, "model: a")
    for key in ("learning-rate", "learning_rate"):
        assert parse("grpo", [*argv, f"--{key}", "3e-5"]).trainer["learning_rate"] == 3e-5
    for key in ("train-size", "train_size"):
        assert parse("grpo", [*argv, f"--{key}=7"]).run.train_size == 7


def test_keys_that_do_not_make_another_run_are_marked_where_they_are_defined() -> None:
    watched = {"show_steps", "resume", "cpu_threads", "allow_cut_golds"}
    assert watched | {"output_dir", "run_name", "logging_dir"} == INCIDENTAL


def test_no_key_of_ours_is_also_trls() -> None:
    import trl

    for theirs in (trl.GRPOConfig, trl.DPOConfig, trl.SFTConfig):
        assert not {key.name for key in dataclasses.fields(RunConfig)} & set(
            theirs.__dataclass_fields__
        )
