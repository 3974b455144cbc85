"""Saving the points of a scan in the thread of PyMoDAQ's saver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h5modules.backends import GROUP, Where
from h5modules.dashboard._savers import ScanSaver


class WindowScanSaver(ScanSaver):
    """Saves a scan of a window; what cannot be saved is told there.

    Parameters
    ----------
    scan
        The DAQ_Scan.
    tell
        Called with what went wrong, in the thread that saves.

    Attributes
    ----------
    resumes
        Whether the last scan of the file is gone on with, rather than a new one begun.
    saved
        How many points of the scan are in the file.
    """

    def __init__(self, scan: Any, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.resumes = False
        self.saved = 0
        super().__init__(scan)

    def get_set_node(self, where: Where | None = None, name: str | None = None, new: bool = False) -> GROUP:
        """Return the group of the scan: a new one, or the last of the file if that one is gone on with."""
        return super().get_set_node(where, name, new and not self.resumes)

    def get_next_node_name(self, where: Where | None = None) -> str:
        """Return the name of the group that `get_set_node` returns when it is asked for a new one."""
        last = self.get_last_node(where) if self.resumes else None
        return super().get_next_node_name(where) if last is None else last.name

    def add_data_bundle(self, data: Any) -> None:
        """Save a point, which comes in a bundle of PyMoDAQ's, and count it."""
        with self._telling():
            self.add_data(data.dte, data.indexes, data.distribution)
            self.saved += 1

    def tell(self, text: str) -> None:
        """Tell something in the window."""
        self._tell(text)
