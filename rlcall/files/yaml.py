"""YAML 1.2: `no` stays text, `1e-6` and `1e0` are numbers, and a key given twice is an error.

    read_yaml(Path("configs/grpo.yaml"))     # {"model": "smollm2-135m", ...}
    dump_yaml({"save_strategy": "no"})       # "save_strategy: no\\n", which reads back as the same

ruamel.yaml is imported where it is used: `import rlcall` does not wait for it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlcall.errors import UserError

if TYPE_CHECKING:
    from ruamel.yaml import YAML

PLAIN = re.compile(r"(?!(?i:y|n|yes|no|on|off|true|false|null)$)[A-Za-z/](?:[\w/. -]*\w)?")
"""Text that no version of YAML takes for anything else, and that is written without quotes."""


class YamlError(UserError):
    """A file that is missing or not a YAML mapping; the message has the file and the line."""


def parse_yaml(text: str) -> Any:
    """Return the value of a text of one document; None of an empty one. Raises YamlError."""
    from ruamel.yaml.error import YAMLError

    try:
        return _new_yaml().load(text)
    except YAMLError as error:
        raise YamlError(_describe(error)) from None
    except RecursionError:
        raise YamlError("is nested too deeply") from None
    except ValueError as error:  # a number or a date that Python cannot hold
        raise YamlError(str(error)) from None


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a file that holds one mapping. Raises YamlError."""
    try:
        value = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise YamlError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (YamlError, UnicodeDecodeError) as error:
        raise YamlError(f"{path}: {error}") from None
    if not isinstance(value, dict):
        kind = type(value).__name__
        raise YamlError(f"{path}: holds {kind}, but keys with values are expected (`key: value`)")
    return value


def dump_yaml(values: Mapping[str, Any]) -> str:
    """Return a mapping as text, in its order, that `parse_yaml` reads back exactly."""
    yaml: Any = _new_yaml()
    yaml.default_flow_style, yaml.width = False, 1 << 20
    yaml.sort_base_mapping_type_on_output = False
    yaml.Representer = _careful_writer()
    text = io.StringIO()
    yaml.dump(dict(values), text)
    return text.getvalue()


def _new_yaml() -> YAML:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _unique_keys()
    return yaml


@cache
def _unique_keys() -> type:
    """Return a constructor that refuses a key given twice next to `<<` as well.

    The library looks for such keys only in mappings without `<<`.
    """
    from ruamel.yaml.constructor import DuplicateKeyError, SafeConstructor

    class UniqueKeys(SafeConstructor):
        def flatten_mapping(self, node: Any) -> None:
            keys = set()
            for key, _ in node.value:
                text = (key.tag, str(key.value))  # 1 and "1" are two keys
                if text in keys and not self._is_merged(node):
                    problem = f"the key {key.value!r} is given twice"
                    raise DuplicateKeyError(None, None, problem, key.start_mark)
                keys.add(text)
            super().flatten_mapping(node)

        def _is_merged(self, node: Any) -> bool:
            """Return whether a mapping, used before, has by now the keys that `<<` brings."""
            return getattr(node, "merge", None) is not None

    return UniqueKeys


@cache
def _careful_writer() -> type:
    """Return a representer whose text YAML 1.1 reads alike: `"no"` in quotes, `1.0e-06`."""
    from ruamel.yaml.representer import SafeRepresenter

    class CarefulWriter(SafeRepresenter):
        def represent_str(self, data: str) -> Any:
            style = None if PLAIN.fullmatch(data) else '"'
            return self.represent_scalar("tag:yaml.org,2002:str", data, style)

        def represent_float(self, data: float) -> Any:
            node = super().represent_float(data)
            if "." not in node.value:
                node.value = node.value.replace("e", ".0e")
            return node

    CarefulWriter.add_representer(str, CarefulWriter.represent_str)
    CarefulWriter.add_representer(float, CarefulWriter.represent_float)
    return CarefulWriter


def _describe(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}: {problem}" if mark else problem
