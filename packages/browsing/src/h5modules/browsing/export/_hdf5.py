"""A file of its own for a node: one that PyMoDAQ opens."""

from __future__ import annotations

from pathlib import Path

from h5modules.backends import H5Backend, Node
from h5modules.browsing._around import copy_attributes, nodes_around
from h5modules.saving import H5SaverLowLevel, is_second_name, view_of

from ._exporter import H5Exporter
from ._source import ExportSource


class H5h5Exporter(H5Exporter):
    """The node in the raw group of a new file, with what it needs from around it: its axes, its record.

    Of the root and the raw group all that is there stays where it was. The root keeps its attributes.
    """

    FORMAT_EXTENSION = "h5"
    FORMAT_DESCRIPTION = "Single node h5 file"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        file = source.node.to_h5_backend()
        target.touch(exist_ok=False)  # a file that is there is opened under its own name, whatever its ending
        with H5SaverLowLevel.from_file(target) as saver:
            copy_attributes(file.root(), saver)
            if source.node.path in ("/", saver.raw_group.path):
                _copy_root(source.node, saver)
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


def _copy_root(node: Node, saver: H5SaverLowLevel) -> None:
    """Copy all of a file, or its raw group, to where it was."""
    file = node.to_h5_backend()
    for child in (node,) if node.path != "/" else file.root().children().values():
        if child.name in saver.root():
            saver.remove_node(child.path)
        if not is_second_name(child):
            file.copy_to(saver, child, "/", child.name)


def _copy_node(node: Node, saver: H5SaverLowLevel) -> None:
    file = node.to_h5_backend()
    for each in (node, *nodes_around(node)):
        if each.name in saver.raw_group:  # its own empty log
            saver.remove_node(saver.raw_group, each.name)
        file.copy_to(saver, each, saver.raw_group)
