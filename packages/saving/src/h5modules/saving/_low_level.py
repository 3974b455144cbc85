"""`H5SaverLowLevel`: a file laid out as PyMoDAQ lays it out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any, Self

from h5modules.backends import (
    GROUP,
    FileClosedError,
    FileError,
    FileTakenError,
    GroupType,
    NodeError,
    OpenMode,
    SaveType,
    StringARRAY,
    Where,
    child_path,
    encode_attributes,
)

from ._dated import new_datasets, new_domains
from ._finished import FinishedFile
from ._grouped import Metadata, Settings
from ._paths import Target, file_meant, folder_of, name_in_folder
from ._second_names import is_shown_by_default

LOGGER_NAME = "Logger"


class H5SaverLowLevel(FinishedFile):
    """A file with PyMoDAQ's groups: ``/RawData``, its log, and groups that count up.

    Parameters
    ----------
    save_type
        What the file is made for.
    backend
        The name of the library: see `h5modules.backends.backends_available`.
    nexus
        Whether what is saved gets second names in ``/NeXus``, for programs that plot NeXus files; by default
        it does, unless the environment variable ``H5MODULES_NEXUS`` is ``0``.

    Attributes
    ----------
    save_type
        What the file is made for.
    nexus
        Whether it does; it may be changed at any time.
    file_loaded
        Whether the file was there before `init_file` opened it.

    Examples
    --------
    >>> with H5SaverLowLevel.from_file(tmp_path / 'scan.h5', new_file=True) as saver:
    ...     scan = saver.add_scan_group(title='First try')
    ...     detector = saver.add_det_group(scan, title='Camera')
    ...     saver.add_log('scan started')
    ...     detector.path
    '/RawData/Scan000/Detector000'
    """

    def __init__(
        self, save_type: SaveType | str = SaveType.scan, backend: str = "h5py", *, nexus: bool | None = None
    ) -> None:
        super().__init__(backend)
        self.save_type = SaveType.parse(save_type)
        self.nexus = is_shown_by_default() if nexus is None else nexus
        self.file_loaded = False
        self._raw_group_path = "/RawData"

    @classmethod
    def from_file(  # noqa: PLR0913 - PyMoDAQ's arguments
        cls,
        path: Target,
        save_type: SaveType | str = SaveType.scan,
        new_file: bool = False,
        metadata: Metadata = None,
        swmr_mode: bool = False,
        mode: OpenMode = "a",
        backend: str = "h5py",
        *,
        nexus: bool | None = None,
        **options: Any,
    ) -> Self:
        """Return a saver with its file open.

        Parameters
        ----------
        path, new_file, metadata, swmr_mode, mode, **options
            As for `init_file`.
        save_type, backend, nexus
            As for the constructor.
        """
        saver = cls(save_type, backend)
        if nexus is not None:
            saver.nexus = nexus
        saver._open_and_lay_out(path, new_file=new_file, metadata=metadata, mode=mode, **options)
        return saver

    def init_file(
        self,
        file_name: Target,
        raw_group_name: str = "RawData",
        new_file: bool = False,
        metadata: Metadata = None,
        swmr_mode: bool = False,
        mode: OpenMode = "a",
        **options: Any,
    ) -> bool:
        """Open a file and make sure of its raw group and its log.

        Parameters
        ----------
        file_name
            The file's path; ``.h5`` is added where its suffix does not speak of h5, unless a file of that
            very name is to be opened. Or a domain, whose name is taken as it is.
        raw_group_name
            The name of the group that holds everything.
        new_file
            Replace the file if there is one.
        metadata
            Attributes of the raw group, when it is made.
        swmr_mode
            Taken for PyMoDAQ's callers, without effect: nothing is written in HDF5's SWMR mode.
        mode
            How to open the file unless `new_file`: ``'a'`` to make it or add to it, ``'r+'`` to add to it,
            ``'x'`` to make it, ``'w'`` to replace it, ``'r'`` to read it.
        **options
            What the backend's library needs besides; for h5pyd ``endpoint``, ``username``, ``password``.

        Returns
        -------
        Whether the file is new.

        Raises
        ------
        FileMissingError, FileTakenError, FileAccessError, FileFormatError, FileError
            Each an OSError of its kind; the last also when `new_file` and `mode` contradict each other. No
            file is open then.
        NodeNameError, AttributeValueError
            When the raw group cannot have that name or these attributes; no file was touched.
        """
        return self._open_and_lay_out(file_name, raw_group_name, new_file, metadata, mode, **options)

    def init_dataset(
        self, base: Target | None = None, metadata: Metadata = None, **options: Any
    ) -> Path | str:
        """Make a new file in the folder of today, under the next name: ``Dataset_20261126_000.h5``, ...

        Two programs that do so at once get a file each.

        Parameters
        ----------
        base
            The folder under which the folders of the years and days lie, `default_base` by default; for a
            server, the folder or address there.
        metadata, **options
            As for `init_file`.

        Returns
        -------
        The full path, or the address, of the file.

        Raises
        ------
        FileAccessError, FileError
            When the folder or the file cannot be made.

        Examples
        --------
        >>> with H5SaverLowLevel() as saver:
        ...     path = saver.init_dataset(tmp_path)
        >>> path.relative_to(tmp_path).as_posix()
        '20.../20.../Dataset_20..._000.h5'
        """
        targets: Iterator[Path | str] = new_datasets(base) if self._is_local else new_domains(base)
        while True:
            target = next(targets)
            with suppress(FileTakenError):  # somebody else was faster: the next one
                self._open_and_lay_out(target, metadata=metadata, mode="x", **options)
                assert self.file_path is not None
                return self.file_path

    def _open_and_lay_out(
        self,
        target: Target,
        raw_group_name: str = "RawData",
        new_file: bool = False,
        metadata: Metadata = None,
        mode: OpenMode = "a",
        **options: Any,
    ) -> bool:
        if new_file and mode not in ("a", "w"):
            raise FileError(f"new_file replaces {str(target)!r}, mode {mode!r} does not: give one of them.")
        attributes = {"type": self.save_type.name, **(metadata or {})}
        raw_group_path = child_path("/", raw_group_name)
        encode_attributes(attributes, raw_group_path)
        replaces = new_file or mode in ("w", "x")
        target = file_meant(target, is_new=replaces, is_local=self._is_local)
        self._open_file(target, "w" if new_file else mode, **options)
        self._raw_group_path = raw_group_path
        try:
            is_new = self.driver.writable and not self.driver.child_names("/")
            if self.driver.writable:
                self._lay_out(raw_group_name, is_new, attributes)
        except BaseException:
            self.close_file()
            raise
        self.file_loaded = not is_new
        return is_new

    def _lay_out(self, raw_group_name: str, is_new: bool, attributes: dict[str, Any]) -> None:
        with self.all_or_nothing():
            is_first = raw_group_name not in self.root()
            group = self.get_set_group("/", raw_group_name, title="Data from PyMoDAQ modules")
            if is_first:
                group.attrs.write(attributes)
            if is_new:
                self.root().attrs["file"] = self.h5_file_name
            if LOGGER_NAME not in group:
                self.get_set_logger(group)

    @property
    def raw_group(self) -> GROUP:
        """The group that holds everything.

        Raises
        ------
        NodeError
            When a file opened for reading has none.
        """
        return self._get_group(self._raw_group_path)

    @property
    def h5_file(self) -> Any:
        """The library's own file object; None when no file is open."""
        return self.h5file

    @property
    def h5_file_path(self) -> Path | PurePosixPath | None:
        """The folder of the file, or of the domain on its server."""
        return None if self.file_path is None else folder_of(self.file_path, is_local=self._is_local)

    @property
    def h5_file_name(self) -> str | None:
        """The name of the file."""
        return None if self.file_path is None else name_in_folder(self.file_path, is_local=self._is_local)

    def save_file(self, filename: Target | None = None) -> None:
        """Copy the file to another of that name, see `save_file_as`; without a name nothing is done."""
        if filename is not None and str(filename):
            self.save_file_as(filename)

    # The log

    def get_set_logger(self, where: Where | None = None) -> StringARRAY:
        """Return the log of a group, made if it was not there.

        Raises
        ------
        NodeError
            When the node of that name is not a list of texts.
        """
        group = self.raw_group if where is None else self._get_group(where)
        with self.lock:
            if LOGGER_NAME not in group:
                return self.add_string_array(group, LOGGER_NAME, metadata={"type": "log"})
        node = self.get_node(group, LOGGER_NAME)
        if not isinstance(node, StringARRAY):
            raise NodeError(
                f"{node.path!r} in {self.filename!r} is not a list of texts: no log can be kept there."
            )
        return node

    def add_log(self, msg: str) -> None:
        """Add a line to the file's log; when it returns, the line is in the operating system's hands."""
        if not self.isopen():
            raise FileClosedError(f"no file is open to log {msg!r}; call init_file first.")
        with self.lock:
            self.get_set_logger().append(msg)
        self.flush()

    # Groups of the raw group

    def add_generic_group(
        self,
        where: Where | None = None,
        title: str = "",
        settings_as_xml: Settings = "",
        metadata: Metadata = None,
        group_type: Enum | str = GroupType.scan,
    ) -> GROUP:
        """Make a new group of any type, with an empty ``description``; in the raw group by default."""
        where = self.raw_group if where is None else where
        further = {"description": "", **(metadata or {})}
        return self.add_incremental_group(group_type, where, title, settings_as_xml, further)

    def add_scan_group(
        self,
        where: Where | None = None,
        title: str = "",
        settings_as_xml: Settings = "",
        metadata: Metadata = None,
    ) -> GROUP:
        """Make a new group for a scan: see `add_generic_group`."""
        return self.add_generic_group(where, title, settings_as_xml, metadata, GroupType.scan)
