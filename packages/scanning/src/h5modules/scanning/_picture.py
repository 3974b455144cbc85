"""The path of a plan, drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from h5modules.backends import FileAccessError

from ._errors import PlanError
from ._plan import Plan

_MOST_POINTS = 20_000
"""Of a longer plan the first points are drawn: more are one blot."""

_WITH_DOTS = 2_000
"""How many points are drawn as dots too."""


def draw_path(plan: Plan, path: Path) -> Path:
    """Draw the path of a plan: its two fastest actuators against each other, or its one against the points.

    Parameters
    ----------
    plan
        The plan.
    path
        The picture, in the format that its suffix says.

    Returns
    -------
    The path of the picture.

    Raises
    ------
    PlanError
        When matplotlib is not installed, the plan moves nothing, or the suffix is no format of matplotlib.
    FileAccessError
        When the picture cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PlanError('drawing needs matplotlib; try: pip install "h5modules-scanning[plot]"') from error
    if not plan.actuators:
        raise PlanError("the plan moves nothing; there is no path to draw.")
    figure = Figure(figsize=(6.4, 5.2), layout="compressed")
    FigureCanvasAgg(figure)
    _draw(plan, figure.subplots())
    try:
        figure.savefig(path, dpi=120)
    except ValueError as error:
        raise PlanError(f"{str(path)!r} cannot be drawn: {error}.") from error
    except OSError as error:
        raise FileAccessError(f"{str(path)!r} cannot be written: {error.strerror}.") from error
    return path


def _draw(plan: Plan, axes: Any) -> None:
    drawn = min(len(plan), _MOST_POINTS)
    names = plan.actuators[-2:]
    rows = np.array([[point.positions[name] for name in names] for point in map(plan.point, range(drawn))])
    number = np.arange(1, drawn + 1)
    if len(names) == 1:
        across, up, labels = number, rows[:, 0], ("point", names[0])
    else:
        across, up, labels = rows[:, 1], rows[:, 0], (names[1], names[0])
        axes.set_aspect("equal" if _is_square(rows) else "auto")
    axes.plot(across, up, color="0.75", linewidth=0.8, zorder=1)
    if drawn <= _WITH_DOTS:
        dots = axes.scatter(across, up, c=number, s=14, cmap="viridis", zorder=2)
        axes.figure.colorbar(dots, label="point")
    axes.plot(across[0], up[0], "o", color="tab:red", markersize=7, markerfacecolor="none", label="first")
    axes.plot(across[-1], up[-1], "s", color="tab:red", markersize=7, markerfacecolor="none", label="last")
    units = {name: axis.units for axis in plan.leaves for name in axis.actuators}
    across_label, up_label = (f"{label} ({units[label]})" if units.get(label) else label for label in labels)
    axes.set(xlabel=across_label, ylabel=up_label, title=_title(plan, drawn))
    axes.figure.legend(loc="outside lower center", ncols=2, fontsize="small")


def _is_square(rows: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    spans = np.ptp(rows, axis=0)
    return bool(spans.min() > 0 and spans.max() / spans.min() < 3)


def _title(plan: Plan, drawn: int) -> str:
    shape = " x ".join(map(str, plan.shape))
    return f"{len(plan)} points ({shape})" + ("" if drawn == len(plan) else f", the first {drawn} drawn")
