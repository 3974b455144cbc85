"""``h5modules hsds``: a server of one's own, from the command line."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ._errors import BackendMissingError
from .hsds import HsdsServer, HsdsServerError

BAD_INPUT = 2
"""The exit code when the server cannot be started."""

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def hsds() -> None:
    """Run an HSDS server of your own on this machine, to save to and to load from."""


@app.command()
def start(
    root: Annotated[
        Path, typer.Option(help="The folder that holds the server's domains; made where missing.")
    ],
    user: Annotated[str, typer.Option(help="The user to log in as.")] = "h5user",
    password: Annotated[
        str | None,
        typer.Option(help="The password; without one, a random one is made.", envvar="HS_PASSWORD"),
    ] = None,
    port: Annotated[
        int, typer.Option(help="The port to listen on; 0 takes a free one.", min=0, max=65535)
    ] = 0,
) -> None:
    """Start a server and run it until Ctrl-C; only programs on this machine reach it."""
    try:
        server = HsdsServer(root, username=user, password=password, port=port)
        with server:
            _greet(server)
            _wait(server)
    except (BackendMissingError, HsdsServerError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    typer.echo("stopped; everything is on the disk.")


def _greet(server: HsdsServer) -> None:
    address = f"hdf5{server.endpoint.removeprefix('http')}{server.folder}scan.h5"
    options = ", ".join(f"{name}={value!r}" for name, value in server.options.items())
    typer.echo(
        f"endpoint: {server.endpoint}\n"
        f"user:     {server.username}\n"
        f"password: {server.password}\n"
        f"folder:   {server.folder}\n"
        "\n"
        "To save to it:\n"
        "\n"
        "    file = H5Backend('h5pyd')  # from h5modules.backends import H5Backend\n"
        f"    file.open_file('{server.folder}scan.h5', 'a', {options})\n"
        "\n"
        "To look at it with commands, in another terminal:\n"
        "\n"
        f"    export HS_USERNAME={server.username} HS_PASSWORD={server.password}\n"
        f"    h5modules tree {address}\n"
        "\n"
        "Press Ctrl-C to stop it."
    )


def _wait(server: HsdsServer) -> None:
    try:
        while server.is_running:
            time.sleep(0.2)
    except KeyboardInterrupt:
        return
    raise HsdsServerError(f"the server has ended by itself; see the logs in {str(server.root)!r}.")
