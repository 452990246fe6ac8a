"""Versions that are known not to go together, and where each was seen.

Known("vllm", "==0.31.0", "torch", "==2.13.0", "use_vllm", "vllm 0.31.0's metadata")
# with vllm 0.31.0, torch must be 2.13.0; an error where the config sets use_vllm, else a warning

What rlcall itself asks for stands in its own metadata (pyproject.toml) and is read from there.
"""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from rlcall.doctor.finding import Finding, error, ok, warning
from rlcall.runs.versions import PACKAGES

Lookup = Callable[[str], str | None]
"""A distribution's version; None where it is not installed."""


class Known(NamedTuple):
    """Where `package` fits `versions`, `other` must fit `needs` as soon as it is used. Versions as in PEP 440."""

    package: str
    versions: str
    other: str
    needs: str
    key: str
    """The key of the config that makes it matter."""
    source: str


KNOWN = (
    Known(
        "transformers",
        ">=5.23",
        "peft",
        ">=0.20.0",
        "lora_rank",
        "MIN_PEFT_VERSION of transformers 5.23.0",
    ),
    Known(
        "trl",
        "==1.16.*",
        "vllm",
        ">=0.22.0,<=0.31.0",
        "use_vllm",
        "the extra vllm of trl 1.16.0's metadata",
    ),
    Known("vllm", "==0.31.0", "torch", "==2.13.0", "use_vllm", "vllm 0.31.0's metadata"),
    Known(
        "vllm", "==0.31.0", "transformers", ">=5.10.4,<5.18.0", "use_vllm", "vllm 0.31.0's metadata"
    ),
)


def installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def check_required(find: Lookup = installed) -> Iterator[Finding]:
    """What rlcall[train] asks for is there. Needs no more than the core."""
    if (
        find("packaging") is None
    ):  # which every trainer brings along, and which reads what rlcall asks for
        yield error(
            "versions", "rlcall's training extra is not installed", "pip install 'rlcall[train]'"
        )
        return
    for name, needs in _required():
        found = find(name)
        if found is None or not _fits(found, needs):
            state = "is not installed" if found is None else f"is {found}"
            remedy = f"pip install 'rlcall[train]', or pip install '{name}{needs}'"
            yield error("versions", f"{name} {state}, but training needs {name}{needs}", remedy)


def check_known(values: Mapping[str, Any], find: Lookup = installed) -> Iterator[Finding]:
    """The table, against what is installed; `values` are the config's keys. One line that says what there is, if ok."""
    found = [*_broken(values, find)]
    yield from found
    if not found:
        there = ", ".join(f"{name} {version}" for name in PACKAGES if (version := find(name)))
        yield ok(
            "versions",
            f"Python {platform.python_version()}, {there}: none known not to go together",
        )


def _broken(values: Mapping[str, Any], find: Lookup) -> Iterator[Finding]:
    if values.get("use_vllm") and find("vllm") is None:
        yield error(
            "versions", "use_vllm is true, but vllm is not installed", "pip install 'rlcall[vllm]'"
        )
    for known in KNOWN:
        own, other = find(known.package), find(known.other)
        if own and other and _fits(own, known.versions) and not _fits(other, known.needs):
            kind = error if values.get(known.key) else warning
            message = f"{known.other} is {other}, but {known.package} {own} needs {known.needs} ({known.source})"
            yield kind("versions", message, f"pip install '{known.other}{known.needs}'")


def _required() -> Iterator[tuple[str, str]]:
    """(name, versions) of what rlcall asks for to train."""
    from packaging.requirements import Requirement

    for text in importlib.metadata.requires("rlcall") or ():
        asked = Requirement(text)
        if asked.marker is None or asked.marker.evaluate({"extra": "train"}):
            yield asked.name, str(asked.specifier)


def _fits(version: str, specifier: str) -> bool:
    """Without local parts: 2.13.0+cpu is 2.13.0."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    return SpecifierSet(specifier).contains(Version(version).base_version, prereleases=True)
