"""The location of a model, and the search for it in a folder.

    find_folder("runs/grpo")     # ModelLocation(path="runs/grpo/model", source="local folder")

A folder is a run's, or one that `from_pretrained` reads: a checkpoint, a saved model, an adapter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from rlcall.errors import UserError
from rlcall.runs.folder import RunFolder, checkpoints_in


@dataclass(frozen=True, slots=True)
class ModelLocation:
    """The location of a model: `path` is for `from_pretrained`, `source` is for the log."""

    path: str
    source: str


class NotHereError(Exception):
    """The reason why one of the places where a model may be does not have it."""


class ModelNotFoundError(UserError):
    """No model under this name here: the message lists what was tried, in order, and what to do."""


def find_folder(name: str) -> ModelLocation:
    """Find a run's model, or a folder that `from_pretrained` reads.

    Raises `ModelNotFoundError` for a folder that has checkpoints but no model, and names them.
    """
    folder = Path(name).expanduser()
    run = RunFolder(folder)
    model = run.model if run.is_run else folder
    if _is_model(model):
        return ModelLocation(str(model), "local folder")
    if not folder.is_dir():
        raise NotHereError(f"folder {folder.absolute()}: does not exist")
    checkpoints = _checkpoints(folder)
    if run.is_run or checkpoints:
        raise ModelNotFoundError(f"model {name!r}: {_state_of(run)}. {_remedy(run, checkpoints)}.")
    raise NotHereError(f"folder {folder.absolute()}: has no config.json")


def is_adapter(folder: Path) -> bool:
    """Tell whether a folder holds a LoRA adapter."""
    return (folder / "adapter_config.json").is_file()


def base_of_adapter(folder: Path) -> str:
    """Return the name of the model that an adapter was trained on."""
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    return str(config["base_model_name_or_path"])


def _state_of(run: RunFolder) -> str:
    """Return why a folder with checkpoints, or a run's, has no model."""
    if not run.is_run:
        return "this folder has no config.json, but checkpoints"
    if finished := run.metadata().get("finished"):
        return f"this run finished on {finished}, but its folder model/ is not there any more"
    return "this run has not finished, so it has no model yet"


def _remedy(run: RunFolder, checkpoints: list[Path]) -> str:
    remedies = []
    if checkpoints:
        remedies.append(f"give {checkpoints[0]}")
        if len(checkpoints) > 1:
            remedies[0] += f" (there are also {', '.join(map(str, checkpoints[1:]))})"
    if run.is_run and not run.metadata().get("finished"):
        remedies.append("go on with the command in its run.json and --resume")
    remedy = ", or ".join(remedies or ["train it again"])
    return remedy[0].upper() + remedy[1:]


def _checkpoints(folder: Path) -> list[Path]:
    """List the checkpoints inside that can be loaded, the newest first."""
    checkpoints = []
    for path in checkpoints_in(folder):
        if _is_model(path) and any(path.glob("*.safetensors")):
            checkpoints.append(path)
    return checkpoints


def _is_model(folder: Path) -> bool:
    return (folder / "config.json").is_file() or is_adapter(folder)
