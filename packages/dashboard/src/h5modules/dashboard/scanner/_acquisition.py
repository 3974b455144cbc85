"""The course of a scan: PyMoDAQ's, which leaves out acquired points and waits for the saver."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymodaq.extensions.scan.daq_scan import DAQScanAcquisition
from pymodaq_gui.utils.app_worker import SaverWorker
from qtpy.QtCore import Qt, Signal, Slot

Mask = np.ndarray[Any, np.dtype[np.bool_]]


class ScanAcquisition(DAQScanAcquisition):  # type: ignore[misc] # PyMoDAQ has no types
    """Acquires the points of a scan.

    Attributes
    ----------
    acquired
        Which points are in the file already, in the scan's shape; None for none.
    """

    _dealt = Signal(str, int)

    acquired: Mask | None = None
    _ind_average: int
    _ind_scan: int
    _dealt_with = 0
    _is_stopped = False

    def __init__(self, daq_scan: Any, parent: Any = None) -> None:
        super().__init__(daq_scan, parent)
        self._dealt.connect(self._note_dealt, Qt.ConnectionType.QueuedConnection)

    @property
    def is_saving(self) -> bool:
        """Whether the saver is at work; it is until the last point is in the file."""
        return SaverWorker.name in self.thread_manager.worker_threads

    def start(self) -> None:
        """Begin."""
        self._dealt_with, self._is_stopped = 0, False
        super().start()

    def stop(self, msg: str | None = None) -> None:
        """End before the next point; points that were read are saved all the same."""
        self._is_stopped = True
        super().stop(msg)
        self.terminate_workers()

    def advance(self) -> None:
        """Go to the next point that is not acquired."""
        if self.acquired is not None and self._running:
            self._pass_acquired(self.acquired)
        super().advance()

    def _pass_acquired(self, acquired: Mask) -> None:
        steps = self.scanner.n_steps
        number = self._ind_average * steps + self._ind_scan + 1
        while number < steps * self.Naverage and acquired[self._index(number)]:
            number += 1
        # PyMoDAQ adds one to where it is, and ends behind the last point of the last average.
        if number < steps * self.Naverage:
            self._ind_average, self._ind_scan = number // steps, number % steps - 1
        else:
            self._ind_average, self._ind_scan = self.Naverage - 1, steps - 1

    def _index(self, number: int) -> tuple[int, ...]:
        average, step = divmod(number, self.scanner.n_steps)
        index = tuple(map(int, self.scanner.get_indexes_from_scan_index(step)))
        return (average, *index) if self.Naverage > 1 else index

    def det_done(self, dte_grabbed: Any) -> None:
        """Hand on what was read; what comes after the scan was stopped has no saver any more."""
        if not self._is_stopped:
            super().det_done(dte_grabbed)

    def _on_scan_step_failed(self, exception: Exception) -> None:
        super()._on_scan_step_failed(exception)
        self.app.tell(f"The scan was stopped. {exception}")

    @Slot(str, int)  # type: ignore[untyped-decorator] # Qt has no types
    def update_worker_ntask(self, worker_name: str, n_saved: int) -> None:
        """Have it noted in the thread of the window: PySide6 calls this in that of the saver."""
        self._dealt.emit(worker_name, n_saved)

    def _note_dealt(self, worker_name: str, n_saved: int) -> None:
        """Note how many points the saver has dealt with; the last of a scan that is over ends it."""
        self._dealt_with = n_saved
        super().update_worker_ntask(worker_name, n_saved)
        if self._is_stopped:
            self.terminate_workers()

    def terminate_workers(self) -> None:
        """End the saver's thread and close the file, if every point was dealt with.

        PyMoDAQ asks a count that is one point old while the last one is on its way. It asks for this again at
        each Stop, and what was asked of the last scan may come in the middle of the next.
        """
        jobs = self.thread_manager.n_jobs
        if self._is_stopped and self.is_saving and jobs[SaverWorker.name] <= self._dealt_with:
            super().terminate_workers()
