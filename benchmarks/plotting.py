"""The figures of a bench as a picture: a bar for each side of each case."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measuring import Case, Cost

COLUMNS = 3
COLOURS = {"by hand": "0.6", "PyMoDAQ": "tab:orange"} | dict.fromkeys(
    ("pwrite", "Python", "numpy", "h5py"), "0.85"
)
OURS = "tab:blue"


def draw(cases: Mapping[str, Case], costs: Mapping[str, Mapping[str, Cost]], path: Path) -> None:
    """Draw the time of a step on each side, in a panel for each case, with a logarithmic scale."""
    rows = -(-len(costs) // COLUMNS)
    figure = Figure(figsize=(4.4 * COLUMNS, 2.3 * rows), layout="constrained")
    panels = list(figure.subplots(rows, COLUMNS, squeeze=False).flat)
    for panel in panels:
        panel.set_visible(False)
    for panel, (name, found) in zip(panels, costs.items(), strict=False):
        panel.set_visible(True)
        _draw_case(panel, cases[name].title, found)
    figure.savefig(path, dpi=120)


def _draw_case(panel: Axes, title: str, costs: Mapping[str, Cost]) -> None:
    names = list(costs)[::-1]
    times = [costs[name].microseconds for name in names]
    bars = panel.barh(names, times, color=[_colour(name) for name in names])
    panel.bar_label(bars, [_told(time) for time in times], padding=3, fontsize=8)
    panel.set_xscale("log")
    panel.set_xlim(min(times) / 3, max(times) * 12)
    panel.set_title(title.partition(" (at most")[0], fontsize=8, loc="left")
    panel.xaxis.set_visible(False)  # each bar tells its time
    panel.tick_params(labelsize=8)
    panel.spines[["top", "right", "bottom"]].set_visible(False)


def _colour(name: str) -> str:
    return next((colour for start, colour in COLOURS.items() if name.startswith(start)), OURS)


def _told(microseconds: float) -> str:
    """Return a time in the unit that suits it.

    Examples
    --------
    >>> _told(12.3), _told(4567.0), _told(2e6)
    ('12 us', '4.6 ms', '2.0 s')
    """
    exponent = min(int(math.log10(max(microseconds, 1)) // 3), 2)
    value = microseconds / 1000**exponent
    return f"{value:.{0 if value >= 10 else 1}f} {('us', 'ms', 's')[exponent]}"
