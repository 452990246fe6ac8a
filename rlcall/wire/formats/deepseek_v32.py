"""DeepSeek V3.2: DSML's tags, all inside `function_calls`.

<｜DSML｜function_calls>
<｜DSML｜invoke name="f">
<｜DSML｜parameter name="city" string="true">Paris</｜DSML｜parameter>
</｜DSML｜invoke>
</｜DSML｜function_calls>
"""

from __future__ import annotations

from rlcall.wire.reading.dsml import MARKERS, Dsml
from rlcall.wire.reading.format import Format

_DSML = Dsml("function_calls")

FORMAT = Format(
    name="deepseek_v32",
    order=310,
    opening=_DSML.opening,
    markers=MARKERS,
    turn_ends=("<｜end▁of▁sentence｜>",),
    read=_DSML.blocks.read,
    write=_DSML.write,
    labels=False,
    models="DeepSeek V3.2",
    source="llama.cpp's template DeepSeek-V3.2.jinja",
    also_reads="values on lines of their own",
    vllm=("deepseek_v32",),
)
