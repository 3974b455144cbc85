"""A file opened through the library of one's choice: its life, before anything is looked for in it."""

from __future__ import annotations

from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self

from ._codec import encode
from ._compression import Compression
from ._driver import Driver, NodeKind, OpenMode
from ._errors import FileClosedError, H5ModulesError
from ._forking import let_go_when_forked
from ._handles import Appender
from ._making import root_attributes
from ._registry import get_driver


class LibraryFile:
    """A file that can be opened, flushed and closed, through any library.

    Parameters
    ----------
    backend
        The name of the library: see `backends_available`.

    Attributes
    ----------
    lock
        Held by the thread that changes the structure of the file, or adds rows; one thread may take it
        several times. Hold it where several changes belong together. Do not wait for another thread
        meanwhile: it may wait for the lock. Reading takes no lock, nor does writing by an open handle
        (`Writer`, `Appender`).
    """

    def __init__(self, backend: str = "h5py") -> None:
        self.lock = RLock()
        let_go_when_forked(self)
        self._driver: Driver | None = None
        self._grown: set[str] = set()
        """Paths of arrays that grew since their shapes were told last."""
        self._growing: dict[str, tuple[Appender, int | None]] = {}
        """What adds rows to an array by an open handle, and the length that was told last."""
        self._options: dict[str, Any] = {}
        self.file_path: Path | str | None = None
        self.compression: Compression | None = None
        self.set_backend(backend)

    @classmethod
    def open(cls, path: Path | str, mode: OpenMode = "r", backend: str = "h5py", **options: Any) -> Self:
        """Return an open file, to be used in a ``with`` block; see `open_file`."""
        file = cls(backend)
        file._open_file(path, mode, **options)
        return file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close_file()
        except H5ModulesError as closing:
            if error is None:
                raise
            error.add_note(f"Besides, {closing}")  # what went wrong first matters more

    # The file

    def set_backend(self, backend: str) -> None:
        """Choose the library, closing the file that is open.

        Raises
        ------
        BackendUnknownError, BackendMissingError
            When it is not registered, or not installed.
        """
        self._driver_class = get_driver(backend)
        self.close_file()
        self.backend = backend

    @property
    def driver(self) -> Driver:
        """The open file in its library.

        Raises
        ------
        FileClosedError
            When no file is open.
        """
        if self._driver is None or not self._driver.is_open:
            where = "" if self.file_path is None else f" ({str(self.file_path)!r} was closed)"
            raise FileClosedError(f"no file is open{where}; call open_file or init_file first.")
        return self._driver

    @property
    def h5file(self) -> Any:
        """The library's own file object; None when no file is open."""
        return self.driver.handle if self.isopen() else None

    @property
    def filename(self) -> str:
        """The path of the open file."""
        return self.driver.filename

    def isopen(self) -> bool:
        """Tell whether a file is open."""
        return self._driver is not None and self._driver.is_open

    def open_file(
        self,
        fullpathname: Path | str,
        mode: OpenMode = "r",
        title: str = "PyMoDAQ file",
        swmr_mode: bool = False,
        **options: Any,
    ) -> Any:
        """Open a file, closing the one that is open.

        Parameters
        ----------
        fullpathname
            The path of the file, or the domain's.
        mode
            ``'r'``, ``'r+'``, ``'a'``, ``'w'`` or ``'x'``.
        title
            The title of a new file.
        swmr_mode
            Taken for PyMoDAQ's callers, without effect: nothing is written in HDF5's SWMR mode, and what is
            written so is read as it is.
        **options
            What the backend's library needs besides.

        Returns
        -------
        The library's own file object.

        Raises
        ------
        FileMissingError, FileTakenError, FileAccessError, FileFormatError
            Each an OSError of its kind.
        """
        self._open_file(fullpathname, mode, title, **options)
        return self.driver.handle

    def _open_file(
        self, fullpathname: Path | str, mode: OpenMode, title: str = "PyMoDAQ file", **options: Any
    ) -> None:
        """Open a file; its driver remembers what it is like until the library's own object is handed out."""
        self.close_file()
        if self._driver_class.abilities.local and not Path(fullpathname).is_absolute():
            fullpathname = Path(fullpathname).absolute()  # the folder that it is relative to may change
        with self.lock:
            driver = self._driver_class.open(fullpathname, mode, **options)
            try:
                if mode in ("w", "x", "a"):
                    _describe(driver, title)
            except BaseException:
                driver.close()
                raise
            self._driver, self._options, self.file_path = driver, options, fullpathname

    def flush(self) -> None:
        """Hand everything written to the operating system, or to the server."""
        with self.lock:
            if self._driver is not None and self._driver.is_open and self._driver.writable:
                self._tell_shapes()
                self._driver.flush()

    def _tell_shapes(self) -> None:
        """Bring the attribute ``shape`` of arrays that grew up to date: PyMoDAQ appends by it."""
        for path, (appender, told) in self._growing.items():
            if (length := appender.length) != told:
                self._grown.add(path)
                self._growing[path] = appender, length
        for path in sorted(self._grown):
            if self.driver.kind(path) in (NodeKind.EARRAY, NodeKind.VLARRAY):  # deleted or moved meanwhile?
                self.driver.write_attributes(path, {"shape": encode(self.driver.array_info(path).shape)})
            self._grown.discard(path)

    def note_growth(self, path: str, appender: Appender | None = None) -> None:
        """Remember that an array grew: `flush` and `close_file` bring its ``shape`` attribute up to date.

        Parameters
        ----------
        path
            The array.
        appender
            What will add more rows to it, without a word.
        """
        self._grown.add(path)
        if appender is not None:
            self._growing[path] = appender, None

    def _forget_growth(self, path: str) -> None:
        """Let go of what adds rows to arrays at a path and below, which are taken away from there."""
        for growing in [each for each in self._growing if f"{each}/".startswith(f"{path}/")]:
            del self._growing[growing]

    def close_file(self) -> None:
        """Write what is pending and close the file; closing twice is no error."""
        if self._driver is None:
            return
        try:
            self.flush()  # not under the lock: whoever has others save may wait for them here
        finally:
            with self.lock:
                driver, self._driver = self._driver, None
                self._grown.clear()
                self._growing.clear()
                if driver is not None:  # another thread may have closed it
                    driver.close()

    def let_go(self) -> None:
        """Do without the lock in a process that was forked: no thread that might hold it is there."""
        self.lock = RLock()

    def close(self) -> None:
        """Close the file: the same as `close_file`."""
        self.close_file()


def _describe(driver: Driver, title: str) -> None:
    """Write the attributes of a new file; on a file of somebody else, only what is asked for is written."""
    if "h5modules_version" not in driver.attribute_names("/") and not driver.child_names("/"):
        values = root_attributes(title)
        driver.write_attributes("/", {name: encode(value) for name, value in values.items()})
