"""The course of a scan: PyMoDAQ's, which leaves out acquired points and waits for the saver."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Any

import numpy as np
from pymodaq.extensions.scan.daq_scan import DAQScanAcquisition
from pymodaq.utils.managers.modules import ModuleType
from pymodaq_gui.utils.app_worker import SaverWorker
from qtpy.QtCore import Qt, QTimer, Signal, Slot

from ._unanswered import Unanswered

Mask = np.ndarray[Any, np.dtype[np.bool_]]

LOOK = 20
"""Milliseconds between two looks at whether a module has answered that is still at work."""


class Stage(Enum):
    """What a scan is doing at its point."""

    BETWEEN = auto()
    WAITING = auto()
    AT_START = auto()
    MOVING = auto()
    SETTLING = auto()
    GRABBING = auto()
    RESTING = auto()


class ScanAcquisition(DAQScanAcquisition):  # type: ignore[misc] # PyMoDAQ has no types
    """Acquires the points of a scan, each once.

    PyMoDAQ's forgets nothing of a scan that is stopped in the middle of a point: what it asked of modules is
    answered in the next scan, which then takes two steps at a time and leaves out every second point. A pause
    that ends before its point does so too. Here a scan knows what it is doing, and takes one step at a time.

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
    _stage = Stage.BETWEEN
    _is_begun = False
    _course = 0

    def __init__(self, daq_scan: Any, parent: Any = None) -> None:
        super().__init__(daq_scan, parent)
        self._unanswered = Unanswered()
        self._dealt.connect(self._note_dealt, Qt.ConnectionType.QueuedConnection)

    @property
    def is_saving(self) -> bool:
        """Whether the saver is at work; it is until the last point is in the file."""
        return SaverWorker.name in self.thread_manager.worker_threads

    # Start, pause, stop

    def start(self) -> None:
        """Begin."""
        self._dealt_with, self._is_stopped = 0, False
        self._is_begun, self._course = False, self._course + 1
        super().start()

    def _start(self) -> None:
        self._when_answered(super()._start)

    def _pause(self, do_pause: bool = True) -> None:
        if do_pause or self._is_begun:
            super()._pause(do_pause)
        elif self._stage is Stage.BETWEEN:  # it was paused on the way to its first point
            self.set_ini_positions()

    def stop(self, msg: str | None = None) -> None:
        """End before the next point; points that were read are saved all the same."""
        self._is_stopped = True
        self._leave_point()
        super().stop(msg)
        self.terminate_workers()

    def timeout(self, missing_modules: list[str] | None = None) -> None:
        """Leave the point that a module did not answer at; what it answers later belongs to no point."""
        self._leave_point()
        super().timeout(missing_modules)

    def _leave_point(self) -> None:
        """Forget what was asked at the point, and note who has not answered it."""
        modules, stage = self.modules_manager, self._stage
        self._stage, self._course = Stage.BETWEEN, self._course + 1
        callbacks: dict[Stage, Callable[[Any], None]] = {
            Stage.AT_START: self._on_ini_positions,
            Stage.MOVING: self._on_move_done,
            Stage.GRABBING: self._on_grab_done,
        }
        if (callback := callbacks.get(stage)) is None:
            return
        if stage is Stage.GRABBING:
            kind, missing = ModuleType.Detector, modules.get_missing_detectors()
            seconds = modules.detector_timeout / 1000
        else:
            kind, missing = ModuleType.Actuator, modules.get_missing_actuators()
            seconds = modules.actuator_timeout
        modules.actuators_timeout_timer.stop()
        modules.detectors_timeout_timer.stop()
        modules.forget_callback(callback, kind, disconnect_modules=stage is Stage.AT_START)
        self._unanswered.expect(modules.get_mods_from_names(missing, kind), kind, seconds)

    def _when_answered(self, go_on: Callable[[], None]) -> None:
        """Go on when all modules have answered what they were asked before, unless the scan is stopped."""
        self._stage = Stage.WAITING
        if titles := self._unanswered.titles:
            self._update_status(f"Waiting for {', '.join(titles)}: still at work for the point before")
        self._look_for_answers(go_on, self._course)

    def _look_for_answers(self, go_on: Callable[[], None], course: int) -> None:
        if course != self._course:
            return
        if self._unanswered.titles:
            QTimer.singleShot(LOOK, partial(self._look_for_answers, go_on, course))
        else:
            self._stage = Stage.BETWEEN
            go_on()

    # One point

    def set_ini_positions(self) -> None:
        """Go to where the scan begins."""
        self._stage = Stage.AT_START
        super().set_ini_positions()

    def _on_ini_positions(self, dte: Any) -> None:
        self._stage, self._is_begun = Stage.BETWEEN, self._running
        super()._on_ini_positions(dte)

    def advance(self) -> None:
        """Go to the next point that is not acquired; one that is under way goes on by itself."""
        if self._stage is not Stage.BETWEEN or not self._running:
            return
        if self.acquired is not None:
            self._pass_acquired(self.acquired)
        self._when_answered(self._move_on)

    def _move_on(self) -> None:
        if self._running:  # else it was paused meanwhile
            self._stage = Stage.MOVING
            super().advance()

    def _on_move_done(self, move_dte: Any) -> None:
        self._stage = Stage.SETTLING
        super()._on_move_done(move_dte)

    @property
    def grab_data(self) -> Callable[[], None]:
        """What reads the detectors: PyMoDAQ takes it when the actuators are there, and calls it later."""
        return partial(self._grab, super().grab_data, self._course)

    def _grab(self, grab: Callable[[], None], course: int) -> None:
        if course == self._course:
            self._stage = Stage.GRABBING
            grab()

    def _on_grab_done(self, dte_grabed: Any) -> None:
        self._stage = Stage.RESTING
        super()._on_grab_done(dte_grabed)

    @property
    def _on_scan_step_done(self) -> Callable[[], None]:
        """What ends a point: PyMoDAQ takes it when the detectors are read, and calls it later."""
        return partial(self._end_point, super()._on_scan_step_done, self._course)

    def _end_point(self, go_on: Callable[[], None], course: int) -> None:
        if course == self._course:
            self._stage = Stage.BETWEEN
            go_on()

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

    # The saver

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
