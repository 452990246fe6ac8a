"""The model that a command samples from: here, or behind an address.

    source = open_source(arguments, name="runs/sft")      # of `rlcall eval`, `rlcall passrate`
    sampler = open_sampler(arguments)                     # of `rlcall pairs`

torch is imported here, after the environment is set, and not before a command needs it.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rlcall.errors import ConfigError
from rlcall.evaluation.source import CompletionSource, endpoint_source, model_source
from rlcall.model.endpoint import Endpoint, key_from

if TYPE_CHECKING:
    from rlcall.model.sample import Sampler, Sampling


def open_source(arguments: argparse.Namespace, name: str) -> CompletionSource:
    """Open what `add_sampling` and `add_endpoint` describe, for an evaluation of its
    completions."""
    sampling = _prepare(arguments)
    if not arguments.url:
        return model_source(name, arguments.wire, arguments.dtype, sampling)
    return endpoint_source(_endpoint(arguments, name), arguments.wire, sampling)


def open_sampler(arguments: argparse.Namespace) -> tuple[Sampler, Sampling]:
    """Open what `add_sampling` and `add_endpoint` describe, for texts alone."""
    sampling = _prepare(arguments)
    from rlcall.model.sample import open_endpoint, open_model

    if not arguments.url:
        return open_model(arguments.model, arguments.wire, arguments.dtype), sampling
    return open_endpoint(_endpoint(arguments, arguments.model), arguments.wire), sampling


def check_sampling(arguments: argparse.Namespace) -> None:
    """Raise ConfigError where the options of `add_sampling` contradict each other."""
    if arguments.temperature < 0:
        raise ConfigError("--temperature must not be negative")
    if not arguments.temperature and arguments.samples > 1:
        raise ConfigError("--temperature 0 writes the same text each time: give --samples 1")
    if arguments.url and not arguments.wire:
        raise ConfigError("--url needs --wire: the format in which calls are to be written")


def _prepare(arguments: argparse.Namespace) -> Sampling:
    """Set the environment before torch is imported, and return how to sample."""
    from rlcall.model.runtime import prepare_environment

    prepare_environment()
    from rlcall.model.runtime import quieten
    from rlcall.model.sample import Sampling

    quieten()
    return Sampling(
        samples=arguments.samples,
        temperature=arguments.temperature,
        max_new_tokens=arguments.max_new_tokens,
        batch_size=arguments.batch_size,
        seed=arguments.seed,
    )


def _endpoint(arguments: argparse.Namespace, name: str) -> Endpoint:
    return Endpoint(arguments.url, name, key_from(arguments.key_env))
