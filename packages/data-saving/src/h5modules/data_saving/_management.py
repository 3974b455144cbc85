"""`DataManagement`: what all savers and loaders of data share."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from h5modules.backends import CARRAY, GROUP, Node, SaveType, Where
from h5modules.saving import DataType, H5SaverLowLevel, counting_key, number_of

from ._errors import DataNodeError

SaverOrPath = H5SaverLowLevel | Path | str
"""An open saver, or the path of a file to open."""


def as_saver(h5saver: SaverOrPath, **options: Any) -> H5SaverLowLevel:
    """Return an open saver; a path is opened with `options` of `H5SaverLowLevel.from_file`."""
    return H5SaverLowLevel.from_file(h5saver, **options) if isinstance(h5saver, Path | str) else h5saver


class SaverContext:
    """A ``with`` block that closes the file at its end, and the names for it that PyMoDAQ's users know.

    Parameters
    ----------
    h5saver
        An open saver.
    """

    def __init__(self, h5saver: H5SaverLowLevel) -> None:
        self._h5saver = h5saver

    @property
    def h5saver(self) -> H5SaverLowLevel:
        """The saver whose file is read and written."""
        return self._h5saver

    @property
    def raw_group(self) -> GROUP:
        """The group that holds everything."""
        return self._h5saver.raw_group

    def isopen(self) -> bool:
        """Tell whether the file is open."""
        return self._h5saver.isopen()

    def flush(self) -> None:
        """Hand everything written to the operating system, or to the server."""
        self._h5saver.flush()

    def close_file(self) -> None:
        """Write what is pending and close the file."""
        self._h5saver.close_file()

    def close(self) -> None:
        """Close the file: the same as `close_file`."""
        self.close_file()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close_file()

    def get_node(self, where: Where, name: str | None = None) -> Node:
        """Return the node at `where`, or its child `name`."""
        return self._h5saver.get_node(where, name)


class DataManagement(SaverContext):
    """Saves and loads arrays of one type, whose names count up: ``Data00``, ``Data01``, ...

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.
    new_file, metadata, save_type, swmr_mode
        How to open a path: see `H5SaverLowLevel.from_file`.

    Attributes
    ----------
    data_type
        What the arrays are.
    """

    data_type: ClassVar[DataType]

    def __init__(
        self,
        h5saver: SaverOrPath,
        new_file: bool = False,
        metadata: dict[str, Any] | None = None,
        save_type: SaveType | str = SaveType.custom,
        swmr_mode: bool = False,
    ) -> None:
        options = {
            "new_file": new_file,
            "metadata": metadata,
            "save_type": save_type,
            "swmr_mode": swmr_mode,
        }
        super().__init__(as_saver(h5saver, **options))

    @classmethod
    def node_name(cls, index: int) -> str:
        """Return the name of the array number `index`."""
        return f"{cls.data_type.value}{index:02d}"

    def next_index(self, where: Where) -> int:
        """Return the number of the next array in a group."""
        return self._h5saver.next_number(where, self.data_type.value)

    def get_last_node_name(self, where: Where) -> str | None:
        """Return the name of the array of this type with the highest number in a group; None without any."""
        names = self._names(where)
        return names[-1] if names else None

    def _names(self, where: Where) -> list[str]:
        group = self.get_node(where)
        if not isinstance(group, GROUP):
            raise DataNodeError(f"{group.path!r} in {self._h5saver.filename!r} is not a group.")
        prefix = self.data_type.value
        names = [name for name in group.children_name() if number_of(name, prefix) is not None]
        return sorted(names, key=counting_key)

    def get_node_from_index(self, where: Where, index: int) -> CARRAY:
        """Return the array number `index` of a group.

        Raises
        ------
        NodeError
            When there is nothing of that name.
        DataNodeError
            When it is not an array.
        """
        node = self.get_node(where, self.node_name(index))
        if not isinstance(node, CARRAY):
            raise DataNodeError(f"{node.path!r} in {self._h5saver.filename!r} is not an array.")
        return node

    def get_index_from_node_name(self, where: Where) -> int | None:
        """Return the number in a node's name; None when it is not that of an array of this type."""
        return number_of(self.get_node(where).name, self.data_type.value)

    def get_array_nodes(self, where: Where) -> list[CARRAY]:
        """Return the arrays of this type in the group that `where` is or lies in, counted upwards."""
        node = self.get_node(where)
        group = node if isinstance(node, GROUP) else node.parent_node
        if group is None:
            return []
        children = sorted(group.iter_children(), key=lambda item: counting_key(item[0]))
        return [child for _, child in children if isinstance(child, CARRAY) and self.is_of_type(child)]

    def is_of_type(self, node: Node) -> bool:
        """Tell whether a node is an array of this type."""
        return isinstance(node, CARRAY) and node.attrs.get("data_type") == self.data_type.name
