"""A file whose structure changes as a whole: what HDF5 writes is kept apart until it is committed.

HDF5 lives on such a file through h5py's driver for Python file objects. What is below the committed end of
the file stays on disk as it is until `flush`, which HDF5 calls when it has written all it knows: then the
kept byte ranges go into a journal beside the file, from there into the file, and the journal is dropped. What
HDF5 writes beyond the committed end goes straight to the file, for nothing refers to it yet.

HDF5 is never told of a failure, such as of a full disk: it would be left in a state in which it crashes.
What could not be written is kept, too, and whoever asked HDF5 for something asks `raise_failure` behind it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident

from ._forking import let_go_when_forked
from ._journal import Journal, clear, drop_journal, write_journal
from ._positioned import read_all, write_all
from ._ranges import ByteRanges


class JournaledFile(io.RawIOBase):
    """A file object with what h5py's driver calls.

    h5py holds its own lock meanwhile; whoever else calls it while another thread may, holds that too.

    Parameters
    ----------
    descriptor
        The open file; it is closed with this object.
    journal
        Where the journal of a change is stored; None for a file that is only read.
    synced
        Whether what is committed is on the disk itself, and outlives a loss of power.
    on_change
        Called before the structure of the file changes on the disk, with True, and when it has, with False.
    on_close
        Called when the file is closed.
    on_abandon
        Called in its place when not all could be committed.
    """

    def __init__(
        self,
        descriptor: int,
        journal: Path | None = None,
        *,
        synced: bool = False,
        on_change: Callable[[bool], None] = lambda is_beginning: None,
        on_close: Callable[[], None] = lambda: None,
        on_abandon: Callable[[], None] = lambda: None,
    ) -> None:
        self.descriptor = self._descriptor = descriptor
        """The number of the open file, to write to; -1 when it is closed, or another process writes it."""
        self.before_commit: Callable[[], None] = lambda: None
        """Called first in every commit."""
        self._journal = journal
        self._synced = synced
        self._on_change = on_change
        self._on_close, self._on_abandon = on_close, on_abandon
        self._committed = self._size = self._longest = os.fstat(descriptor).st_size
        self._position = 0
        self._changes = ByteRanges()
        self._cleared: list[tuple[int, int]] = []
        self._failures: dict[int, OSError] = {}
        """What failed last in each thread: HDF5 calls in that which called it."""
        let_go_when_forked(self)

    # What h5py's driver calls

    def readable(self) -> bool:  # docstring inherited
        return True

    def writable(self) -> bool:  # docstring inherited
        return self._journal is not None

    def seekable(self) -> bool:  # docstring inherited
        return True

    def tell(self) -> int:  # docstring inherited
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:  # docstring inherited
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` with the file as it will be when it is committed."""
        target = memoryview(buffer).cast("B")
        read_all(self._descriptor, self._position, target)
        for start, length in self._cleared:
            low = max(start - self._position, 0)
            high = min(start + length - self._position, len(target))
            if low < high:
                target[low:high] = bytes(high - low)
        if self._changes:
            self._changes.overlay(self._position, target)
        self._position += len(target)
        return len(target)

    def write(self, values: bytes | memoryview) -> int:  # type: ignore[override]
        """Keep what is below the committed end, and write what is beyond, or keep it where that fails."""
        part = memoryview(values).cast("B")
        kept = min(max(self._committed - self._position, 0), len(part))
        if kept < len(part) and not self._write_beyond(self._position + kept, part[kept:]):
            kept = len(part)
        if kept:
            self._changes.put(self._position, part[:kept])
        self._position += len(part)
        self._grow(self._position)
        return len(part)

    def _write_beyond(self, start: int, values: memoryview) -> bool:
        try:
            write_all(self.descriptor, start, values)
        except OSError as error:
            self._failures[get_ident()] = error
            return False
        self._changes.discard(start, start + len(values))  # what could not be written there before
        return True

    def truncate(self, size: int | None = None) -> int:
        """Let the file end at `size`, from the next commit on."""
        self._size = self._position if size is None else size
        self._longest = max(self._longest, self._size)
        return self._size

    def _grow(self, size: int) -> None:
        self._size = max(self._size, size)
        self._longest = max(self._longest, self._size)

    def flush(self) -> None:
        """Commit: HDF5 calls it when it has written all it knows.

        When the disk is full, or fails, what was to be committed is kept, and can be tried again.
        """
        if self.closed or self._journal is None:
            return
        try:
            self._commit(self._journal)
        except OSError as error:
            self._failures[get_ident()] = error

    def raise_failure(self) -> None:
        """Tell what failed in this thread since it asked last.

        Raises
        ------
        OSError
            The last failure.
        """
        failure = self._failures.pop(get_ident(), None)
        if failure is not None:
            raise failure

    def _commit(self, journal: Path) -> None:
        self.before_commit()
        if self._synced:
            os.fsync(self.descriptor)  # what lies beyond the committed end, before anything refers to it
        if self._size > os.fstat(self.descriptor).st_size:
            os.ftruncate(self.descriptor, self._size)  # first: where it is refused, nothing was changed
        if self._changes or self._cleared:
            self._apply(journal)
        elif self._size < self._committed:
            os.ftruncate(self.descriptor, self._size)
        self._committed = self._size

    def _apply(self, path: Path) -> None:
        self._changes.discard(self._size, sys.maxsize)
        replaced = tuple((start, self._stored(start, len(part))) for start, part in self._changes)
        journal = Journal(self._size, tuple(self._cleared), tuple(self._changes), replaced)
        write_journal(path, journal, synced=self._synced)
        # From here on the change is made, whatever happens: until it is dropped, the journal is read along.
        self._on_change(True)
        journal.apply(self.descriptor)
        if self._synced:
            os.fsync(self.descriptor)
        drop_journal(path, synced=self._synced)
        self._on_change(False)
        self._changes.clear()
        self._cleared.clear()

    def _stored(self, start: int, length: int) -> bytearray:
        values = bytearray(length)
        read_all(self.descriptor, start, memoryview(values))
        return values

    def close(self) -> None:
        """Close the file; what was not committed is dropped. Closing twice is no error."""
        if self.closed:
            return
        self._failures.clear()
        self._journal = None  # for Python's own `close` flushes first, and what HDF5 left is not whole
        super().close()
        descriptor, self._descriptor = self._descriptor, -1
        self.descriptor = -1
        os.close(descriptor)
        self._on_close()

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Close the file behind the block; if anything fails in it, leave it as a killed writer does.

        It stays as it was committed last, and its note stays there.
        """
        try:
            yield
            self.raise_failure()
        except BaseException:
            self._on_close = self._on_abandon
            raise
        finally:
            self.close()

    def let_go(self) -> None:
        """Leave the file to the process that forked this one: what is written here stays in memory."""
        self.descriptor, self._journal, self._committed = -1, None, sys.maxsize

    # What else is asked of it

    @property
    def is_let_go(self) -> bool:
        """Whether it is open, and another process writes it."""
        return self.descriptor < 0 <= self._descriptor

    @property
    def longest(self) -> int:
        """How long the file ever was since it was opened, in bytes; beyond it nothing was ever written."""
        return self._longest

    @property
    def committed(self) -> int:
        """Where the file ended at the last commit, in bytes: nothing refers to what is beyond."""
        return self._committed

    @property
    def holes(self) -> int:
        """How many bytes of the file have no room on the disk yet; zero where the system does not tell."""
        blocks: int | None = getattr(os.fstat(self.descriptor), "st_blocks", None)
        return 0 if blocks is None else max(self._size - 512 * blocks, 0)

    def has_changes_in(self, start: int, length: int) -> bool:
        """Tell whether a commit would change bytes of a range."""
        ranges = [(first, len(part)) for first, part in self._changes] + self._cleared
        return any(first < start + length and start < first + count for first, count in ranges)

    def show(self, journal: Journal) -> None:
        """Read the file as it is when `journal` is applied."""
        self._size = journal.size
        self._cleared = list(journal.cleared)
        for start, values in journal.written:
            self._changes.put(start, values)

    def clear(self, start: int, length: int) -> None:
        """Make bytes zero, from the next commit on: an array was given room that held something before."""
        self._changes.discard(start, start + length)
        below = min(max(self._committed - start, 0), length)
        if below:
            self._cleared.append((start, below))
        clear(self.descriptor, start + below, length - below)
