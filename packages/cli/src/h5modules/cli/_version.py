"""What is installed."""

from __future__ import annotations

import platform
from importlib.metadata import distributions

import typer

_LIBRARIES = ("numpy", "h5py", "tables", "h5pyd", "pymodaq_data")
"""What else a report of a problem should name."""


def show_version(wanted: bool) -> None:
    """Print each installed distribution of this house with its version, and what it stands on; then stop."""
    if not wanted:
        return
    found = {distribution.name: distribution.version for distribution in distributions()}
    ours = sorted(name for name in found if name and name.startswith("h5modules-"))
    for name in (*ours, *(name for name in _LIBRARIES if name in found)):
        typer.echo(f"{name} {found[name]}")
    typer.echo(f"Python {platform.python_version()}")
    raise typer.Exit
