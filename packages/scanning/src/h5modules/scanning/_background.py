"""A scan in a thread of its own: for notebooks, windows and asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

from ._control import ScanControl
from ._progress import Progress
from ._runner import ScanResult
from ._steering import Callback

Scan = Callable[[ScanControl, Callback], ScanResult]
"""Runs a scan with the buttons and the callback that it is given."""


class RunningScan:
    """A scan that runs in a thread: see `in_background`.

    Attributes
    ----------
    control
        The buttons: pause, resume, stop, abort.
    """

    def __init__(self, scan: Scan) -> None:
        self.control = ScanControl()
        self._progress: Progress | None = None
        self._future: Future[ScanResult] = Future()
        threading.Thread(target=self._run, args=(scan,), name="scan").start()

    def _run(self, scan: Scan) -> None:
        try:
            self._future.set_result(scan(self.control, self._note))
        except BaseException as error:  # noqa: BLE001 - raised again by who asks for the result
            self._future.set_exception(error)

    def _note(self, progress: Progress) -> None:
        self._progress = progress

    @property
    def progress(self) -> Progress | None:
        """How far it has come; None before the first move."""
        return self._progress

    @property
    def is_done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._future.done()

    def result(self, timeout: float | None = None) -> ScanResult:
        """Wait until the scan has ended, and return what it left.

        Parameters
        ----------
        timeout
            Seconds to wait at most; the scan goes on behind them.

        Raises
        ------
        TimeoutError
            When it has not ended within `timeout`.
        H5ModulesError
            Whatever the scan raised.
        """
        return self._future.result(timeout)

    async def wait(self) -> ScanResult:
        """Wait for the scan in asyncio; cancelling the wait stops the scan after the point.

        Raises
        ------
        H5ModulesError
            Whatever the scan raised.
        """
        try:
            return await asyncio.shield(asyncio.wrap_future(self._future))
        except asyncio.CancelledError:
            self.control.stop()
            raise


def in_background(scan: Scan) -> RunningScan:
    """Run a scan in a thread of its own, and return at once.

    Parameters
    ----------
    scan
        Takes the buttons and a callback, and runs the scan with them.

    Examples
    --------
    >>> from h5modules.scanning import FunctionActuator, LinearAxis, Plan, run_scan
    >>> stage = FunctionActuator(lambda value: None, 'Stage')
    >>> plan = Plan([LinearAxis('Stage', 0, 1, 5)])
    >>> def power():
    ...     return stage.position**2
    >>> running = in_background(
    ...     lambda control, callback: run_scan(
    ...         plan, [stage], [power], tmp_path / 'scan.h5', control=control, callback=callback
    ...     )
    ... )
    >>> running.result().is_complete, running.progress.done
    (True, 5)
    """
    return RunningScan(scan)
