"""Signals that end a program, taken as Ctrl-C: devices are closed, and the file says what is in it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""What `kill`, a terminal that is closed, and on Windows Ctrl-Break or a window that is closed send."""


@contextmanager
def ending_as_ctrl_c() -> Iterator[None]:
    """Take signals that would end the program as Ctrl-C, in a ``with`` block.

    A signal that is ignored, as SIGHUP after ``nohup``, or that something else listens to, is left alone. All
    are where Ctrl-C is ignored itself, as in what a shell script runs with ``&``: the program ends as ever.
    """
    is_main = threading.current_thread() is threading.main_thread()
    can_pass_on = is_main and callable(signal.getsignal(signal.SIGINT))
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)] if can_pass_on else []
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _pass_on)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _pass_on(number: int, frame: FrameType | None) -> None:
    # Not as KeyboardInterrupt: who holds Ctrl-C back holds this back, too.
    signal.raise_signal(signal.SIGINT)
