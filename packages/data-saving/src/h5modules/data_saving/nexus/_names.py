"""Names in the view that are not taken."""

from __future__ import annotations

from collections.abc import Collection

from h5modules.saving import valid_name


def unique_name(text: str, taken: Collection[str], otherwise: str) -> str:
    """Return text as a name that NeXus allows, and that is not taken.

    Examples
    --------
    >>> unique_name('left', {'left', 'left_1'}, 'signal')
    'left_2'
    """
    base = valid_name(text, otherwise)
    name, number = base, 0
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name
