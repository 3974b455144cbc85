"""Exports in a thread of their own, which can be cancelled and leave nothing behind then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from h5modules.backends import H5ModulesError
from h5modules.browsing._opening import open_to_read
from h5modules.browsing.export import H5Exporter

from ._jobs import Jobs

_STEPS = 1000
_PAUSE = 0.05
"""Seconds between two reports of how far it is."""


class ExportCancelledError(H5ModulesError, RuntimeError):
    """The user cancelled an export."""


class Exports(QObject):  # type: ignore[misc] # Qt has no types
    """Saves nodes in other formats, one after the other; the file is opened a second time for it.

    Parameters
    ----------
    parent
        The object that owns it.

    Attributes
    ----------
    started
        Emitted with the target when it is its turn.
    progressed
        Emitted with the share that is done, from 0 to 1.
    ended
        Emitted with the target, and why it failed: empty when it is there, None when it was cancelled.
    """

    started = Signal(str)
    progressed = Signal(float)
    ended = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = Jobs("h5-export", self)
        self._cancelled = threading.Event()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being exported."""
        return self._jobs.is_idle

    def start(self, source: Path | str, path: str, target: Path, exporter: H5Exporter) -> None:
        """Save a node; a target that is there is replaced, once the whole of it was written."""
        if self._cancelled.is_set():
            self._cancelled = threading.Event()  # what was cancelled stays so
        cancelled = self._cancelled
        report = self._reporter(cancelled)

        def work() -> None:
            _go_on(cancelled)
            self.started.emit(str(target))
            with open_to_read(source) as file:
                exporter.export_data(file.get_node(path), target, overwrite=True, progress=report)

        self._jobs.start(
            work, lambda _: self.ended.emit(str(target), ""), lambda error: self._fail(target, error)
        )

    def cancel(self) -> None:
        """End what runs after the block at hand, and what waits for it."""
        self._cancelled.set()

    def close(self) -> None:
        """Cancel what runs, and end the thread."""
        self.cancel()
        self._jobs.close()

    def _reporter(self, cancelled: threading.Event) -> Callable[[int, int], None]:
        told = 0.0

        def report(done: int, total: int) -> None:
            nonlocal told
            _go_on(cancelled)
            if time.monotonic() - told > _PAUSE:
                told = time.monotonic()
                self.progressed.emit(done / total if total else 1.0)

        return report

    def _fail(self, target: Path, error: BaseException) -> None:
        reason = None if isinstance(error, ExportCancelledError) else str(error)
        self.ended.emit(str(target), reason)


def _go_on(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise ExportCancelledError("the export was cancelled.")


class ExportStrip(QWidget):  # type: ignore[misc] # Qt has no types
    """Shows how far an export is, with a button that cancels it.

    Parameters
    ----------
    exports
        What it shows.
    parent
        The widget it lies in.
    """

    def __init__(self, exports: Exports, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label, self._bar = QLabel(), QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setMaximumHeight(8)
        self._bar.setFixedWidth(140)
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(exports.cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self._label, self._bar, self.cancel):
            layout.addWidget(widget)
        exports.started.connect(self._begin)
        exports.progressed.connect(self._advance)
        exports.ended.connect(self.hide)
        self.hide()

    def _begin(self, target: str) -> None:
        self._label.setText(f"Exporting {Path(target).name}")
        self._bar.setValue(0)
        self.show()

    def _advance(self, share: float) -> None:
        self._bar.setValue(round(share * _STEPS))
