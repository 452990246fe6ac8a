"""What a docstring says of a function and of each argument.

    split_docstring("Get the weather.\\n\\nArgs:\\n    city: Where.", {"city"})
    # ("Get the weather.", {"city": "Where."})

Google's, numpy's and Sphinx's styles are read, by docstring-parser.
"""

from __future__ import annotations

import inspect
from collections.abc import Container

from rlcall.tools.mistake import needs_extra


def split_docstring(text: str, parameters: Container[str]) -> tuple[str, dict[str, str]]:
    """Return the description without its arguments, and the arguments' descriptions.

    A text stays whole where it describes something that is no parameter.
    """
    clean = inspect.cleandoc(text)
    if ":" not in clean and "---" not in clean:
        return clean, {}
    try:
        import docstring_parser
    except ImportError:
        raise needs_extra("docstring-parser") from None
    try:
        parsed = docstring_parser.parse(clean)
    except docstring_parser.ParseError:
        return clean, {}
    told = {part.arg_name: part.description for part in parsed.params}
    if not told or any(name not in parameters for name in told):
        return clean, {}
    parsed.meta = [part for part in parsed.meta if part not in parsed.params]
    style = parsed.style or docstring_parser.DocstringStyle.GOOGLE
    rest = docstring_parser.compose(parsed, style=style).strip()
    return rest, {name: _line(note) for name, note in told.items() if note}


def _line(text: str) -> str:
    """Return a text without line breaks in its sentences."""
    return " ".join(text.split())
