"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

OutputFile = Annotated[Path, typer.Option("--output", "-o", help="The file to save in.", show_default=False)]
Append = Annotated[bool, typer.Option("--append", help="Add to the file if it is there.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Tell the result as JSON.")]
