"""What a user tells of a scan besides: ``--attribute NAME=VALUE``."""

from __future__ import annotations

import math
from collections.abc import Iterable

from h5modules.saving import BEGUN_NAME
from h5modules.scanning._errors import PlanError
from h5modules.scanning._problems import Problems
from h5modules.scanning._resuming import PLAN_NAME, RECIPE_NAME

_TAKEN = {BEGUN_NAME, PLAN_NAME, RECIPE_NAME}
_TAKEN |= {"CLASS", "TITLE", "VERSION", "description", "settings", "title", "type"}
"""Attributes that a scan's group has already, or that programs expect there to mean something else."""


def parse_attributes(texts: Iterable[str], problems: Problems) -> dict[str, str | int | float]:
    """Return attributes of a scan's group: what reads as a number is one, all else is text.

    Parameters
    ----------
    texts
        ``NAME=VALUE`` each.
    problems
        Gathers what is wrong with them.

    Examples
    --------
    >>> parse_attributes(['sample=GaAs 4', 'temperature=4.2', 'run=7'], Problems())
    {'sample': 'GaAs 4', 'temperature': 4.2, 'run': 7}
    """
    found: dict[str, str | int | float] = {}
    for text in texts:
        with problems.gathering():
            name, equals, value = (part.strip() for part in text.partition("="))
            if not name or not equals:
                raise PlanError(f"--attribute {text!r} is no NAME=VALUE; give one such as sample=GaAs.")
            if name in _TAKEN or "/" in name:
                raise PlanError(f"--attribute {name!r} is a name that the file needs; choose another name.")
            if name in found:
                raise PlanError(f"--attribute {name!r} is given twice; give it once.")
            found[name] = _value(value)
    return found


def _value(text: str) -> str | int | float:
    if "_" in text:  # Python takes it in numbers; here it is more likely a name
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    digits = text.lstrip("+-")
    if not digits.isdecimal():
        return number
    is_name = (digits != "0" and digits.startswith("0")) or number >= 2**53  # a number would lose digits
    return text if is_name else int(text)
