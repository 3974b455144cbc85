"""Signals found by name and origin, and what is told where there are none, or several."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from ._assembly import Assembly
from ._errors import DataMissingError, DataWarning

_MOST_TOLD = 10
"""How many signals an error names at most."""


def first_named(signals: Iterable[Assembly], name: str, origin: str, place: str) -> Assembly:
    """Return the first signal of that name and origin; warn where there are more.

    Parameters
    ----------
    signals
        Where to look: until a second one is found, for a file can hold thousands of scans.
    name, origin
        As of the data.
    place
        Node and file, for messages.

    Raises
    ------
    DataMissingError
        When there are none; it names what there is.
    """
    found: list[Assembly] = []
    others: list[str] = []
    for signal in signals:
        known = str(signal.channels[0].title), str(signal.channels[0].attrs.get("origin", ""))
        if known != (name, origin):
            others.append(_told(*known))
            continue
        found.append(signal)
        if len(found) > 1:
            break
    if not found:
        raise DataMissingError(f"{place} holds no data named {_told(name, origin)}; {_listed(others)}.")
    if len(found) > 1:
        message = (
            f"{place} holds several signals named {_told(name, origin)}: the first was loaded, "
            f"{found[0].channels[0].path!r}. Choose with where, such as where={_apart(found)!r}."
        )
        warnings.warn(message, DataWarning, stacklevel=3)
    return found[0]


def _told(name: str, origin: str) -> str:
    return f"{name!r} of origin {origin!r}" if origin else f"{name!r} without an origin"


def _listed(names: list[str]) -> str:
    """Return what there is, each once."""
    distinct = list(dict.fromkeys(names))
    if not distinct:
        return "it holds no data"
    more = f" and {len(distinct) - _MOST_TOLD} more" if len(distinct) > _MOST_TOLD else ""
    return f"it holds {', '.join(distinct[:_MOST_TOLD])}{more}"


def _apart(found: list[Assembly]) -> str:
    """Return the outermost node that the second lies in, and the first does not."""
    first, last = (each.channels[0].path.split("/") for each in (found[0], found[-1]))
    same = next(number for number, parts in enumerate(zip(first, last, strict=False)) if len(set(parts)) > 1)
    return "/".join(last[: same + 1])
