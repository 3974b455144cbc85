"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from h5modules.backends import local_path
from h5modules.scanning._output import Output

OutputFile = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="PATH", parser=local_path, help="The file to save in.", show_default=False
    ),
]
Append = Annotated[bool, typer.Option("--append", help="Add to the file if it is there.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")]
NoNexus = Annotated[bool, typer.Option("--no-nexus", help="Make no tree for programs that plot NeXus files.")]
AsJson = Annotated[bool, typer.Option("--json", help="Tell the result as JSON.")]


def output_of(path: Path, *, append: bool, overwrite: bool, no_nexus: bool) -> Output:
    """Return where to save, as options tell."""
    return Output(path, append=append, overwrite=overwrite, nexus=False if no_nexus else None)
