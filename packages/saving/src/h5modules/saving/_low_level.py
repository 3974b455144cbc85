"""`H5SaverLowLevel`: a file laid out as PyMoDAQ lays it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from h5modules.backends import (
    CARRAY,
    GROUP,
    ArraySpec,
    ArrayTypeError,
    FileClosedError,
    GroupType,
    H5Backend,
    Node,
    NodeKind,
    OpenMode,
    SaveType,
    StringARRAY,
    Where,
)

from ._names import counting_key, next_number
from ._types import DataType

LOGGER_NAME = "Logger"


class H5SaverLowLevel(H5Backend):
    """A file with PyMoDAQ's groups: ``/RawData``, its log, and groups that count up.

    Parameters
    ----------
    save_type
        What the file is made for.
    backend
        The name of the library: see `h5modules.backends.backends_available`.

    Examples
    --------
    >>> with H5SaverLowLevel.from_file(tmp_path / 'scan.h5', new_file=True) as saver:
    ...     scan = saver.add_scan_group(title='First try')
    ...     detector = saver.add_det_group(scan, title='Camera')
    ...     saver.add_log('scan started')
    ...     detector.path
    '/RawData/Scan000/Detector000'
    """

    def __init__(self, save_type: SaveType | str = SaveType.scan, backend: str = "h5py") -> None:
        super().__init__(backend)
        self.save_type = SaveType.parse(save_type)
        self._raw_group_path = "/RawData"
        self._next_numbers: dict[tuple[str, str], int] = {}

    @classmethod
    def from_file(
        cls,
        path: Path | str,
        save_type: SaveType | str = SaveType.scan,
        new_file: bool = False,
        metadata: Mapping[str, Any] | None = None,
        swmr_mode: bool = False,
        mode: OpenMode = "a",
        backend: str = "h5py",
    ) -> Self:
        """Return a saver with its file open.

        Parameters
        ----------
        path, new_file, metadata, swmr_mode, mode
            As for `init_file`.
        save_type, backend
            As for the constructor.
        """
        saver = cls(save_type, backend)
        saver.init_file(path, new_file=new_file, metadata=metadata, swmr_mode=swmr_mode, mode=mode)
        return saver

    def init_file(
        self,
        file_name: Path | str,
        raw_group_name: str = "RawData",
        new_file: bool = False,
        metadata: Mapping[str, Any] | None = None,
        swmr_mode: bool = False,
        mode: OpenMode = "a",
    ) -> bool:
        """Open a file and make sure of its raw group and its log.

        Parameters
        ----------
        file_name
            The file's path; without a suffix that speaks of h5, ``.h5`` is added.
        raw_group_name
            The name of the group that holds everything.
        new_file
            Replace the file if there is one.
        metadata
            Attributes of the raw group of a new file.
        swmr_mode
            Taken for PyMoDAQ's callers, without effect: nothing is written in HDF5's SWMR mode.
        mode
            How to open the file unless `new_file`: ``'a'`` to make it or add to it, ``'r+'`` to add to it, ``'x'`` to make
            it, ``'r'`` to read it.

        Returns
        -------
        Whether the file is new.

        Raises
        ------
        FileMissingError, FileAccessError, FileFormatError
            Each an OSError of its kind.
        """
        path = with_h5_suffix(Path(file_name))
        is_new = new_file or mode in ("w", "x") or (mode == "a" and not path.exists())
        self.open_file(path, "w" if new_file else mode)
        self._next_numbers.clear()
        self._raw_group_path = f"/{raw_group_name}"
        if self.driver.writable:
            raw_group = self.get_set_group("/", raw_group_name, title="Data from PyMoDAQ modules")
            self.get_set_logger(raw_group)
            if is_new:
                self.root().attrs["file"] = path.name
                raw_group.attrs.write({"type": self.save_type.name, **(metadata or {})})
        return is_new

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
    def h5_file_path(self) -> Path | None:
        """The folder of the file."""
        return None if self.file_path is None else Path(self.file_path).parent

    @property
    def h5_file_name(self) -> str | None:
        """The name of the file."""
        return None if self.file_path is None else Path(self.file_path).name

    # The log

    def get_set_logger(self, where: Where | None = None) -> StringARRAY:
        """Return the log of a group, made if it was not there."""
        group = self.raw_group if where is None else self._get_group(where)
        if LOGGER_NAME in group:
            node = self.get_node(group, LOGGER_NAME)
            if isinstance(node, StringARRAY):
                return node
        array = self.add_string_array(group, LOGGER_NAME)
        array.attrs["type"] = "log"
        return array

    def add_log(self, msg: str) -> None:
        """Add a line to the file's log."""
        if not self.isopen():
            raise FileClosedError(f"no file is open to log {msg!r}; call init_file first.")
        self.get_set_logger().append(msg)

    # Arrays

    def add_string_array(
        self, where: Where, name: str, title: str = "", metadata: Mapping[str, Any] | None = None
    ) -> StringARRAY:
        """Make an empty list of texts."""
        array = self.create_vlarray(where, name, "string", title)
        assert isinstance(array, StringARRAY)
        array.attrs.write({"data_type": DataType.strings.name, **(metadata or {})})
        return array

    def add_array(
        self,
        where: Where,
        name: str,
        data_type: DataType | str,
        array_to_save: np.ndarray[Any, Any] | None = None,
        data_shape: tuple[int, ...] | None = None,
        array_type: DTypeLike | None = None,
        fill_value: float | None = None,
        data_dimension: Enum | str | None = None,
        scan_shape: tuple[int, ...] = (),
        add_scan_dim: bool = False,
        enlargeable: bool = False,
        title: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> CARRAY:
        """Save an array, or make room for one that is filled later.

        Parameters
        ----------
        where, name, title
            The group, the array's name (its first letter becomes a capital), its title.
        data_type
            What it is.
        array_to_save
            The values; without them `data_shape` and `array_type` tell what is to come.
        data_shape, array_type
            The shape and dtype of what one point (`add_scan_dim`) or one row (`enlargeable`) holds.
        fill_value
            What values not yet written read as; None is 0, and gives a scan's array its whole place in the file at once.
        data_dimension
            ``Data0D``, ``Data1D``, ``Data2D`` or ``DataND``.
        scan_shape, add_scan_dim
            The shape of the scan, put before `data_shape` when `add_scan_dim`; a `data_shape` of ``(1,)`` adds nothing.
        enlargeable
            Make an empty array that grows along a new first dimension.
        metadata
            Further attributes.

        Raises
        ------
        ArrayTypeError
            When neither values nor a dtype are given; nothing was written.
        """
        spec = self._array_spec(array_to_save, data_shape, array_type, fill_value, scan_shape, add_scan_dim, enlargeable)
        values = None if enlargeable else array_to_save
        array = self.create_array(where, name[:1].upper() + name[1:], spec, title, values)
        dimension = data_dimension.name if isinstance(data_dimension, Enum) else data_dimension
        kind = DataType.parse(data_type).name
        array.attrs.write({"data_type": kind, "data_dimension": dimension, **(metadata or {})})
        return array

    def _array_spec(
        self,
        values: np.ndarray[Any, Any] | None,
        data_shape: tuple[int, ...] | None,
        array_type: DTypeLike | None,
        fill_value: float | None,
        scan_shape: tuple[int, ...],
        add_scan_dim: bool,
        enlargeable: bool,
    ) -> ArraySpec:
        if values is None and array_type is None:
            raise ArrayTypeError("give the values of the array, or its dtype (array_type) and shape (data_shape).")
        dtype = np.dtype(array_type) if values is None else values.dtype
        shape = tuple(data_shape or ()) if values is None or data_shape is not None else values.shape
        if enlargeable:
            return ArraySpec((0, *shape), dtype, enlargeable=True, compression=self.compression)
        if values is not None:
            return ArraySpec(values.shape, dtype, compression=self.compression)
        if add_scan_dim:
            shape = (*scan_shape, *(shape if shape != (1,) else ()))
        placed = self.compression is None and fill_value is None
        return ArraySpec(shape, dtype, compression=self.compression, fill_value=fill_value, placed=placed)

    # Groups

    def add_data_group(
        self,
        where: Where,
        data_dim: Enum | str,
        title: str = "",
        settings_as_xml: str = "",
        metadata: Mapping[str, Any] | None = None,
        group_name: str | None = None,
    ) -> GROUP:
        """Return the group for data of a dimension (``Data0D`` ... ``DataND``), made if it was not there."""
        name = data_dim.name if isinstance(data_dim, Enum) else data_dim
        settings = {"settings": as_text(settings_as_xml)}
        return self.add_group(group_name or name, GroupType.data, where, title, {**settings, **(metadata or {})})

    def add_incremental_group(
        self,
        group_type: Enum | str,
        where: Where,
        title: str = "",
        settings_as_xml: str | bytes = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> GROUP:
        """Make a new group whose name counts up: ``Scan000``, ``Scan001``, ...

        Parameters
        ----------
        group_type
            What it holds; its name is how the group's name begins.
        where
            The group to make it in.
        title
            Its title.
        settings_as_xml
            The settings of what it stands for, as XML.
        metadata
            Further attributes.
        """
        kind = (group_type.name if isinstance(group_type, Enum) else group_type).lower()
        prefix = kind[:1].upper() + kind[1:]
        digits = 2 if kind == "ch" else 3
        group = self.get_set_group(where, f"{prefix}{self.next_number(where, prefix):0{digits}d}", title)
        attributes = {"settings": as_text(settings_as_xml), "type": "" if kind == "ch" else kind}
        group.attrs.write({**attributes, **(metadata or {})})
        return group

    def next_number(self, where: Where, prefix: str) -> int:
        """Return the first number that no child of `where` whose name begins with `prefix` has yet.

        The children are listed once for a group and prefix; after that only the next name is looked for, so that the
        thousandth scan costs what the first did.
        """
        group = self._get_group(where)
        key = (group.path, prefix)
        number = self._next_numbers.get(key)
        if number is None:
            number = next_number(group.children_name(), prefix)
        while self._is_taken(group, prefix, number):
            number += 1
        self._next_numbers[key] = number
        return number

    def _is_taken(self, group: GROUP, prefix: str, number: int) -> bool:
        return any(f"{prefix}{number:0{digits}d}" in group for digits in (2, 3))

    def add_act_group(
        self, where: Where, title: str = "", settings_as_xml: str | bytes = "", metadata: Mapping[str, Any] | None = None
    ) -> GROUP:
        """Make a new group for an actuator: see `add_incremental_group`."""
        return self.add_incremental_group(GroupType.actuator, where, title, settings_as_xml, metadata)

    def add_move_group(
        self, where: Where, title: str = "", settings_as_xml: str | bytes = "", metadata: Mapping[str, Any] | None = None
    ) -> GROUP:
        """Make a new group for an actuator: the older name of `add_act_group`."""
        return self.add_act_group(where, title, settings_as_xml, metadata)

    def add_det_group(
        self, where: Where, title: str = "", settings_as_xml: str | bytes = "", metadata: Mapping[str, Any] | None = None
    ) -> GROUP:
        """Make a new group for a detector: see `add_incremental_group`."""
        return self.add_incremental_group(GroupType.detector, where, title, settings_as_xml, metadata)

    def add_ch_group(
        self, where: Where, title: str = "", settings_as_xml: str | bytes = "", metadata: Mapping[str, Any] | None = None
    ) -> GROUP:
        """Make a new group for one signal: see `add_incremental_group`."""
        return self.add_incremental_group(GroupType.ch, where, title, settings_as_xml, metadata)

    def add_generic_group(
        self,
        where: Where | None = None,
        title: str = "",
        settings_as_xml: str | bytes = "",
        metadata: Mapping[str, Any] | None = None,
        group_type: Enum | str = GroupType.scan,
    ) -> GROUP:
        """Make a new group of any type, with an empty ``description``; in the raw group unless told otherwise."""
        where = self.raw_group if where is None else where
        return self.add_incremental_group(group_type, where, title, settings_as_xml, {"description": "", **(metadata or {})})

    def add_scan_group(
        self,
        where: Where | None = None,
        title: str = "",
        settings_as_xml: str | bytes = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> GROUP:
        """Make a new group for a scan: see `add_generic_group`."""
        return self.add_generic_group(where, title, settings_as_xml, metadata, GroupType.scan)

    # Finding

    def get_groups(self, where: Where, group_type: Enum | str) -> list[GROUP]:
        """Return the groups of a type in a group, counted upwards."""
        kind = (group_type.name if isinstance(group_type, Enum) else group_type).lower()
        return [group for group in self._child_groups(where) if str(group.attrs.get("type", "")).lower() == kind]

    def get_last_group(self, where: Where, group_type: Enum | str) -> GROUP | None:
        """Return the group of a type with the highest number; None when there is none."""
        groups = self.get_groups(where, group_type)
        return groups[-1] if groups else None

    def _child_groups(self, where: Where) -> Iterator[GROUP]:
        group = self._get_group(where)
        for name in sorted(group.children_name(), key=counting_key):
            path = f"{group.path.rstrip('/')}/{name}"
            if self.driver.kind(path) is NodeKind.GROUP:
                yield GROUP(self, path)

    def get_node_from_attribute_match(self, where: Where, attr_name: str, attr_value: Any) -> Node | None:
        """Return the first node, from `where` downwards, that has an attribute of that value; None when none has."""
        for node in self.walk_nodes(where):
            if self.driver.kind(node.path) is not NodeKind.UNREADABLE and attr_name in node.attrs:
                if node.attrs[attr_name] == attr_value:
                    return node
        return None

    def get_node_from_title(self, where: Where, title: str) -> Node | None:
        """Return the first node of that title, from `where` downwards; None when there is none."""
        return self.get_node_from_attribute_match(where, "TITLE", title)


def with_h5_suffix(path: Path) -> Path:
    """Return `path` with ``.h5`` added, unless its suffix speaks of h5 already.

    Examples
    --------
    >>> with_h5_suffix(Path('scan')).name, with_h5_suffix(Path('scan.hdf5')).name
    ('scan.h5', 'scan.hdf5')
    """
    return path if "h5" in path.suffix or "hdf" in path.suffix else path.with_name(f"{path.name}.h5")


def as_text(settings: str | bytes) -> str:
    """Return settings as text: XML writers give bytes."""
    return settings.decode() if isinstance(settings, bytes) else str(settings)
