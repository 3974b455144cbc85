"""Units as people write them."""

from __future__ import annotations

import re

_MICRO = re.compile(r"(?<![A-Za-zµμ])u(?=(?:m|s|g|l|L|V|A|W|J|K|C|N|F|H|T|Pa|bar|rad|eV|Hz)(?![A-Za-z]))")


def units_text(units: str) -> str:
    """Return units as they are written by hand.

    Examples
    --------
    >>> units_text('um'), units_text('V/us'), units_text('counts')
    ('µm', 'V/µs', 'counts')
    """
    return _MICRO.sub("µ", units)
