"""What is searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from ._errors import QueryError

_CONDITION = re.compile(r"(?P<name>[^=<>!]+?)\s*((?P<sign><=|>=|!=|=|<|>)\s*(?P<value>.*))?", re.DOTALL)
_SHAPE = re.compile(r"(\d+|\*)([x, ]+(\d+|\*))*")


@dataclass(frozen=True, slots=True)
class Condition:
    """What an attribute or a setting must be.

    Attributes
    ----------
    name
        Its name; with a title before it, as in ``Camera/exposure``, that of the module.
    sign
        ``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``; empty when it must only be there.
    value
        What it is compared with, as a number where it is one; ``*`` stands for any letters, ``?`` for one.
    """

    name: str
    sign: str = ""
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the condition that a text tells, such as ``gain``, ``gain=3`` or ``Camera/exposure>=0.1``.

        Raises
        ------
        QueryError
            When it is not understood.

        Examples
        --------
        >>> Condition.parse('exposure >= 0.1')
        Condition(name='exposure', sign='>=', value='0.1')
        """
        match = _CONDITION.fullmatch(text.strip())
        if match is None:
            raise QueryError(f"{text!r} is no condition; write such as 'gain', 'gain=3' or 'gain>=3'.")
        condition = cls(match["name"].strip(), match["sign"] or "", (match["value"] or "").strip())
        if condition.sign in ("<", "<=", ">", ">=") and condition.number is None:
            raise QueryError(f"{condition.value!r} in {text!r} is no number, and cannot be compared.")
        return condition

    @property
    def number(self) -> float | None:
        """The value as a number; None where it is none."""
        return as_number(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to search for: all that is given must hold. Texts are found anywhere, whatever their case.

    Attributes
    ----------
    title
        In the title of the scan, or of the file.
    since, until
        When it was begun, in local time where no zone is told.
    shape
        The shape of the scan; None where any length will do.
    actuator, detector
        In the title of one.
    conditions
        Attributes or settings.
    log, comment
        In what was noted.
    text
        Anywhere: in a title, an attribute, a setting, a module, the log or a comment.
    state
        ``running``, ``finished`` or ``interrupted``; or ``incomplete``, of scans that were stopped, or left
        points out, in files that were closed.
    """

    title: str = ""
    since: datetime | None = None
    until: datetime | None = None
    shape: tuple[int | None, ...] | None = None
    actuator: str = ""
    detector: str = ""
    conditions: tuple[Condition, ...] = ()
    log: str = ""
    comment: str = ""
    text: str = ""
    state: str = ""


def parse_shape(text: str) -> tuple[int | None, ...]:
    """Return a shape that is searched for.

    Raises
    ------
    QueryError
        When it is not understood.

    Examples
    --------
    >>> parse_shape('41x*')
    (41, None)
    """
    if not _SHAPE.fullmatch(text.strip()):
        raise QueryError(f"{text!r} is no shape; write such as 41x41, or 41x* for any length.")
    return tuple(None if part == "*" else int(part) for part in re.split(r"[x, ]+", text.strip()))


def as_number(text: str) -> float | None:
    """Return a text as a number; None where it is none.

    Examples
    --------
    >>> as_number('1e-3'), as_number('fast')
    (0.001, None)
    """
    try:
        return float(text)
    except ValueError:
        return {"true": 1.0, "false": 0.0}.get(text.lower())
