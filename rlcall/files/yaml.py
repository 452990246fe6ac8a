"""YAML without its three surprises: `no` stays the word no, `1e-6` is a number, a key given twice is an error.

    read_yaml(Path("configs/grpo.yaml")) -> {"model": "smollm2-135m", ...}

PyYAML speaks YAML 1.1, where `no` is False and `1e-6` a string; these are YAML 1.2's rules.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from rlcall.errors import UserError


class YamlError(UserError):
    """A file that is missing or not a YAML mapping; the message has the file, and the line where there is one."""


class _Loader(yaml.SafeLoader):
    pass


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":float"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^[-+]?(\.\d+|\d+\.\d*|\d+(?=[eE]))([eE][-+]?\d+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$"
    ),
    list("-+.0123456789"),
)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key.value!r} stands twice", key.start_mark
            )
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def parse_yaml(text: str) -> Any:
    """Text -> value. Raises YamlError."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise YamlError(_show(error)) from None


def read_yaml(path: Path) -> dict[str, Any]:
    """A file that holds one mapping. Raises YamlError."""
    try:
        value = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise YamlError(
            f"{path}: {error.strerror or error}; give another file with --config"
        ) from None
    except (YamlError, UnicodeDecodeError) as error:
        raise YamlError(f"{path}: {error}") from None
    if not isinstance(value, dict):
        raise YamlError(
            f"{path}: holds {type(value).__name__}, but keys with values are expected (`key: value`)"
        )
    return value


def _show(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}: {problem}" if mark else problem
