"""Names as NeXus allows them: letters of ASCII, digits, underscores, and dots inside."""

from __future__ import annotations

import re
import unicodedata

_NOT_ALLOWED = re.compile(r"[^0-9A-Za-z_.]+")


def valid_name(text: str, otherwise: str) -> str:
    """Return text as a name that NeXus allows, near to it.

    Parameters
    ----------
    text
        Any text.
    otherwise
        The name where nothing is left of the text.

    Examples
    --------
    >>> valid_name('Stage X (left)', 'axis'), valid_name('2θ', 'axis'), valid_name('/', 'axis')
    ('Stage_X_left', '2theta', 'axis')
    """
    plain = "".join(map(_plain_letter, unicodedata.normalize("NFKD", text)))
    return _NOT_ALLOWED.sub("_", plain).strip("_.") or otherwise


def _plain_letter(letter: str) -> str:
    if letter.isascii():
        return letter
    if unicodedata.combining(letter):
        return ""
    name = unicodedata.name(letter, "")
    return name.rpartition(" ")[2].lower() if name.startswith("GREEK") and letter.isalpha() else " "
