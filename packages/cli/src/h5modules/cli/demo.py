"""``h5modules demo``: a simulated scan, end to end."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

_LARGEST_SEED = 2**63 - 1


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to save in.")] = Path("demo.h5"),
    points: Annotated[int, typer.Option(help="Points along each of the two axes.", min=1)] = 41,
    seed: Annotated[int, typer.Option(help="Which sample and which noise.", min=0, max=_LARGEST_SEED)] = 0,
    append: Annotated[
        bool, typer.Option("--append", help="Add the scan to the file if it is there.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
) -> None:
    """Scan a simulated sample, save it, show the file and draw a picture.

    Two stages move stained cells under a photodiode, a spectrometer and a camera. The picture is saved beside
    the file; one of an earlier scan is replaced.
    """
    try:
        from h5modules.browsing import plot_scan
        from h5modules.browsing.cli.tree import print_tree
        from h5modules.scanning import LinearAxis, Plan, run_scan
        from h5modules.scanning.cli import run_shown, tell_result, telling
        from h5modules_simulators import make_microscope
    except ImportError as error:
        typer.echo(f'Error: the demo needs more ({error}). Try: pip install "h5modules-cli[demo]"', err=True)
        raise typer.Exit(1) from error

    microscope = make_microscope(seed=seed)
    # y first, which is the slow one: pictures have x across
    plan = Plan(LinearAxis(stage.title, -40, 40, points) for stage in reversed(microscope.actuators))
    run = partial(run_scan, plan, microscope.actuators, microscope.detectors, output)
    scan = partial(run, append=append, overwrite=overwrite, title="Simulated sample")
    with telling(as_json=False):
        result = run_shown(lambda show: scan(callback=show), "Simulated sample", len(plan))
    print_tree(result.path)
    typer.echo("")
    tell_result(result)
    typer.echo(f"Picture: {plot_scan(result.path, result.node)}")
