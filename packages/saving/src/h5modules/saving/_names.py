"""Names that count up: ``Scan000``, ``Data00``, ``CH00``; past 999 (99) they go on with one more digit."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COUNTED = re.compile(r"(?P<prefix>.*?)(?P<number>[0-9]+)\Z", re.DOTALL)


def number_of(name: str, prefix: str) -> int | None:
    """Return the number behind `prefix`; None when `name` is not `prefix` and a number.

    Examples
    --------
    >>> number_of('Scan012', 'Scan'), number_of('Logger', 'Scan')
    (12, None)
    """
    digits = name[len(prefix) :]
    return int(digits) if name.startswith(prefix) and digits.isdecimal() and digits.isascii() else None


def next_number(names: Iterable[str], prefix: str) -> int:
    """Return one more than the highest number among `names` that begin with `prefix`; 0 when there is none.

    Examples
    --------
    >>> next_number(['Scan000', 'Scan1000', 'Logger'], 'Scan')
    1001
    """
    numbers = [number for name in names if (number := number_of(name, prefix)) is not None]
    return max(numbers, default=-1) + 1


def counting_key(name: str) -> tuple[str, int, str]:
    """Return a key that sorts ``Scan999`` before ``Scan1000``.

    Examples
    --------
    >>> sorted(['Scan1000', 'Logger', 'Scan999'], key=counting_key)
    ['Logger', 'Scan999', 'Scan1000']
    """
    match = _COUNTED.match(name)
    return (match["prefix"], int(match["number"]), name) if match else (name, -1, name)
