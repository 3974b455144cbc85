"""What was opened in the groups of a file: made once, good until the file is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from h5modules.backends import Driver, Where
from h5modules.saving import H5SaverLowLevel

T = TypeVar("T")


class OpenGroups(Generic[T]):
    """Remembers what was opened in each group, and forgets it when the file was closed and opened again.

    Parameters
    ----------
    h5saver
        The file.
    """

    def __init__(self, h5saver: H5SaverLowLevel) -> None:
        self._h5saver = h5saver
        self._driver: Driver | None = None
        self._opened: dict[str, T] = {}

    def get(self, where: Where, make: Callable[[], T]) -> T:
        """Return what was opened in a group, by `make` if it was not.

        Structure that was made is flushed: it is in the operating system's hands before the first point.
        """
        driver = self._h5saver.driver
        if driver is not self._driver:
            self._driver, self._opened = driver, {}
        path = where if isinstance(where, str) else where.path
        if path not in self._opened:
            made = make()
            self._h5saver.flush()
            self._opened[path] = made
        return self._opened[path]
