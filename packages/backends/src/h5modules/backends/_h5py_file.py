"""An open file of h5py: what is asked of it before anything is done, and how its errors are explained."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

import h5py
from h5py import h5f, h5p

from ._errors import (
    FileAccessError,
    FileClosedError,
    FileError,
    FileFormatError,
    FileReadOnlyError,
    H5ModulesError,
    NodeError,
    NodeExistsError,
    UnsupportedError,
)
from ._h5py_known import Held, Known
from ._h5py_values import key
from ._interrupts import uninterrupted
from ._journaled_file import JournaledFile
from ._raw_values import encoded


def _into_other_files() -> h5p.PropLAID:
    """Return how h5py follows links into other files: they are closed as a whole."""
    access, links = h5p.create(h5p.FILE_ACCESS), h5p.create(h5p.LINK_ACCESS)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    links.set_elink_fapl(access)
    return links


_INTO_OTHER_FILES = _into_other_files()

FAILURES = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    MemoryError,
    SystemError,
)
"""What h5py raises when a file is damaged or the disk is full: there is no class that they share."""


# Without the times of the file, where the system can.
_sync = getattr(os, "fdatasync", os.fsync)


class H5pyFile:
    """An open file.

    Parameters
    ----------
    h5
        The file of h5py.
    store
        The file object that it lives on; None where it lives on a path, and is only read.
    name
        Its path, for messages.
    writable
        Whether it was opened for writing.
    """

    def __init__(self, h5: h5py.File, store: JournaledFile | None, name: str, *, writable: bool) -> None:
        self.h5 = h5
        self.name = name
        self.known = Known(h5, is_kept=writable)
        self._was_opened_to_write = writable
        self._store = store

    @property
    def writable(self) -> bool:
        """Whether it was opened for writing, by this process."""
        return self._was_opened_to_write and not self._is_let_go

    @property
    def _is_let_go(self) -> bool:
        return self._store is not None and self._store.is_let_go

    @property
    def held(self) -> Held:
        """What is known of its structure: see `Known`."""
        return self.known.held if self.writable else {}

    @property
    def store(self) -> JournaledFile:
        """The file object that the file lives on while it is written."""
        if self._store is None:
            raise FileReadOnlyError(f"the file {self.name!r} was opened for reading.")
        return self._store

    def uninterrupted(self) -> AbstractContextManager[None]:
        """Put Ctrl-C off in a ``with`` block; not for a file on a path, in which HDF5 runs no Python."""
        return nullcontext() if self._store is None else uninterrupted()

    def commit(self) -> None:
        """Have HDF5 write all it knows, and commit it."""
        self._require_own_process()
        with uninterrupted():
            self.h5.flush()
            self._tell_failure()

    def _tell_failure(self) -> None:
        if self._store is not None:
            self._store.raise_failure()

    def sync(self) -> None:
        """Wait until what was written is on the disk itself."""
        with self.explained("waiting for the disk to store"):
            _sync(self.store.descriptor)

    def close(self) -> None:
        """Close the file, committing what is pending; closing twice is no error.

        Where that is not possible, such as on a full disk, the file stays as it was committed last, and looks
        like that of a writer that was killed.
        """
        self.known.stop()
        with uninterrupted(), ExitStack() as closing:
            if self._store is not None:
                closing.enter_context(self._store.closing())
            if self.h5:
                closing.callback(self.h5.close)
                if self.writable:
                    self.commit()

    def where(self, path: str) -> str:
        """Return what a node is called in messages."""
        return f"{path!r} in {self.name!r}"

    def require_open(self) -> None:
        """Refuse a file that is closed."""
        if not self.h5:
            raise FileClosedError(f"the file {self.name!r} is closed.")

    def require_writable(self) -> None:
        """Refuse a file that is closed, or open for reading."""
        self.require_open()
        self._require_own_process()
        if not self.writable:
            raise FileReadOnlyError(
                f"the file {self.name!r} was opened for reading; open it with mode 'a' or 'r+'."
            )

    def _require_own_process(self) -> None:
        if self._is_let_go:
            raise FileAccessError(
                f"{self.name!r} is written by the process that this one was forked from; write to it there."
            )

    def require_own(self, node: Any, path: str) -> None:
        """Refuse to change what a link finds in another file: its place is not one of this file.

        Raises
        ------
        UnsupportedError
            When it lies there.
        """
        if not self.known.is_own(node):
            raise UnsupportedError(
                f"{self.where(path)} cannot be changed: a link leads to it in {node.file.filename!r}; open "
                "that file to change it."
            )

    @contextmanager
    def explained(self, doing: str, kind: type[FileError] = FileError) -> Iterator[None]:
        """Turn what the library raises into an error of ours that says what was being done."""
        try:
            with self.uninterrupted():
                yield
            self._tell_failure()
        except H5ModulesError:
            raise
        except FAILURES as error:
            raise kind(f"{doing} {self.name!r} failed: {error}") from error

    @contextmanager
    def changing(self, doing: str) -> Iterator[None]:
        """Explain what fails in the block while something other than values is changed."""
        self.known.forget()  # what is deleted must not be open
        try:
            with self.explained(doing):
                yield
        finally:
            self.known.forget()

    def raw(self, path: str) -> Any:
        """Return the library's object at a path.

        Raises
        ------
        NodeError
            When there is none.
        """
        self.require_open()
        try:
            with self.uninterrupted():  # to read something HDF5 may have to write something else first
                return self.h5[key(path)]
        except FAILURES as error:
            raise NodeError(f"there is no node {path!r} in {self.name!r}: {error}") from error

    def reading(self, path: str) -> Any:
        """Explain what fails in the block while a node is read."""
        return self.explained(f"reading {path!r} in", FileFormatError)

    def has_link(self, path: str) -> bool:
        """Tell whether anything is at a path, be it a broken link."""
        try:
            with self.uninterrupted():
                return bool(self.h5.id.links.exists(encoded(path), lapl=_INTO_OTHER_FILES))
        except FAILURES:  # what it would lie in is not there
            return False

    def link(self, path: str) -> Any:
        """Return the library's description of the link at a path; None where there is none."""
        try:
            with self.uninterrupted():
                return self.h5.get(key(path), getlink=True)
        except FAILURES:
            return None

    def require_place(self, path: str) -> None:
        """Refuse to make a node where one is, or where no group can hold it."""
        self.require_writable()
        if path == "/" or self.has_link(path):
            raise NodeExistsError(f"{path!r} exists already in {self.name!r}.")
        above = path.rpartition("/")[0] or "/"
        group = self.raw(above)
        if not isinstance(group, h5py.Group):
            raise NodeError(f"{above!r} in {self.name!r} is not a group.")
        self.require_own(group, above)

    def require_removable(self, path: str) -> None:
        """Refuse to take away what is not there, or the root."""
        self.require_writable()
        if path == "/" or not self.has_link(path):
            reason = "the root stays where it is" if path == "/" else "it does not exist"
            raise NodeError(f"{path!r} in {self.name!r} cannot be deleted or moved: {reason}.")
        above = path.rpartition("/")[0] or "/"
        self.require_own(self.raw(above), above)

    @contextmanager
    def made(self, path: str) -> Iterator[None]:
        """Make a node whole, or not at all."""
        with uninterrupted(), self.changing(f"creating {path!r} in"):
            try:
                yield
                self._tell_failure()
            except (H5ModulesError, *FAILURES):
                if self.h5 and self.has_link(path):
                    del self.h5[key(path)]
                raise
