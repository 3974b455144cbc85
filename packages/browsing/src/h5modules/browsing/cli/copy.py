"""``h5modules copy``: a file, or a node of it, to another file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from h5modules.backends import Compression, is_address
from h5modules.browsing._copying import copy_part, copy_whole

from ._terminal import AsJson, File, console, tell_json


def copy(  # noqa: PLR0913 - each is an option
    file: File,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="The file to make.", show_default=False)],
    node: Annotated[
        str | None, typer.Option(help="Copy this node alone, to the same path.", show_default=False)
    ] = None,
    compression: Annotated[
        str | None,
        typer.Option(
            help="How to pack arrays: gzip, lz4, zstd, blosc2; as they are by default.", show_default=False
        ),
    ] = None,
    level: Annotated[int, typer.Option(help="How hard to pack.", min=1, max=9)] = 4,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
    make_folders: Annotated[
        bool, typer.Option("--make-folders", help="Make the folders of a server above the new domain.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy a file, or one node and all below it, to a new file.

    The copy is there whole, or not at all. A file that somebody writes is not replaced. Whole files may come
    from and go to domains of a server.

    Exit codes: 0 done; 2 the input was refused, nothing was written.
    """
    packing = None if compression is None else Compression(compression, level, shuffle=True)
    if node is None:
        copy_whole(file, target, packing, overwrite=overwrite, make_folders=make_folders)
    elif is_address(target):
        raise typer.BadParameter("one node is copied to a file of this machine.", param_hint="TARGET")
    else:
        copy_part(file, node, Path(target), packing, overwrite=overwrite)
    if as_json:
        tell_json(file=target, node=node or "/")
    else:
        console().print(f"Copied: {target}", soft_wrap=True)
