"""The browser as a program of its own."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

from h5modules.browsing._errors import DisplayMissingError

from ._session import Session
from ._window import BrowserWindow

STOPPED = 130
"""The exit code after Ctrl-C."""

_WAKING = 200
"""Milliseconds after which Python looks for signals at the latest: while Qt waits, it sees none."""

ExceptHook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def browse(targets: Iterable[Path | str] = (), *, restore: bool = True) -> int:
    """Show the browser until it is closed; return the exit code.

    Parameters
    ----------
    targets
        Paths, or addresses ``hdf5://host:port/domain``, to open.
    restore
        Whether to open what was open the last time, where nothing is named.

    Returns
    -------
    0 when its user closed it; 130 when it was closed by Ctrl-C in the terminal.

    Raises
    ------
    DisplayMissingError
        When there is no display to show it on.
    """
    _require_display()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    application.setApplicationName("h5modules")
    application.setApplicationDisplayName("h5modules")
    window = BrowserWindow(Session())
    before, sys.excepthook = sys.excepthook, _telling(window)
    try:
        named = list(targets)
        if restore:
            window.restore(with_files=not named)
        window.open_all(named)
        window.show()
        with _closed_by_ctrl_c(window) as stopped:
            code = int(application.exec())
        return STOPPED if stopped else code
    finally:
        sys.excepthook = before


def _require_display() -> None:
    """Refuse to go on where Qt would end the program, without a word of what to do."""
    shows = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(map(os.environ.get, shows)):
        raise DisplayMissingError(
            "there is no display to show a window on. Of another machine, h5modules serve shows files in any "
            "browser; in a terminal, h5modules tree, show and plot --terminal do."
        )


@contextmanager
def _closed_by_ctrl_c(window: BrowserWindow) -> Iterator[list[int]]:
    """Close a window by Ctrl-C; yields a list that holds the signal then."""
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.append(number)
        window.close()

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield stopped
        return
    waking = QTimer()
    waking.timeout.connect(lambda: None)
    waking.start(_WAKING)
    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        waking.stop()


def _telling(window: BrowserWindow) -> ExceptHook:
    """Return what tells a mistake of ours in the bar; Qt would end the program."""

    def tell(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        traceback.print_exception(kind, error, where)
        window.tell(f"Something went wrong that should not have ({kind.__name__}: {error}).")

    return tell
