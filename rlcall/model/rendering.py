"""The rendering of a model's tools: by its own chat template, or by rlcall where that cannot.

    rendering = rendering_of(tokenizer, "runs/grpo")
    rendering.wire, rendering.by     # "hermes", "the template's own"
    rendering.note                   # what to tell where it is rlcall's

`render_prompt` does what this says; runs, `rlcall eval`, `rlcall pairs` and `rlcall doctor` all ask
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcall.model.chat_template import writes_calls_as
from rlcall.runs.origin import taught_wire

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

OWN, DOCUMENTED = "the template's own", "rlcall's rendering: tools in the system message"
FALLBACK = "smollm2"


@dataclass(frozen=True, slots=True)
class Rendering:
    """`wire` is the format in which calls are asked for; `by` is OWN or DOCUMENTED."""

    wire: str
    by: str

    @property
    def note(self) -> str:
        """The note for the user; "" where the template does everything."""
        if self.by == OWN:
            return ""
        return f"its chat template does not render tools for {self.wire}. {DOCUMENTED}."


def rendering_of(
    tokenizer: PreTrainedTokenizerBase, model: str, wire: str | None = None
) -> Rendering:
    """Return the rendering for the tokenizer of a model, in a wire format.

    None means the format that a run taught the model; else its template's own, or FALLBACK where
    that shows none.
    """
    own_wire = writes_calls_as(tokenizer)
    wire = wire or taught_wire(model) or own_wire or FALLBACK
    return Rendering(wire, OWN if wire == own_wire else DOCUMENTED)
