"""GLM-4.5: the name, and keys and values in tags; text is bare, anything else is JSON.

<tool_call>f
<arg_key>city</arg_key>
<arg_value>Paris</arg_value>
</tool_call>
"""

from __future__ import annotations

import re

from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.key_tags import KeyTags

_TAGS = KeyTags("")
_OPENING = re.compile(
    r"<tool_call>(?=\s*[^\s<{\[][^\n<]*+\s*+<arg_key>|\s*[^\W\d][^\n<]*+\s*</tool_call>)"
)


FORMAT = Format(
    name="glm45",
    order=20,
    opening=_OPENING,
    markers=("<arg_key>", "<arg_value>", "<tool_call>", "</tool_call>"),
    read=Blocks(re.compile("<tool_call>"), "</tool_call>", _TAGS.read).read,
    write=_TAGS.write,
    labels=False,
    models="GLM-4.5 to GLM-4.7, GLM-5",
    source="the chat template that TRL ships, glm4moe.jinja",
    vllm=("glm45", "glm47"),
    special_tokens=("<tool_call>", "</tool_call>", "<arg_key>", "<arg_value>"),
)
