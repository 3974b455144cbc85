"""Keeping Ctrl-C out of the middle of a change."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_is_put_off = False
"""Whether the main thread is in a block of `uninterrupted`."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Put Ctrl-C off until a block is done; blocks can be nested, and the outermost puts it off.

    HDF5 calls back into Python while it changes a file. A KeyboardInterrupt raised there looks to it like
    a disk that fails, and what it had in hand could be lost. Only the main thread gets Ctrl-C.

    Examples
    --------
    >>> try:
    ...     with uninterrupted():
    ...         signal.raise_signal(signal.SIGINT)
    ...         print('still here')
    ... except KeyboardInterrupt:
    ...     print('stopped')
    still here
    stopped
    """
    global _is_put_off  # noqa: PLW0603 - as the handler, which it tells of, there is one in a process
    if _is_put_off:
        yield
        return
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[tuple[Any, Any]] = []
    signal.signal(signal.SIGINT, lambda number, frame: caught.append((number, frame)))
    _is_put_off = True
    try:
        yield
    finally:
        _is_put_off = False
        signal.signal(signal.SIGINT, handler)
        if caught:
            handler(*caught[-1])
