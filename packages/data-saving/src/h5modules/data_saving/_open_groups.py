"""What was opened in the groups of a file: made once, good until it may lead elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from h5modules.backends import Where
from h5modules.saving import H5SaverLowLevel

T = TypeVar("T")


class OpenGroups(Generic[T]):
    """Remembers what was opened in each group, to write points by.

    Hold the lock of the file from here to the end of writing: another thread may begin to write there too.
    It is forgotten when nodes of the file were deleted or moved, when another began to write points in such a
    group, and when the file was closed: see `GroupedFile.structure_changes`.

    Parameters
    ----------
    h5saver
        The file.
    """

    def __init__(self, h5saver: H5SaverLowLevel) -> None:
        self._h5saver = h5saver
        self._changes = h5saver.structure_changes
        self._opened: dict[str, T] = {}

    def get(self, where: Where, make: Callable[[], T]) -> T:
        """Return what was opened in a group, by `make` if it was not.

        Structure that was made is flushed: it is in the operating system's hands before the first point.
        """
        self._forget_what_changed()
        # By the text as it was given, since this is done at each point; a group may be told in several ways.
        told = where if isinstance(where, str) else where.path
        opened = self._opened.get(told)
        return self._open(told, make) if opened is None else opened

    def _open(self, told: str, make: Callable[[], T]) -> T:
        path = self._h5saver.get_node(told).path
        if path not in self._opened:
            self._h5saver.write_by(path, self)
            made = make()
            self._h5saver.driver.flush()
            self._forget_what_changed()
            self._opened[path] = made
        self._opened[told] = self._opened[path]
        return self._opened[told]

    def _forget_what_changed(self) -> None:
        if self._changes != self._h5saver.structure_changes:
            self._changes = self._h5saver.structure_changes
            self._opened.clear()
