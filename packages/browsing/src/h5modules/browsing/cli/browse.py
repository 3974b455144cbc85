"""``h5modules browse``: the browser with a window."""

from __future__ import annotations

from typing import Annotated

import typer


def browse(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
            help="HDF5 files, or hdf5://host:port/domain; those of the last time by default.",
        ),
    ] = None,
) -> None:
    """Look into files in a window: trees, curves, images, maps; files being written are followed.

    It needs h5modules-browsing[qt,pyqt6] (or pyside6).

    Exit codes: 0 closed; 2 what it needs is missing; 130 closed by Ctrl-C.
    """
    from h5modules.browsing.qt import browse as show

    raise typer.Exit(show(files or ()))
