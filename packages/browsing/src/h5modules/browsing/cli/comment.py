"""``h5modules comment``: a word about a node."""

from __future__ import annotations

from typing import Annotated

import typer

from h5modules.backends import H5Backend
from h5modules.browsing._comments import add_comment, read_comments
from h5modules.browsing._opening import backend_for, open_to_read

from ._terminal import AsJson, File, NodePath, tell_json


def comment(
    file: File,
    node: NodePath,
    text: Annotated[
        str | None, typer.Argument(help="What to add; without it the comments are shown.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a comment to a node of a file, or show those it has."""
    if text is None:
        with open_to_read(file) as opened:
            comments = read_comments(opened, node)
    else:
        with H5Backend.open(file, "r+", backend_for(file)) as opened:
            comments = add_comment(opened, node, text)
    if as_json:
        tell_json(file=file, node=node, comments=comments)
    elif comments:
        typer.echo(comments)
