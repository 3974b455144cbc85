"""The browser as a program of its own."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from qtpy.QtWidgets import QApplication

from ._session import Session
from ._window import BrowserWindow

ExceptHook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def browse(targets: Iterable[Path | str] = (), *, restore: bool = True) -> int:
    """Show the browser until it is closed; return the exit code.

    Parameters
    ----------
    targets
        Paths, or addresses ``hdf5://host:port/domain``, to open.
    restore
        Whether to open what was open the last time, where nothing is named.
    """
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
        return int(application.exec())
    finally:
        sys.excepthook = before


def _telling(window: BrowserWindow) -> ExceptHook:
    """Return what tells a mistake of ours in the bar; Qt would end the program."""

    def tell(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        traceback.print_exception(kind, error, where)
        window.tell(f"Something went wrong that should not have ({kind.__name__}: {error}).")

    return tell
