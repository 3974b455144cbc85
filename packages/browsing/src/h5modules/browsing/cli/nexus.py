"""``h5modules nexus``: files that silx, h5web and NexPy open with a plot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from h5modules.backends import local_path

from ._terminal import AsJson, tell_json


def nexus(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", parser=local_path, help="A file of PyMoDAQ or of h5modules.", show_default=False
        ),
    ],
    new_file: Annotated[
        Path | None,
        typer.Argument(
            metavar="NEW_FILE",
            parser=local_path,
            help="Write to a copy, and leave the file as it is.",
            show_default=False,
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tree away instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let silx, h5web and NexPy open a file with a plot: its data get second names in the tree /NeXus.

    No value is copied or changed. Files that h5modules writes have the tree from the start.

    Exit codes: 0 done; 2 the input was refused, nothing was written.
    """
    from h5modules.data_saving.nexus import (  # late: PyMoDAQ's data objects take a second
        add_view,
        remove_view,
    )

    if remove and new_file is not None:
        raise typer.BadParameter("--remove changes the file itself.", param_hint="NEW_FILE")
    target = file if new_file is None else new_file
    if remove:
        was_there = remove_view(file)
        told = "/NeXus was taken away" if was_there else "there was no /NeXus"
        values = {"file": str(target), "signals": 0, "removed": was_there}
    else:
        count = add_view(file, new_file)
        told = f"{count} signal{'' if count == 1 else 's'} in /NeXus"
        values = {"file": str(target), "signals": count, "removed": False}
    if as_json:
        tell_json(**values)
    else:
        typer.echo(f"{target}: {told}")
