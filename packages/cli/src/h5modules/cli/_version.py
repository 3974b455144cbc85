"""What is installed."""

from __future__ import annotations

from importlib.metadata import distributions

import typer


def show_version(wanted: bool) -> None:
    """Print each installed distribution of this house with its version, and stop."""
    if not wanted:
        return
    found = {
        dist.name: dist.version for dist in distributions() if (dist.name or "").startswith("h5modules-")
    }
    for name, version in sorted(found.items()):
        typer.echo(f"{name} {version}")
    raise typer.Exit
