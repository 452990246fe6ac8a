"""Pages and parts of pages from Jinja templates in which every value is text.

render("show/table.html", table=table)     # Markup("<h3>...")

What a template puts in is made visible and escaped, without the template having to ask for it; only
what another `render` returned goes in as markup.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from rlcall.show.visible import visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def render(template: str, **values: Any) -> Markup:
    """Fill in a template, named by its path below the package."""
    from markupsafe import Markup

    return Markup(_environment().get_template(template).render(values))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("rlcall", "."),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _printable(value: Any) -> Any:
    """Make a value's text visible before it is escaped; markup has been through here already."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return value
