"""DeepSeek V4: DSML's tags, all inside `tool_calls`.

<｜DSML｜tool_calls>
<｜DSML｜invoke name="f">
<｜DSML｜parameter name="city" string="true">Paris</｜DSML｜parameter>
</｜DSML｜invoke>
</｜DSML｜tool_calls>
"""

from __future__ import annotations

from rlcall.wire.reading.dsml import MARKERS, Dsml
from rlcall.wire.reading.format import Format

_DSML = Dsml("tool_calls")

FORMAT = Format(
    name="deepseek_v4",
    order=315,
    opening=_DSML.opening,
    markers=MARKERS,
    turn_ends=("<｜end▁of▁sentence｜>",),
    read=_DSML.blocks.read,
    write=_DSML.write,
    labels=False,
    models="DeepSeek V4",
    source="SGLang's parser, deepseekv4_detector.py",
    also_reads="values on lines of their own",
    vllm=("deepseek_v4",),
)
