"""The list of files."""

from __future__ import annotations

import time
from typing import Any

from h5modules.backends import FileError, file_status

from ._served_files import ServedFiles

_FRESH = 1.0
"""Seconds for which a list is good: many browsers ask for it."""


class Listing:
    """Files with their state, the last changed first; no file is opened for it.

    Parameters
    ----------
    served
        The files.
    """

    def __init__(self, served: ServedFiles) -> None:
        self._served = served
        self._made = -_FRESH
        self._files: list[dict[str, Any]] = []

    def find(self, search: str = "") -> list[dict[str, Any]]:
        """Return the files whose names hold all words of a search."""
        if time.monotonic() - self._made > _FRESH:
            known = [each for name in self._served if (each := self._describe(name)) is not None]
            self._files = sorted(known, key=lambda each: -float(each["changed"]))
            self._made = time.monotonic()
        words = search.lower().split()
        return [each for each in self._files if all(word in each["name"].lower() for word in words)]

    def _describe(self, name: str) -> dict[str, Any] | None:
        try:
            path = self._served.find(name)
            status, size = file_status(path), path.stat().st_size
        except (LookupError, OSError, FileError):  # gone meanwhile
            return None
        return {
            "name": name,
            "state": status.state.value,
            "changed": status.heartbeat.timestamp(),
            "bytes": size,
        }
