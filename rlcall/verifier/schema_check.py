"""A tool's schema checked once, so that no completion meets a fault of it later.

check_schema("f", {"properties": {"a": {"minimum": "low"}}}, jsonschema.Draft202012Validator)
# SchemaError: tool 'f': $.properties.a.minimum: 'low' is not a number
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Any

import regex

from rlcall.errors import UserError
from rlcall.verifier.keywords.forms import keyword_fault
from rlcall.verifier.keywords.patterns import compile_pattern
from rlcall.verifier.references import drop_dangling
from rlcall.verifier.subschemas import in_place, reachable


class SchemaError(UserError):
    """A tool whose definition cannot be used: a mistake of the data set, not of the model.

    `path` is the place of the fault in its parameters, "$.properties.a", where that is known; or in
    another schema of it, whose key `root` is then.
    """

    def __init__(self, message: str, path: str = "$", root: str = "parameters") -> None:
        super().__init__(message)
        self.path = path
        self.root = root


def check_schema(name: str, schema: dict[str, Any], draft: Any, root: str = "parameters") -> None:
    """Check the forms, patterns and references of a schema: SchemaError for the first fault.

    References that apply to nothing and lead nowhere are removed.
    """
    applied: dict[int, set[int]] = {}  # to the same value, by a schema: by the ids of the schemas
    try:
        for path, node in reachable(schema, draft.VALIDATORS):
            fault = keyword_fault(node, draft.VALIDATORS)
            if fault:
                raise SchemaError(f"tool {name!r}: {path}.{fault}", path, root)
            for pattern in (node.get("pattern", ""), *node.get("patternProperties", ())):
                compile_pattern(pattern)
            applied[id(node)] = {id(inner) for inner in in_place(schema, node)}
        TopologicalSorter(applied).prepare()
    except SchemaError:
        raise
    except CycleError as error:
        reason = "a `$ref` leads back to itself without going into the value"
        raise SchemaError(f"tool {name!r}: {reason}", root=root) from error
    except (regex.error, ValueError) as error:
        raise SchemaError(f"tool {name!r}: {error}", root=root) from error
    drop_dangling(schema)
