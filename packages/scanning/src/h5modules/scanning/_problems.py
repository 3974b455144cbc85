"""Telling all that is wrong at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from h5modules.backends import H5ModulesError

from ._errors import PlanError


class Problems:
    """Gathers errors of several checks, to raise them together.

    Examples
    --------
    >>> problems = Problems()
    >>> for axis in ('x', 'y'):
    ...     with problems.gathering():
    ...         raise PlanError(f'axis {axis!r} has no points.')
    >>> problems.raise_any()
    Traceback (most recent call last):
        ...
    h5modules.scanning._errors.PlanError: 2 things are wrong:
      - axis 'x' has no points.
      - axis 'y' has no points.
    """

    def __init__(self) -> None:
        self._errors: list[H5ModulesError] = []

    @contextmanager
    def gathering(self, key: str = "") -> Iterator[None]:
        """Keep an error of ours that the block raises, and go on behind it.

        Parameters
        ----------
        key
            Where in a document is what is wrong; it is told before.
        """
        try:
            yield
        except H5ModulesError as error:
            self._errors.append(_at(key, error) if key else error)

    def __bool__(self) -> bool:
        return bool(self._errors)

    def raise_any(self) -> None:
        """Raise what was gathered, if anything: one error as it is, several as one `PlanError`."""
        if not self._errors:
            return
        first = self._errors[0]
        if len(self._errors) == 1:
            raise first
        raise PlanError(*(line for error in self._errors for line in _lines(error))) from first


def make_all(*checks: Callable[[], object]) -> None:
    """Make several checks, and raise what they find wrong together.

    Raises
    ------
    H5ModulesError
        What one check raised, or one `PlanError` for several.
    """
    problems = Problems()
    for check in checks:
        with problems.gathering():
            check()
    problems.raise_any()


def _at(key: str, error: H5ModulesError) -> PlanError:
    found = PlanError(*(f"{key}: {line}" for line in _lines(error)))
    found.__cause__ = error
    return found


def _lines(error: H5ModulesError) -> tuple[str, ...]:
    return error.problems if isinstance(error, PlanError) else (str(error),)


def suggestion(name: str, known: Collection[str]) -> str:
    """Return what to say behind a name that does not exist: one that is alike, and all that there are.

    Examples
    --------
    >>> suggestion('Stage x', ['camera', 'stage_x'])
    "did you mean 'stage_x'? There are 'camera', 'stage_x'."
    """
    if not known:
        return "there are none."
    plain = {each.casefold().replace("_", " "): each for each in known}
    close = difflib.get_close_matches(name.casefold().replace("_", " "), plain, n=1)
    all_names = f"here are {', '.join(map(repr, known))}."
    return f"did you mean {plain[close[0]]!r}? T{all_names}" if close else f"t{all_names}"
