"""Copies of files and of parts of them, to files and domains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h5modules.backends import GROUP, Compression, H5Backend, Node, is_address, replacement
from h5modules.saving import is_second_name, view_of

from ._around import copy_attributes, nodes_around
from ._opening import backend_for, open_to_read


def copy_whole(
    source: Path | str,
    target: Path | str,
    compression: Compression | None = None,
    *,
    overwrite: bool = False,
    make_folders: bool = False,
) -> None:
    """Copy a file, or a domain of a server, to another; the copy is there whole or not at all.

    Parameters
    ----------
    source, target
        Paths, or addresses ``hdf5://host:port/domain``.
    compression
        How arrays are packed in the copy; None is as they are.
    overwrite
        Whether to replace the target.
    make_folders
        Whether to make the folders of a server above a new domain.

    Raises
    ------
    FileTakenError
        When the target exists and is not to be replaced.
    FileAccessError
        When the target is the source, or somebody writes it.
    FileError
        When one of them cannot be opened.
    UnsupportedError
        When something cannot be copied.
    """
    with open_to_read(source) as file:
        options: dict[str, Any] = {"make_folders": True} if make_folders and is_address(target) else {}
        file.save_file_as(
            target, backend_for(target), overwrite=overwrite, compression=compression, **options
        )


def copy_part(
    source: Path | str,
    where: str,
    target: Path,
    compression: Compression | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Copy a node and all below it to the same path of a new file, with the groups that it lies in.

    What it needs to be understood goes along: its axes, its error bars, the record of what was acquired.

    Parameters
    ----------
    source
        A path, or an address ``hdf5://host:port/domain``.
    where
        The path of the node.
    target
        The new file, of this machine.
    compression, overwrite
        See `copy_whole`.

    Raises
    ------
    NodeError
        When there is no such node.
    FileTakenError, FileAccessError, FileError, UnsupportedError
        See `copy_whole`.
    """
    with open_to_read(source) as file:
        node = file.get_node(where)
        origin = file.filename if file.driver.abilities.local else None
        with replacement(target, source=origin, overwrite=overwrite) as beside:
            with H5Backend.open(beside, "x") as copy:
                if node.parent_node is None:
                    copy_attributes(file.root(), copy)
                    for _, child in file.root().iter_children():
                        if not is_second_name(child):
                            file.copy_to(copy, child, compression=compression)
                for each in () if node.parent_node is None else (node, *nodes_around(node)):
                    _copy_in_place(file, each, copy, compression)
            if view_of(file) is not None and not is_second_name(node):
                _show(beside)


def _show(path: Path) -> None:
    from h5modules.data_saving.nexus import (
        RAW_GROUP,
        add_view,
    )  # it brings PyMoDAQ's data objects, which take a second

    with H5Backend.open(path) as copy:
        has_data = RAW_GROUP in copy.root()
    if has_data:
        add_view(path)


def _copy_in_place(file: H5Backend, node: Node, copy: H5Backend, compression: Compression | None) -> None:
    above = node.parent_node
    if above is not None:
        _make_groups(above, copy)
        file.copy_to(copy, node, above.path, compression=compression)


def _make_groups(group: GROUP, copy: H5Backend) -> None:
    """Make a group and those it lies in, with their attributes."""
    above = group.parent_node
    if above is not None:
        _make_groups(above, copy)
        copy.get_set_group(above.path, group.name)
    copy_attributes(group, copy)
