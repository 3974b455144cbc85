"""``h5modules serve``: look at files from any browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from h5modules.backends import local_path
from h5modules.browsing._errors import LibraryMissingError

if TYPE_CHECKING:
    from h5modules.browsing.web import Address


def serve(
    places: Annotated[
        list[str], typer.Argument(metavar="DIR|FILE", help="Folders and files.", show_default=False)
    ],
    host: Annotated[str, typer.Option(help="Where to listen; elsewhere a token is needed.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)] = 8765,
) -> None:
    """Show files in a browser, read-only: trees, plots, settings, logs; a running scan is followed.

    It needs h5modules-browsing[web]. Exit codes: 2 the input was refused; 130 stopped by Ctrl-C.
    """
    try:
        from h5modules.browsing.web import serve as serve_files
    except ImportError as error:
        raise LibraryMissingError(
            f'serving needs {error.name}. Try: pip install "h5modules-browsing[web]"'
        ) from error
    serve_files([str(local_path(place)) for place in places], host, port, _tell)


def _tell(address: Address) -> None:
    typer.echo(f"Open {address.url}  (Ctrl-C stops)")
    if address.token:
        typer.echo("Who knows this address may read the files. It is not encrypted.")
