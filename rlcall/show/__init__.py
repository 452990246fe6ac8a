"""Tables, figures and model text as a person sees them: on a terminal, in Markdown and on a page.

from rlcall.show.figures import percent
from rlcall.show.table import Line, Table

Table("Rates", "In %.", ["", "accuracy"], [Line("grpo", [percent(estimate)])]).markdown()
"""
