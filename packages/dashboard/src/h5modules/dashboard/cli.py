"""``h5modules dashboard``: the PyMoDAQ Dashboard, saving through h5modules."""

from __future__ import annotations

from typing import Annotated

import typer

from h5modules.backends import H5ModulesError


def dashboard(
    experiment: Annotated[
        str | None, typer.Option("--experiment", "-x", help="Name of an experiment to load.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="PyMoDAQ as it is, with its own saving.")] = False,
) -> None:
    """Open the PyMoDAQ Dashboard; scans, viewers, moves and loggers save and load through h5modules.

    Exit codes: 0 closed; 2 it cannot start.
    """
    from ._starting import start

    try:
        code = start(experiment, plain=plain)
    except H5ModulesError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
    raise typer.Exit(code)
