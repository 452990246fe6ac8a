"""Checkpoints by themselves: torn ones, what a rank keeps in them, samplers, and how libraries
report a full disk."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("trl", reason="the training extra is not installed")

import torch

from rlcall.errors import ConfigError
from rlcall.runs.folder import checkpoints_in
from rlcall.train.resume.checkpoints import checkpoint_to_resume
from rlcall.train.resume.disk import is_full
from rlcall.train.resume.manifest import NAME, describe, write_manifest
from rlcall.train.resume.own_state import load_state, save_state
from rlcall.train.resume.sealed_checkpoints import SealedCheckpoints, go_to_epoch


def checkpoint(folder: Path, step: int) -> Path:
    """A whole checkpoint of a run that ends at step 9."""
    path = folder / f"checkpoint-{step}"
    (path / "global_step").mkdir(parents=True)
    (path / "trainer_state.json").write_text(json.dumps({"global_step": step, "max_steps": 9}))
    (path / "model.safetensors").write_bytes(bytes(range(200)))
    (path / "global_step" / "optimizer.pt").write_bytes(bytes(100))
    write_manifest(path, {**describe(path, 0, 2), **describe(path, 1, 2)})
    return path


def flip(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("name", "tear", "problem"),
    [
        (NAME, Path.unlink, "it has no manifest.json, which is written last"),
        (NAME, cut, "manifest.json is damaged"),
        (NAME, flip, "manifest.json is damaged"),
        (
            NAME,
            lambda path: path.write_text('{"model.safetensors": 200}'),
            "manifest.json is damaged",
        ),
        (NAME, lambda path: path.write_text("[]"), "manifest.json is damaged"),
        ("trainer_state.json", Path.unlink, "trainer_state.json is missing"),
        ("model.safetensors", cut, "model.safetensors has 199 bytes, not 200"),
        ("model.safetensors", flip, "model.safetensors is not what was written"),
        ("global_step/optimizer.pt", Path.unlink, "global_step/optimizer.pt is missing"),
        ("global_step/optimizer.pt", cut, "global_step/optimizer.pt has 99 bytes, not 100"),
        ("global_step/optimizer.pt", flip, "global_step/optimizer.pt is not what was written"),
    ],
)
def test_a_torn_checkpoint_is_named_and_passed_over(
    tmp_path: Path, name: str, tear: Any, problem: str
) -> None:
    old, new = checkpoint(tmp_path, 4), checkpoint(tmp_path, 10)
    tear(new / name)
    said: list[str] = []
    assert checkpoint_to_resume(tmp_path, said.append) == old
    assert (
        len(said) == 1
        and f"checkpoint-10 is torn: {problem}." in said[0]
        and "torn-checkpoint-10" in said[0]
    )
    assert not new.exists() and (tmp_path / "torn-checkpoint-10").is_dir()
    assert checkpoint_to_resume(tmp_path, said.append) == old and len(said) == 1


def test_with_every_checkpoint_torn_there_is_none(tmp_path: Path) -> None:
    for step in (4, 10):
        cut(checkpoint(tmp_path, step) / "model.safetensors")
    said: list[str] = []
    assert checkpoint_to_resume(tmp_path, said.append) is None
    assert [text.split()[0] for text in said] == ["checkpoint-10", "checkpoint-4"]


@pytest.mark.parametrize(
    ("moves", "kept", "was"), [(False, [torch.ones(1)], "true"), (True, [], "false")]
)
def test_a_reference_that_moves_is_not_switched_on_or_off(
    moves: bool, kept: list[torch.Tensor], was: str
) -> None:
    trainer = SealedCheckpoints()
    trainer.args, trainer.ref_model = (
        SimpleNamespace(sync_ref_model=moves),
        torch.nn.Linear(1, 1, bias=False),
    )
    with pytest.raises(
        ConfigError, match=f"begun with sync_ref_model: {was}, and cannot be resumed"
    ):
        trainer.restore_own_state({"reference": kept})


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
tensors = st.sampled_from([torch.float32, torch.bfloat16, torch.int64, torch.bool]).flatmap(
    lambda kind: st.lists(st.integers(-3, 3), max_size=4).map(
        lambda values: torch.tensor(values).to(kind)
    )
)
states = st.recursive(
    leaves | tensors,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def equal(one: Any, two: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(two, torch.Tensor) and one.dtype == two.dtype and torch.equal(one, two)
    if isinstance(one, dict):
        return list(one) == list(two) and all(equal(one[key], two[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(map(equal, one, two))
    return type(one) is type(two) and one == two


@settings(max_examples=60, deadline=None)
@given(state=st.dictionaries(st.text(max_size=3), states, max_size=4))
def test_a_state_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, state: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "state.safetensors"
    save_state(path, state)
    assert equal(load_state(path, "cpu"), state)


def test_views_of_one_tensor_are_saved_apart(tmp_path: Path) -> None:
    parts = list(torch.arange(6).view(3, 2))
    save_state(tmp_path / "state.safetensors", {"buffer": parts})
    assert equal(load_state(tmp_path / "state.safetensors", "cpu")["buffer"], parts)


@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("epoch", [0, 1, 3])
def test_a_sampler_is_put_where_it_stood_in_an_epoch(ranks: int, epoch: int) -> None:
    """TRL's sampler is one that counts how often it is asked; accelerate wraps it where there
    are several ranks."""
    from accelerate import skip_first_batches
    from accelerate.data_loader import prepare_data_loader
    from torch.utils.data import DataLoader
    from trl.trainer.utils import RepeatSampler

    def loader() -> Any:
        sampler = RepeatSampler(range(6), mini_repeat_count=2, batch_size=2, repeat_count=1, seed=7)
        return prepare_data_loader(
            DataLoader(list(range(6)), batch_size=2, sampler=sampler),
            num_processes=ranks,
            process_index=0,
        )

    one = loader()
    orders = [[batch.tolist() for batch in one] for _ in range(epoch + 1)]
    two = loader()
    go_to_epoch(two, epoch)
    assert [batch.tolist() for batch in skip_first_batches(two, 1)] == orders[epoch][1:]


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(28, "No space left on device"), True),
        (OSError(122, "Disk quota exceeded"), True),
        (
            RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534"),
            True,
        ),
        (RuntimeError("basic_ios::clear: iostream error"), True),
        (
            Exception("Error while serializing: I/O error: No space left on device (os error 28)"),
            True,
        ),
        (OSError(13, "Permission denied"), False),
        (RuntimeError("Connection closed by peer"), False),
    ],
)
def test_a_full_disk_is_recognised(error: Exception, full: bool) -> None:
    assert is_full(error) is full
    wrapped = ValueError("could not save")
    wrapped.__cause__ = error
    assert is_full(wrapped) is full


def test_a_deletion_that_is_interrupted_leaves_whole_checkpoints_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is deleted has left its place before its first file goes."""
    for folder in ("checkpoint-1", "checkpoint-2", ".partial/checkpoint-3"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "trainer_state.json").write_text("{}")

    def half_deleted(folder: Path | str, **_: object) -> None:
        files = list(Path(folder).rglob("trainer_state.json"))
        if files:
            files[0].unlink()
            raise KeyboardInterrupt

    trainer = SealedCheckpoints()
    trainer.args = SimpleNamespace(save_total_limit=2)
    trainer.state = SimpleNamespace(global_step=3)
    monkeypatch.setattr(shutil, "rmtree", half_deleted)
    with pytest.raises(KeyboardInterrupt):
        trainer._publish(tmp_path)
    whole = [folder.name for folder in checkpoints_in(tmp_path)]
    assert whole == ["checkpoint-3", "checkpoint-2"]
    assert all((tmp_path / name / "trainer_state.json").is_file() for name in whole)
