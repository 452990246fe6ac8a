"""The check of a tool by itself, whatever a model then writes with it.

tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": 5}}}}
tool_fault(json.dumps(tool))    # "tool 'f': $.properties.a: 5 is not of type 'object', ..."
"""

from __future__ import annotations

from functools import lru_cache

from rlcall.verifier.schema import SchemaError, check_tool, compile_tool

BAD_TOOL = "a tool's definition cannot be used"


@lru_cache(maxsize=16384)
def tool_fault(tool: str) -> str:
    """Return what is wrong with a tool, by the meta-schema of its draft; "" where nothing is.

    `tool` is JSON text in OpenAI's form.
    """
    try:
        check_tool(compile_tool(tool))
    except RecursionError:
        return "it is nested too deeply"
    except (SchemaError, AttributeError) as error:
        return str(error)
    return ""
