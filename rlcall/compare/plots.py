"""The plots of a comparison, those that its evaluations and logs have the figures for.

plots(comparison)     # [Plot("accuracy-test", "Strict accuracy on test ...", light=b"...", dark=b"..."), ...]
"""

from __future__ import annotations

from rlcall.compare.comparison import Comparison
from rlcall.compare.drawing import Plot, paint
from rlcall.compare.evaluation_plots import evaluation_drawings
from rlcall.compare.log_plots import log_drawings


def plots(comparison: Comparison) -> list[Plot]:
    return list(map(paint, [*evaluation_drawings(comparison), *log_drawings(comparison.groups)]))
