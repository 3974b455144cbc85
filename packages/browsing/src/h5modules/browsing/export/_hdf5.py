"""A file of its own for a node: one that PyMoDAQ opens."""

from __future__ import annotations

from pathlib import Path

from h5modules.backends import CARRAY, GROUP, H5Backend, Node
from h5modules.saving import (
    NAV_AXES,
    RECORD_NAME,
    DataType,
    H5SaverLowLevel,
    is_second_name,
    number_of,
    view_of,
)

from ._exporter import H5Exporter
from ._source import ExportSource


class H5h5Exporter(H5Exporter):
    """The node in the raw group of a new file, with what it needs from around it: its axes, its record."""

    FORMAT_EXTENSION = "h5"
    FORMAT_DESCRIPTION = "Single node h5 file"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        file = source.node.to_h5_backend()
        target.touch(exist_ok=False)  # a file that is there is opened under its own name, whatever its ending
        with H5SaverLowLevel.from_file(target) as saver:
            if source.node.path == "/":
                _copy_root(file, saver)
            else:
                _copy_node(source.node, saver)
            if self._is_shown(file):
                from h5modules.data_saving.nexus import show_file  # late: it brings PyMoDAQ's data objects

                show_file(saver)

    def _is_shown(self, file: H5Backend) -> bool:
        """Tell whether programs that plot NeXus files are to find something."""
        return view_of(file) is not None


class NexusExporter(H5h5Exporter):
    """The same, for programs that plot NeXus files, also where it comes from a file that does not say how."""

    FORMAT_EXTENSION = "nxs"
    FORMAT_DESCRIPTION = "NeXus file"

    def _is_shown(self, file: H5Backend) -> bool:  # docstring inherited
        return True


def _copy_root(file: H5Backend, saver: H5SaverLowLevel) -> None:
    for name, child in file.root().iter_children():
        if name in saver.root():
            saver.remove_node(f"/{name}")
        if not is_second_name(child):
            file.copy_to(saver, child, "/", name)


def _copy_node(node: Node, saver: H5SaverLowLevel) -> None:
    file = node.to_h5_backend()
    for each in _belonging(node):
        if each.name in saver.raw_group:  # its own empty log
            saver.remove_node(saver.raw_group, each.name)
        file.copy_to(saver, each, saver.raw_group)


def _belonging(node: Node) -> list[Node]:
    """Return a node and the nodes around it without which it cannot be understood."""
    found = [node]
    group = node.parent_node
    if isinstance(node, CARRAY) and group is not None:
        found += [child for child in group.children().values() if _goes_with(node, child)]
    for name in (NAV_AXES, RECORD_NAME):
        around = node if isinstance(node, GROUP) else group
        while around is not None and name not in around:
            around = around.parent_node
        if around is not None and around != node and around.path != node.path:
            child = around.get_child(name)
            if all(child.path != other.path for other in found):
                found.append(child)
    return found


def _goes_with(array: CARRAY, other: Node) -> bool:
    kind = other.attrs.get("data_type")
    if other.path == array.path:
        return False
    if kind == DataType.axis.name:
        return True
    number = number_of(array.name, DataType.data.value)
    if number is None or kind not in (DataType.bkg.name, DataType.error.name):
        return False
    return other.name.endswith(f"{number:02d}")
