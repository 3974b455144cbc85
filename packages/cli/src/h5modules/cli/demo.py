"""``h5modules demo``: a simulated scan, end to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to save in.")] = Path("demo.h5"),
    points: Annotated[int, typer.Option(help="Points along each of the two axes.", min=1)] = 41,
    seed: Annotated[int, typer.Option(help="Which sample and which noise.")] = 0,
    append: Annotated[
        bool, typer.Option("--append", help="Add the scan to the file if it is there.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
) -> None:
    """Scan a simulated sample: two stages, a photodiode, a spectrometer and a camera; show file and picture."""
    from h5modules.browsing import plot_scan
    from h5modules.browsing.cli import render_tree
    from h5modules.scanning import LinearAxis, Plan
    from h5modules.scanning.cli import run_with_progress
    from h5modules_simulators import make_microscope

    microscope = make_microscope(seed=seed)
    plan = Plan(LinearAxis(stage.title, -40, 40, points) for stage in microscope.actuators)
    path = run_with_progress(
        plan,
        microscope.actuators,
        microscope.detectors,
        output,
        append=append,
        overwrite=overwrite,
        title="Simulated sample",
    )
    console = Console()
    console.print(render_tree(path))
    console.print(f"Picture: {plot_scan(path)}", soft_wrap=True)
