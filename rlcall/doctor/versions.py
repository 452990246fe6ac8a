"""Versions that are known not to go together, and where each was seen.

KnownConflict("vllm", "==0.31.0", "torch", "==2.13.0", "use_vllm", "vllm 0.31.0's metadata")
# with vllm 0.31.0, torch must be 2.13.0; an error where the config sets use_vllm, else a warning

What rlcall itself asks for stands in its own metadata (pyproject.toml) and is read from there.
"""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from rlcall.doctor.finding import RunFinding, error, ok, warning
from rlcall.runs.versions import PACKAGES

Lookup = Callable[[str], str | None]  # a distribution's version; None where it is not installed


class KnownConflict(NamedTuple):
    """A demand on `other`: it must fit `needs` where `package` fits `versions`. Versions as in PEP
    440."""

    package: str
    versions: str
    other: str
    needs: str
    key: str
    """The key of the config that makes it matter."""
    source: str


KNOWN_CONFLICTS = (
    KnownConflict(
        "transformers",
        ">=5.23",
        "peft",
        ">=0.20.0",
        "lora_rank",
        "MIN_PEFT_VERSION of transformers 5.23.0",
    ),
    KnownConflict(
        "trl",
        "==1.16.*",
        "vllm",
        ">=0.22.0,<=0.31.0",
        "use_vllm",
        "the extra vllm of trl 1.16.0's metadata",
    ),
    KnownConflict("vllm", "==0.31.0", "torch", "==2.13.0", "use_vllm", "vllm 0.31.0's metadata"),
    KnownConflict(
        "vllm", "==0.31.0", "transformers", ">=5.10.4,<5.18.0", "use_vllm", "vllm 0.31.0's metadata"
    ),
)


def installed(name: str) -> str | None:
    """Return the version of an installed distribution."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def check_required(find: Lookup = installed) -> Iterator[RunFinding]:
    """Yield what rlcall[train] asks for and is missing. Needs nothing beyond the base install."""
    remedy = "pip install 'rlcall[train]'"
    if find("packaging") is None:  # every trainer brings it along; requirements are read with it
        yield error("versions", "rlcall's training extra is not installed", remedy)
        return
    for name, specifier in _requirements():
        version = find(name)
        if version is None or not _fits(version, specifier):
            state = "is not installed" if version is None else f"is {version}"
            message = f"{name} {state}, but training needs {name}{specifier}"
            yield error("versions", message, f"{remedy}, or pip install '{name}{specifier}'")


def check_known(values: Mapping[str, Any], find: Lookup = installed) -> Iterator[RunFinding]:
    """Yield known conflicts between installed versions, or one line that says what is installed.

    `values` are the config's keys.
    """
    conflicts = [*_conflicts(values, find)]
    yield from conflicts
    if not conflicts:
        versions = [f"Python {platform.python_version()}"]
        for name in PACKAGES:
            version = find(name)
            if version:
                versions.append(f"{name} {version}")
        message = f"{', '.join(versions)}: no known conflict between them"
        yield ok("versions", message)


def _conflicts(values: Mapping[str, Any], find: Lookup) -> Iterator[RunFinding]:
    if values.get("use_vllm") and find("vllm") is None:
        remedy = "pip install 'rlcall[vllm]'"
        yield error("versions", "use_vllm is true, but vllm is not installed", remedy)
    for known in KNOWN_CONFLICTS:
        version, other = find(known.package), find(known.other)
        if not version or not other:
            continue
        if _fits(version, known.versions) and not _fits(other, known.needs):
            severity = error if values.get(known.key) else warning
            message = (
                f"{known.other} is {other}, but {known.package} {version} needs {known.needs} "
                f"({known.source})"
            )
            yield severity("versions", message, f"pip install '{known.other}{known.needs}'")


def _requirements() -> Iterator[tuple[str, str]]:
    """Yield (name, versions) of what rlcall asks for to train."""
    from packaging.requirements import Requirement

    for text in importlib.metadata.requires("rlcall") or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": "train"}):
            yield requirement.name, str(requirement.specifier)


def _fits(version: str, specifier: str) -> bool:
    """Return whether a version fits, without its local part: 2.13.0+cpu is 2.13.0."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    return SpecifierSet(specifier).contains(Version(version).base_version, prereleases=True)
