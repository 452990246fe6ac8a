"""Who renders a model's tools: its own chat template, or rlcall where that can't.

    rendering = rendering_of(tokenizer, wire=None)
    rendering.wire, rendering.by     # "hermes", "the template's own"
    rendering.note                   # what to tell where it is ours

`render_prompt` does what this says; runs, `rlcall eval`, `rlcall pairs` and `rlcall doctor` all ask here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcall.model.prompts import writes_calls_as

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
        """What there is to tell; '' where the template does it all."""
        if self.by == OWN:
            return ""
        return f"its chat template does not render tools for {self.wire}. {DOCUMENTED}."


def rendering_of(tokenizer: PreTrainedTokenizerBase, wire: str | None) -> Rendering:
    """For the format that is asked for; None: the template's own, or FALLBACK where it shows none."""
    own = writes_calls_as(tokenizer)
    form = wire or own or FALLBACK
    return Rendering(form, OWN if form == own else DOCUMENTED)
