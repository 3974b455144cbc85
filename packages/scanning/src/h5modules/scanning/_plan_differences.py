"""What differs between the plan that made a scan and the one that is to go on with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ._errors import PlanError
from ._table import parse

_SHOWN = 3
"""How many differences are told: a plan of another kind differs in all."""


def told_differences(saved: str, given: str) -> str:
    """Tell what differs first between two plans in TOML; empty when nothing does, or one cannot be read.

    Parameters
    ----------
    saved
        The plan in the file.
    given
        The plan to go on with.

    Examples
    --------
    >>> told_differences('settle = 0.1', 'settle = 0.2')
    'settle is 0.1 in the file, 0.2 now'
    """
    try:
        found = _differences("", parse(saved), parse(given))
        return "; ".join(islice(found, _SHOWN))
    except PlanError:
        return ""


def _differences(where: str, saved: Any, given: Any) -> Iterator[str]:
    """Yield what differs, key by key."""
    if isinstance(saved, dict) and isinstance(given, dict):
        for key in dict.fromkeys((*saved, *given)):
            yield from _differences(f"{where}{key}", saved.get(key), given.get(key))
    elif isinstance(saved, list) and isinstance(given, list):
        if len(saved) != len(given):
            yield f"the number of {where} is {len(saved)} in the file, {len(given)} now"
            return
        for number, (one, other) in enumerate(zip(saved, given, strict=True)):
            yield from _differences(_place(f"{where}[{number}]", one, other), one, other)
    elif saved != given:
        yield f"{where} is {_short(saved)} in the file, {_short(given)} now"


def _place(where: str, saved: Any, given: Any) -> str:
    """Return how a part of a plan is called: an axis by its actuators, where these are the same."""
    if not isinstance(saved, dict) or not isinstance(given, dict):
        return where
    names = [
        each.get("actuators", [each["actuator"]] if "actuator" in each else []) for each in (saved, given)
    ]
    is_same = names[0] == names[1] and names[0]
    return f"axis {', '.join(map(repr, names[0]))}: " if is_same else f"{where}."


def _short(value: Any) -> str:
    if value is None:
        return "not said"
    if isinstance(value, list | dict):
        return f"of {len(value)} parts"
    return repr(value)
