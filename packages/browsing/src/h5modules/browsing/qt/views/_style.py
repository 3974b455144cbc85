"""How plots look: the colours of the theme, curves that everybody can tell apart, labels with units."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QWidget

from h5modules.browsing._scan_view import Array, ScanAxis
from h5modules.saving import units_text

_ON_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B58900", "#56B4E9", "#444444")
_ON_DARK = ("#56B4E9", "#E69F00", "#2FBF95", "#E39BC6", "#F0E442", "#4C9BE0", "#CCCCCC")
"""After Okabe and Ito: people see colours differently, and tell these apart."""

_MOST_MARKERS = 150
"""How many values are few, so that each has a marker."""

COLOUR_MAP = "viridis"
"""Even steps look even, also in grey, and to those who see no red."""


@dataclass(frozen=True, slots=True)
class Style:
    """The colours of a widget's theme.

    Attributes
    ----------
    ground, ink, faint
        Of the paper, of text and axes, and of the grid.
    curves
        Of one curve after the other.
    """

    ground: str
    ink: str
    faint: str
    curves: tuple[str, ...]

    def curve(self, number: int) -> str:
        """Return the colour of a curve."""
        return self.curves[number % len(self.curves)]


def style_of(widget: QWidget) -> Style:
    """Return the style that fits the palette of a widget."""
    palette = widget.palette()
    ground = palette.color(QPalette.ColorRole.Base)
    ink = palette.color(QPalette.ColorRole.Text)
    is_dark = ground.lightness() < ink.lightness()
    faint = palette.color(QPalette.ColorRole.Mid)
    return Style(ground.name(), ink.name(), faint.name(), _ON_DARK if is_dark else _ON_LIGHT)


def dress(plot: pg.PlotItem, style: Style) -> None:
    """Give the axes of a plot their colours."""
    for name in ("left", "bottom", "right", "top"):
        dress_axis(plot.getAxis(name), style)
    plot.titleLabel.setAttr("color", style.ink)


def dress_axis(axis: pg.AxisItem, style: Style) -> None:
    """Give an axis its colours; its numbers are those of the file: 0.001 nm are not shown as 1 mnm."""
    axis.setPen(style.ink)
    axis.setTextPen(style.ink)
    axis.autoSIPrefix = False  # its method would scale them once more when there is a label


class LonePoints(pg.PlotDataItem):  # type: ignore[misc] # pyqtgraph has no types
    """Points of the curve before, between gaps, so that no line leads to them."""


def plot_curve(plot: pg.PlotWidget, x: Array, y: Array, name: str | None = None) -> list[pg.PlotDataItem]:
    """Draw a curve, with markers where its values are few, or alone between gaps; `paint` gives a colour."""
    known = np.isfinite(x) & np.isfinite(y)
    few = int(known.sum()) <= _MOST_MARKERS
    markers = {"symbol": "o", "symbolSize": 6, "symbolPen": None}
    width = 1.5 if len(y) < 10_000 else 1
    options = markers if few else {}
    drawn = [plot.plot(x, y, pen=pg.mkPen(width=width), connect="finite", name=name, **options)]
    lone = known & ~np.append(known[1:], False) & ~np.append(False, known[:-1])
    if not few and lone.any():
        drawn.append(LonePoints(x[lone], y[lone], pen=None, **markers))
        plot.addItem(drawn[-1])
    return drawn


@contextmanager
def all_in_sight(plot: pg.PlotWidget, *, is_new: bool) -> Iterator[None]:
    """Draw curves anew in a block; all of them are in sight then, unless a part of what is not new was."""
    saw_all = is_new or _sees_all(plot)
    yield
    if is_new or (saw_all and not _sees_all(plot)):
        plot.autoRange()


def _sees_all(plot: pg.PlotWidget) -> bool:
    """Tell whether all curves of a plot are in sight."""
    for number, (first, last) in enumerate(plot.viewRange()):
        for item in plot.listDataItems():
            low, high = item.dataBounds(number)
            if low is not None and not (first <= low and high <= last):
                return False
    return True


def paint_curves(plot: pg.PlotWidget, style: Style) -> None:
    """Give the curves of a plot their colours, one after the other."""
    number = -1
    for item in plot.listDataItems():
        number += not isinstance(item, LonePoints)
        paint(item, style.curve(number))


def paint(item: pg.PlotDataItem | pg.ErrorBarItem, colour: str) -> None:
    """Give a curve, its lone points, or its error bars, a colour."""
    if isinstance(item, pg.ErrorBarItem):
        item.setData(pen=pg.mkPen(colour, width=1))
        return
    if not isinstance(item, LonePoints):
        item.setPen(pg.mkPen(colour, width=pg.mkPen(item.opts["pen"]).widthF()))
    item.setSymbolBrush(colour)


def named(label: str, units: str) -> str:
    """Return a label with its units, as Qt shows it.

    Examples
    --------
    >>> named('x < y', 'um'), named('', 'V'), named('counter', '')
    ('x &lt; y (µm)', 'V', 'counter')
    """
    written = units_text(units)
    text = f"{label} ({written})" if label and written else label or written
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def axis_name(axis: ScanAxis | None, otherwise: str) -> str:
    """Return what to write along an axis, as Qt shows it."""
    return otherwise if axis is None else named(axis.label, axis.units) or otherwise


def levels_of(values: Array) -> tuple[float, float]:
    """Return the values of the first and the last colour: two that differ.

    Examples
    --------
    >>> levels_of(np.array([2.0, np.nan, 5.0])), levels_of(np.array([3.0])), levels_of(np.array([np.nan]))
    ((2.0, 5.0), (3.0, 4.0), (0.0, 1.0))
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if low < high else (low, low + 1.0)


def steady(values: Array) -> bool:
    """Tell whether the steps between values are the same, as far as a picture shows.

    Examples
    --------
    >>> steady(np.array([0.0, 1.0, 2.0])), steady(np.array([0.0, 1.0, 4.0])), steady(np.array([1.0, 1.0]))
    (True, False, False)
    """
    if len(values) < 2 or not np.isfinite(values).all():
        return False
    steps = np.diff(values)
    mean = (values[-1] - values[0]) / (len(values) - 1)
    return bool(mean) and bool(np.all(np.abs(steps - mean) < 0.02 * abs(mean)))
