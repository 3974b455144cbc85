"""Nodes that are made together are there together, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class UndoLog:
    """Remembers which nodes are made, so that they can be deleted when what they belong to fails.

    Examples
    --------
    >>> from contextlib import suppress
    >>> log, deleted = UndoLog(), []
    >>> with suppress(OSError), log.recording(undo=deleted.append):
    ...     log.note('/Scan000')
    ...     log.note('/Scan000/Detector000')
    ...     raise OSError('no space')
    >>> deleted
    ['/Scan000/Detector000', '/Scan000']
    """

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._depth = 0

    @property
    def is_recording(self) -> bool:
        """Whether somebody wants to know what is made."""
        return self._depth > 0

    def note(self, path: str) -> None:
        """Remember that the node at `path` is about to be made."""
        self._paths.append(path)

    @contextmanager
    def recording(self, undo: Callable[[str], None]) -> Iterator[None]:
        """Call `undo` with the path of each node noted in the block, the last first, when the block raises.

        Blocks can be nested: what an inner block made goes with the outer one.
        """
        start = len(self._paths)
        self._depth += 1
        try:
            yield
        except BaseException:
            while len(self._paths) > start:
                undo(self._paths.pop())
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._paths.clear()
