"""`export`: a node of a file, in any format."""

from __future__ import annotations

from pathlib import Path

from h5modules.backends import Node

from ._factory import ExporterFactory
from ._source import ProgressCallback


def export_node(
    node: Node,
    target: Path | str,
    *,
    format_name: str | None = None,
    overwrite: bool = False,
    progress: ProgressCallback | None = None,
) -> None:
    """Save a node of an open file in another format; the target is there whole or not at all.

    Parameters
    ----------
    node
        An array, or a group.
    target
        The file to write.
    format_name
        The format: see `ExporterFactory.formats`. None goes by the ending of the target.
    overwrite
        Whether to replace what is there: a file that nobody writes, or, by a Zarr folder, a Zarr folder.
    progress
        Called after each block with the bytes done and the bytes in all.

    Raises
    ------
    FormatUnknownError, FormatMismatchError, ExportTargetError
        When it cannot be done; nothing was written.

    Examples
    --------
    >>> import numpy as np
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'a.h5', 'w') as file:
    ...     export_node(file.create_carray('/', 'Power', np.array([0.5, 1.5])), tmp_path / 'power.csv')
    >>> (tmp_path / 'power.csv').read_text().split()
    ['index', '0,Power', '0,0.5', '1,1.5']
    """
    exporter = ExporterFactory.for_file(target) if format_name is None else ExporterFactory.named(format_name)
    exporter.export_data(node, target, overwrite=overwrite, progress=progress)
