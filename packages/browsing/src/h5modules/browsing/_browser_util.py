"""`H5BrowserUtil`: a file looked at from a script, under the names that PyMoDAQ's users know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from h5modules.backends import H5Backend, Node, OpenMode, Where
from h5modules.saving import GroupedFile

from ._comments import add_comment
from .export import ExporterFactory, export_node


class H5BrowserUtil:
    """Looks into a file: whose scans, attributes and settings it gives, and whose nodes it exports.

    It has a file (`file`), and is none: what is not here is there.

    Parameters
    ----------
    backend
        The name of the library: see `h5modules.backends.backends_available`.

    Examples
    --------
    >>> import numpy as np
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     _ = file.create_carray('/', 'Power', np.array([0.5, 1.5]))
    >>> with H5BrowserUtil() as browser:
    ...     _ = browser.open_file(tmp_path / 'scan.h5')
    ...     browser.export_data('/Power', tmp_path / 'power.npy')
    >>> np.load(tmp_path / 'power.npy')
    array([0.5, 1.5])
    """

    def __init__(self, backend: str = "h5py") -> None:
        self._file = GroupedFile(backend)

    @property
    def file(self) -> H5Backend:
        """The file that is looked into."""
        return self._file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close_file()

    def open_file(
        self, fullpathname: Path | str, mode: OpenMode = "r", title: str = "PyMoDAQ file", **options: Any
    ) -> Any:
        """Open a file: see `H5Backend.open_file`; nothing is changed unless `mode` says so."""
        return self._file.open_file(fullpathname, mode, title, **options)

    def close_file(self) -> None:
        """Close the file; closing twice is no error."""
        self._file.close_file()

    def isopen(self) -> bool:
        """Tell whether a file is open."""
        return self._file.isopen()

    def get_node(self, where: Where, name: str | None = None) -> Node:
        """Return the node at `where`, or its child `name`: see `H5Backend.get_node`."""
        return self._file.get_node(where, name)

    def walk_nodes(self, where: Where = "/") -> Iterator[Node]:
        """Yield a node and everything below it, parents first."""
        return self._file.walk_nodes(where)

    def export_data(
        self,
        node_path: Where = "/",
        filesavename: Path | str = "datafile.h5",
        filter: str | None = None,  # noqa: A002 - PyMoDAQ's name
    ) -> None:
        """Save a node in another format.

        Parameters
        ----------
        node_path
            The node.
        filesavename
            The file to write; it must not exist yet.
        filter
            The format as a file dialog gives it: see `ExporterFactory.get_file_filters`. None goes by the
            ending of the file.

        Raises
        ------
        NodeError, FormatUnknownError, FormatMismatchError, ExportTargetError
            When it cannot be done; nothing was written.
        """
        node, target = self.get_node(node_path), Path(filesavename)
        if filter is None:
            export_node(node, target)
            return
        description = ExporterFactory.get_format_from_filter(filter)
        exporter = ExporterFactory.create_exporter(target.suffix.removeprefix("."), description)
        exporter.export_data(node, target)

    def get_h5file_scans(self, where: Where = "/") -> list[dict[str, Any]]:
        """Return the nodes that hold a picture of a scan.

        Returns
        -------
        For each a dict of ``scan_name``, ``path``, and ``data``: the picture, as PNG.
        """
        return [
            {
                "scan_name": f"{'' if node.parent_node is None else node.parent_node.name}_{node.name}",
                "path": node.path,
                "data": node.attrs["pixmap2D"],
            }
            for node in self.walk_nodes(where)
            if "pixmap2D" in node.attrs
        ]

    def get_h5_attributes(self, node_path: Where) -> tuple[dict[str, Any], list[Any], Any, list[Any]]:
        """Return what is told beside a node.

        Returns
        -------
        All attributes, by name; the settings; the settings of the scan, or None; the pictures.
        """
        found = self.get_node(node_path).attrs.to_dict()
        settings = [
            value for name, value in found.items() if "settings" in name and "scan_settings" not in name
        ]
        pictures = [value for name, value in found.items() if "pixmap" in name]
        return found, settings, found.get("scan_settings") or None, pictures

    def add_comments(self, node_path: Where, comment: str) -> str:
        """Add a line to the comments of a node of a file that is open for writing; return all of them."""
        return add_comment(self._file, node_path, comment)

    def save_file_as(self, filenamepath: Path | str, backend: str | None = None) -> list[str]:
        """Copy the whole file: see `H5Backend.save_file_as`."""
        return self._file.save_file_as(filenamepath, backend)
