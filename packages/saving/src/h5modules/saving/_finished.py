"""`FinishedFile`: what is begun in it is finished when it is closed."""

from __future__ import annotations

from h5modules.backends import GROUP, Compression, FileReadOnlyError, NodeKind, UnsupportedError, Where

from ._array_file import ArrayFile
from ._finishing import begin_again, fill_points, record_of
from ._packing import pack
from ._second_names import name_growing_axes


class FinishedFile(ArrayFile):
    """A file whose scans are finished, and which is packed, when it is closed, where that was asked for.

    Parameters
    ----------
    backend
        The name of the library: see `h5modules.backends.backends_available`.
    """

    def __init__(self, backend: str = "h5py") -> None:
        self._unfinished: set[str] = set()
        self._has_growing_plots = False
        self._packing: Compression | None = None
        super().__init__(backend)

    @property
    def _is_local(self) -> bool:
        return self._driver_class.abilities.local

    def finish_at_close(self, where: Where) -> None:
        """Ask that points not acquired read NaN in every program, once the file is closed.

        It is done for floats, where it takes no more than `FILL_LIMIT` bytes; for larger scans `recover` does
        it when it is asked to. Ask before the first point is written: a scan that was finished counts as
        unfinished from now on.

        Parameters
        ----------
        where
            The group of a scan, which holds its record of points done.
        """
        with self.lock:
            group = self._get_group(where)
            begin_again(group)
            self._unfinished.add(group.path)

    def name_axes_at_close(self) -> None:
        """Ask that plots of logs name their axis once it is closed: while rows come, they are counted."""
        self._has_growing_plots = True

    def pack_at_close(self, compression: Compression | None = None) -> None:
        """Ask that the file is packed once it is closed: points are written fast, and take little room later.

        See `pack` for how it is done: the file is whole at any moment.

        Parameters
        ----------
        compression
            How; gzip with shuffle by default, which every HDF5 program reads.

        Raises
        ------
        FileClosedError, FileReadOnlyError
            When no file is open for writing.
        UnsupportedError
            When it is none of this machine, but a domain of a server.

        Examples
        --------
        >>> import numpy as np
        >>> with FinishedFile.open(tmp_path / 'scan.h5', 'w') as saver:
        ...     saver.pack_at_close()
        ...     array = saver.create_carray('/', 'Data', np.zeros((200, 1000)))
        >>> (tmp_path / 'scan.h5').stat().st_size < 100_000
        True
        """
        if not self._is_local:
            raise UnsupportedError(f"{self.filename!r} cannot be packed: it is not a file of this machine.")
        if not self.driver.writable:
            raise FileReadOnlyError(f"{self.filename!r} was opened for reading: it is not packed.")
        self._packing = compression or Compression()

    def close_file(self) -> None:
        """Finish the scans, write what is pending, close the file and pack it where that was asked for.

        Closing twice is no error.

        Raises
        ------
        FileAccessError, PackingError
            When it was closed, and could not be packed: see `pack`.
        """
        packing, self._packing = self._packing, None
        try:
            with self.lock:
                self._finish_all()
        finally:
            super().close_file()
        if packing is not None and self.file_path is not None:
            pack(self.file_path, packing)

    def _finish_all(self) -> None:
        unfinished, self._unfinished = sorted(self._unfinished), set()
        has_growing_plots, self._has_growing_plots = self._has_growing_plots, False
        if self.isopen() and self.driver.writable:
            for path in unfinished:
                self._finish(path)
            if has_growing_plots:
                name_growing_axes(self)

    def _finish(self, path: str) -> None:
        group = GROUP(self, path)
        is_there = self.driver.kind(path) is NodeKind.GROUP  # it may have been deleted meanwhile
        if is_there and (record := record_of(group)) is not None:
            fill_points(group, record)
