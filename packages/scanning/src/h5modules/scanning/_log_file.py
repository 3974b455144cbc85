"""A log in its files: rows of devices against the time."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from pymodaq_data.data import DataRaw, DataToExport

from h5modules.backends import OpenMode
from h5modules.module_saving import LoggerSaver
from h5modules.saving import H5SaverLowLevel

from ._exact import Array
from ._log_rule import LogRule, latest_number, numbered
from ._scan_group import ScanDescription


class LogFiles:
    """The files of one log: rows go to the last, and the next is begun when the rule says so.

    Parameters
    ----------
    path
        The first file.
    mode
        How it is opened; ``'a'`` goes on with the last file of the series, and its last log.
    log
        The title and the devices.
    rule
        When the next file is begun.
    """

    def __init__(self, path: Path, mode: OpenMode, log: ScanDescription, rule: LogRule) -> None:
        self._first = path
        self._log = log
        self._rule = rule
        self._number = latest_number(path) if mode == "a" else 0
        self._stack = ExitStack()
        self._saved: dict[str, list[Array]] = {}
        self._open(mode)

    @property
    def path(self) -> Path:
        """The file that rows go to."""
        return numbered(self._first, self._number)

    def _open(self, mode: OpenMode) -> None:
        self._h5saver = self._stack.enter_context(H5SaverLowLevel.from_file(self.path, mode=mode))
        self._began = time.monotonic()
        self._saver = LoggerSaver(self._log, self._h5saver)
        self.node = self._saver.get_set_node(new=False).path
        self.note("log begins")

    def add(self, signals: Sequence[DataRaw], when: float) -> bool:
        """Save a row of each device whose values are to be saved; return whether there was one.

        Parameters
        ----------
        signals
            The readings.
        when
            Seconds since 1970.
        """
        if self._rule.is_full(self.path, time.monotonic() - self._began):
            self._begin_next()
        wanted = [signal for signal in signals if not self._rule.on_change or self._has_changed(signal)]
        if wanted:
            row = DataToExport("row", data=wanted)
            row.timestamp = when
            self._saver.add_data(row)
        if self._rule.on_change:
            self._saved.update({signal.origin: [np.array(each) for each in signal.data] for signal in wanted})
        return bool(wanted)

    def _has_changed(self, signal: DataRaw) -> bool:
        saved = self._saved.get(signal.origin)
        return saved is None or not all(
            np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
            for one, other in zip(saved, signal.data, strict=True)
        )

    def _begin_next(self) -> None:
        self.note("log goes on in the next file")
        self._stack.close()
        self._number += 1
        self._saved = {}  # each file is whole: it begins with a row of every device
        self._open("x")

    def note(self, message: str) -> None:
        """Add a line to the log of the file."""
        now = datetime.datetime.now().astimezone().isoformat(sep=" ", timespec="milliseconds")
        self._h5saver.add_log(f"{now} {self._log.title}: {message}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()
