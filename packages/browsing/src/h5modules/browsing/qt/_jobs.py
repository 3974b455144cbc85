"""Work done beside the GUI thread, whose results come back to it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, TypeVar

from qtpy.QtCore import QObject, Qt, Signal

from h5modules.backends import H5ModulesError

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class Jobs(QObject):  # type: ignore[misc] # Qt has no types
    """A thread of its own, in which one job is done after the other.

    A file has one of these: what is read of it waits for nothing but itself, and the GUI for none of it.

    Parameters
    ----------
    name
        The name of the thread.
    parent
        The object that owns it.
    """

    _ended = Signal(object, object, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._open = True
        self._waiting = 0
        self._ended.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    @property
    def is_idle(self) -> bool:
        """Whether no job is waiting or running; asked in the GUI thread, which alone starts jobs."""
        return self._waiting == 0

    def start(
        self,
        work: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        """Do something in the thread.

        Parameters
        ----------
        work
            What to do there; it touches no widget.
        done, failed
            Called in the GUI thread with what it returned, or raised. After `close` neither is called.
        """
        if not self._open:
            return
        self._waiting += 1
        future = self._executor.submit(work)
        future.add_done_callback(lambda ended: self._tell(ended, done, failed))

    def _tell(self, ended: Future[Any], done: Callable[[Any], object], failed: Callable[..., object]) -> None:
        if self._open:
            self._ended.emit(ended, done, failed)

    def _hand_over(
        self, ended: Future[Any], done: Callable[[Any], object], failed: Callable[..., object]
    ) -> None:
        self._waiting -= 1
        if not self._open:
            return
        try:
            error = ended.exception()
        except CancelledError:
            return
        if error is None:
            done(ended.result())
            return
        if not isinstance(error, H5ModulesError):  # a mistake of ours, which the log shall tell in full
            _logger.error("a job failed", exc_info=error)
        failed(error)

    def close(self) -> None:
        """Wait for the job that runs, and do no other."""
        self._open = False
        self._executor.shutdown(wait=True, cancel_futures=True)
