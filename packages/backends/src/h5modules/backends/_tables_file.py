"""A file of PyTables that reads nothing but what it is asked for.

PyTables reads all attributes of a group when it opens it, of the root when it opens the file, and chooses the
class of a node by an attribute: so a file from somebody else could run code, or stop the process, before
anybody asked it anything. It lists all children of a group before it adds one. The classes here are PyTables'
own with these habits taken away, and otherwise what its users know.
"""

# ruff: noqa: SLF001 - the names by which subclasses of PyTables' classes work all have underscores

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

import tables
from tables.attributeset import AttributeSet, issysattrname
from tables.group import RootGroup

from ._claim import Claim
from ._claimed_opening import open_claimed
from ._driver import NodeKind, OpenMode
from ._errors import FileReadOnlyError, NodeError, NodeExistsError, NodeNameError
from ._raw_values import encoded
from ._tables_attributes import copy_attributes, read_attribute
from ._tables_hdf5 import (
    DATASET,
    DEFAULT,
    GROUP,
    HDF5,
    Hdf5Error,
    attribute_names,
    held,
    is_hard_link,
    link_names,
)
from ._tables_types import Layout, layout

_PARAMETERS = {
    "pytables_sys_attrs": False,  # the class of a node is told by its type, not by what an attribute says
    "node_cache_slots": 0,  # no node outlives its use: it would not see what happens to it under another name
    "max_tree_depth": 1 << 31,
    "buffer_times": 1 << 31,  # neither depth nor large rows are anything to warn about
}


class _Attributes(AttributeSet):  # type: ignore[misc]
    """The attributes of a node, each read when it is asked for, and never unpickled."""

    def __init__(self, node: Any) -> None:
        names = attribute_names(int(node._v_objectid))
        self.__dict__.update(
            _v__nodefile=node._v_file,
            _v__nodepath=node._v_pathname,
            _v__format_version=None,
            _v_unimplemented=[],
            _v_attrnames=names,
            _v_attrnamessys=[name for name in names if issysattrname(name)],
            _v_attrnamesuser=[name for name in names if not issysattrname(name)],
        )
        self._g_new(node)

    def __getattr__(self, name: str) -> Any:
        if name not in self.__dict__.get("_v_attrnames", ()):
            raise AttributeError(f"there is no attribute {name!r} on this node.")
        node = self._v_node  # it is closed with its last reference
        return read_attribute(node._v_objectid, name)


class _Unlisted:
    """A group that is opened without reading its attributes, and changed without listing its children."""

    def _g_post_init_hook(self) -> None:
        self._v_version = ""

    def _g_refnode(self, childnode: Any, childname: str, validate: bool = True) -> None:
        self.forget_children()

    def _g_unrefnode(self, childname: str) -> None:
        self.forget_children()

    def forget_children(self) -> None:
        """Let the children be listed again when they are asked for."""
        for name in tables.Group._c_lazy_children_attrs:
            self.__dict__.pop(name, None)


class _Group(_Unlisted, tables.Group):  # type: ignore[misc]
    _AttributeSet = _Attributes


class _Array(tables.Array):  # type: ignore[misc]
    _AttributeSet = _Attributes


class _EArray(tables.EArray):  # type: ignore[misc]
    _AttributeSet = _Attributes


class _VLArray(tables.VLArray):  # type: ignore[misc]
    _AttributeSet = _Attributes

    def _g_open(self) -> int:
        # The original goes on to an attribute that may ask to unpickle each row.
        self._v_objectid, self.nrows, self._v_chunkshape, self.atom = self._open_array()
        return int(self._v_objectid)


class _Table(tables.Table):  # type: ignore[misc]
    _AttributeSet = _Attributes


class _UnImplemented(tables.UnImplemented):  # type: ignore[misc]
    _AttributeSet = _Attributes


for _class in (_Group, _Array, _EArray, _VLArray, _Table, _UnImplemented):
    _class.__name__ = _class.__name__.removeprefix("_")  # PyTables shows it, and goes by it


def seen(node: int, path: str) -> Layout:
    """Return what an open node is like, and why it cannot be shown if it cannot; a group has no shape."""
    what = HDF5.H5Iget_type(node)
    if what == GROUP:
        return Layout(NodeKind.GROUP)
    if what != DATASET:
        return Layout(NodeKind.UNREADABLE, problem="it is a type without data")
    if encoded(path) != path.encode(errors="replace"):
        return Layout(NodeKind.UNREADABLE, problem="its name is not UTF-8, by which PyTables finds it")
    return layout(node)


def _node_class(found: Layout) -> Any:
    if found.kind is NodeKind.GROUP:
        return _Group
    if found.is_ragged:
        return _VLArray
    if found.is_of_numbers:
        return _EArray if found.kind is NodeKind.EARRAY else _Array
    return _Table if found.dtype.names else _UnImplemented


class _Root(_Unlisted, RootGroup):  # type: ignore[misc]
    _AttributeSet = _Attributes

    def _g_load_child(self, childname: str) -> Any:
        try:
            with self._v_file.node(childname) as node:
                found = seen(node, childname)
        except (NodeError, Hdf5Error) as error:
            if self._g_check_has_child(childname) in ("SoftLink", "ExternalLink"):
                return super()._g_load_child(childname)
            raise tables.NoSuchNodeError(f"{childname!r} is damaged: {error}") from error
        return _node_class(found)(self, childname)


class TablesFile(tables.File):  # type: ignore[misc]
    """An open file of PyTables.

    Parameters
    ----------
    filename
        The path.
    mode
        ``'r'``, ``'r+'``, ``'a'`` or ``'w'``.
    """

    @classmethod
    def opened(cls, path: Path, mode: OpenMode) -> Self:
        """Open a file; for writing, it is claimed first, and emptied only if nobody has it open.

        Raises
        ------
        FileAccessError
            When somebody else has it open for writing.
        OSError, tables.HDF5ExtError
            When that fails.
        """
        # PyTables asks for rights by the absolute path, and calls missing what lies in a closed folder.
        if path.exists() and not os.access(path, os.R_OK if mode == "r" else os.R_OK | os.W_OK):
            raise PermissionError(f"the file may not be {'read' if mode == 'r' else 'written'}")
        if mode == "r":
            return cls(str(path), mode)
        claim = Claim.take(path)
        is_made_here = False
        try:
            # Nobody is told when a change of the structure ends: PyTables writes when it likes.
            claim.note_change(True)
            descriptor, is_new = open_claimed(path, mode, _empty_file)
            os.close(descriptor)
            is_made_here = is_new and mode == "x"
            return cls(str(path), "r+", claim)
        except BaseException:
            if is_made_here:
                path.unlink(missing_ok=True)
            claim.release()
            raise

    def __init__(self, filename: str, mode: str, claim: Claim | None = None) -> None:
        self._taken: WeakSet[Any] = WeakSet()
        self._claim = claim
        super().__init__(filename, mode, **_PARAMETERS)

    def _File__get_root_group(self, *_arguments: Any) -> _Root:  # noqa: N802 - PyTables calls it so
        # The original reads an attribute of the root first, into too small a buffer if it is not a text.
        self._v_objectid = self._get_file_id()
        self.root_uep, self.format_version = "/", "unknown"
        return _Root(self, "/", title="", new=self._v_new, filters=None)

    def enable_undo(self, *_arguments: Any) -> None:
        """Leave a log of changes, which PyTables may have put into the file, as it is."""

    @property
    def number(self) -> int:
        """What HDF5 calls the file."""
        return int(self._v_objectid)

    def has_link(self, path: str) -> bool:
        """Tell whether anything is at `path`, be it a broken link."""
        try:
            return bool(HDF5.H5Lexists(self.number, encoded(path), DEFAULT))
        except Hdf5Error:
            return False  # nor is there what should hold it

    @contextmanager
    def node(self, path: str) -> Iterator[int]:
        """Open a node for the time of the block, by its number in HDF5; links are followed.

        Raises
        ------
        NodeError
            When there is none.
        """
        try:
            number = HDF5.H5Oopen(self.number, encoded(path), DEFAULT)
        except Hdf5Error as error:
            raise NodeError(f"there is no node {path!r} in {self.filename!r}: {error}.") from error
        with held(number, HDF5.H5Oclose):
            yield number

    @contextmanager
    def group(self, path: str) -> Iterator[int]:
        """Open a group for the time of the block, by its number in HDF5.

        Raises
        ------
        NodeError
            When there is none.
        """
        with self.node(path) as node:
            if HDF5.H5Iget_type(node) != GROUP:
                raise NodeError(f"{path!r} in {self.filename!r} is not a group.")
            yield node

    def require_writable(self) -> None:
        """Refuse to write a file that was opened for reading."""
        if self.mode == "r":
            raise FileReadOnlyError(
                f"the file {self.filename!r} was opened for reading; open it with mode 'a' or 'r+'."
            )

    def require_place(self, path: str) -> None:
        """Refuse to make a node where one is, or where no group can hold it."""
        self.require_writable()
        if path.encode(errors="replace") != encoded(path):
            raise NodeNameError(f"{path!r} cannot be the name of a node: it is not Unicode.")
        if path == "/" or self.has_link(path):
            raise NodeExistsError(f"{path!r} exists already in {self.filename!r}.")
        with self.group(path.rpartition("/")[0] or "/"):
            return

    def require_removable(self, path: str) -> None:
        """Refuse to take away what is not there, or the root."""
        self.require_writable()
        if path == "/" or not self.has_link(path):
            why = "the root stays where it is" if path == "/" else "it does not exist"
            raise NodeError(f"{path!r} in {self.filename!r} cannot be deleted or moved: {why}.")

    def require_outside(self, source: str, target: str) -> None:
        """Refuse to put a group into itself."""
        if f"{target}/".startswith(f"{source}/") and source != target:
            raise NodeError(f"{source!r} in {self.filename!r} cannot go into itself, to {target!r}.")

    @contextmanager
    def leaf(self, path: str) -> Iterator[Any]:
        """Open an array for the time of the block, as PyTables knows it."""
        is_in_use = path in self._node_manager.registry
        leaf = self.get_node(path)
        try:
            yield leaf
        finally:
            if not is_in_use:
                leaf.close()

    def link(self, path: str) -> Any:
        """Return PyTables' object for a link that leads nowhere; None when it is of another kind."""
        try:
            return self.get_node(path)
        except (tables.NoSuchNodeError, UnicodeEncodeError):
            return None

    def taken_leaf(self, path: str) -> Any:
        """Open an array for somebody who keeps it: no look-up by the path finds it."""
        registry = self._node_manager.registry
        known = registry.pop(path, None)
        leaf = self.get_node(path)
        registry.pop(path)
        if known is not None:
            registry[path] = known
        leaf._v__deleting = True  # or closing it would take the known one off the register
        self._taken.add(leaf)
        return leaf

    def close(self) -> None:
        """Close all nodes, and the file; closing twice is no error."""
        if self.isopen:
            claim = self._claim  # a closed file has no attributes
            try:
                for leaf in list(self._taken):
                    leaf.close()
                super().close()
            finally:
                if claim is not None and not self.isopen:
                    claim.release()

    def take_root(self, group: int) -> None:
        """Give an empty file the children and the attributes of a group.

        HDF5 cannot copy to the root itself, and what has several names must be copied in one go: so the group
        is copied as a child, which is then emptied upwards.
        """
        passage = "/h5modules-passage"
        HDF5.H5Ocopy(group, b".", self.number, encoded(passage), DEFAULT, DEFAULT)
        with self.node(passage) as copied:
            for name in link_names(copied):
                # A second name, and not another place: one of them may lead back to the group.
                put = HDF5.H5Lcreate_hard if is_hard_link(copied, name) else HDF5.H5Lmove
                put(copied, encoded(name), self.number, encoded(f"/{name}"), DEFAULT, DEFAULT)
            with self.node("/") as root:
                copy_attributes(copied, root)
        HDF5.H5Ldelete(self.number, encoded(passage), DEFAULT)
        self.forget("/")

    def forget_attributes(self, path: str) -> None:
        """Let the attributes of the node that PyTables may have open at `path` be listed again."""
        if node := self._node_manager.registry.get(path):
            node.__dict__.pop("_v_attrs", None)

    def forget(self, path: str) -> None:
        """Close what PyTables may have open at `path` and below: something else is there, or nothing."""
        manager = self._node_manager
        for known in [known for known in manager.registry if f"{known}/".startswith(f"{path}/")]:
            if node := manager.registry.get(known):  # a group closes what is below it
                node._f_close()
        parent = manager.registry.get(path.rpartition("/")[0] or "/")
        if isinstance(parent, _Unlisted):
            parent.forget_children()


@functools.cache
def _empty_file() -> bytes:
    """Return the bytes of a file with nothing in it, as PyTables makes it."""
    in_memory = {"driver": "H5FD_CORE", "driver_core_backing_store": 0}
    with tables.File("empty", "w", **in_memory, **_PARAMETERS) as file:
        return bytes(file.get_file_image())
