"""Whether a tool of a data set can be used at all, whatever a model then writes.

tool_fault('{"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": {"enum": 5}}}}}')
# "tool 'f': $.properties.a.enum: 5 is not of type 'array'"
"""

from __future__ import annotations

from functools import lru_cache

from rlcall.verifier.schema import SchemaError, check_tool, compile_tool

BAD_TOOL = "a tool's definition cannot be used"


@lru_cache(maxsize=16384)
def tool_fault(tool: str) -> str:
    """What is wrong with a tool in OpenAI form, as JSON text, by the meta-schema of its draft; '' where nothing is."""
    try:
        check_tool(compile_tool(tool))
    except RecursionError:
        return "it is nested too deeply"
    except (SchemaError, AttributeError) as error:
        return str(error)
    return ""
