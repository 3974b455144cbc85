"""A log in its files: rows of devices against the time."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from pymodaq_data.data import DataRaw, DataToExport

from h5modules.backends import OpenMode
from h5modules.module_saving import LoggerSaver
from h5modules.saving import H5SaverLowLevel

from ._last_log import last_log_in
from ._log_rule import LogRule, latest_number, numbered
from ._scan_group import ScanDescription, log_line

_PER_ROW = 12
"""Bytes that a row takes besides its values: its time, and its cell in the record."""


class LogFiles:
    """The files of one log: rows go to the last, and the next is begun when the rule says so.

    Parameters
    ----------
    path
        The first file.
    mode
        How it is opened; ``'a'`` goes on with the last file of the series, and with its last log if that is
        of the same devices.
    log
        The title and the devices.
    rule
        When the next file is begun.
    nexus
        Whether programs that plot NeXus files find the log: see `H5SaverLowLevel`.
    """

    def __init__(
        self, path: Path, mode: OpenMode, log: ScanDescription, rule: LogRule, *, nexus: bool | None = None
    ) -> None:
        self._first = path
        self._log = log
        self._rule = rule
        self._nexus = nexus
        self._number = latest_number(path) if mode == "a" else 0
        self._file = _LogFile(numbered(path, self._number), mode, log, nexus=nexus)

    @property
    def path(self) -> Path:
        """The file that rows go to."""
        return self._file.path

    @property
    def node(self) -> str:
        """The path of the log in that file."""
        return self._file.node

    def add(self, signal: DataRaw, when: float) -> None:
        """Save a row of one device.

        Parameters
        ----------
        signal
            The reading.
        when
            Seconds since 1970.

        Raises
        ------
        DataMismatchError
            When it is not like the first row of the device.
        """
        self._file.add(signal, when)

    def begin_next_if_full(self) -> bool:
        """Begin the next file if the rule says so; return whether it was begun.

        Raises
        ------
        FileError
            When it cannot be made; the last file stays the one that rows go to.
        """
        written = self._file
        if not self._rule.is_full(written.size, written.age):
            return False
        path = numbered(self._first, self._number + 1)
        self._file = _LogFile(path, "x", self._log, nexus=self._nexus)
        self._number += 1
        written.note("log goes on in the next file")
        written.close()
        return True

    def note(self, message: str) -> None:
        """Add a line to the log of the file."""
        self._file.note(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()


class _LogFile:
    """One file of a log, while rows go to it."""

    def __init__(self, path: Path, mode: OpenMode, log: ScanDescription, *, nexus: bool | None) -> None:
        self.path = path
        self._title = log.title
        with ExitStack() as opening:
            file = H5SaverLowLevel.from_file(path, mode=mode, nexus=nexus)
            self._h5saver = opening.enter_context(file)
            self._began = time.monotonic()
            self.size = float(path.stat().st_size) if mode == "a" else 0.0
            self._saver = LoggerSaver(log, self._h5saver)
            last = last_log_in(file, path)
            is_other = last is not None and not last.is_of(log.actuators, log.detectors)
            self.node = self._saver.get_set_node(new=is_other).path
            self.note("log begins")
            self.close = opening.pop_all().close

    @property
    def age(self) -> float:
        return time.monotonic() - self._began

    def add(self, signal: DataRaw, when: float) -> None:
        row = DataToExport("row", data=[signal])
        row.timestamp = when
        self._saver.add_data(row)
        self.size += sum(values.nbytes for values in signal.data) + _PER_ROW

    def note(self, message: str) -> None:
        log_line(self._h5saver, self._title, message)
