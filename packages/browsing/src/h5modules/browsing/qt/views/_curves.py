"""Curves: channels along one axis, with error bars, or one against another."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QComboBox, QWidget

from h5modules.browsing._scan_view import Array, ScanSignal

from ._reading import (
    Line,
    axis_of,
    coordinates_of,
    dimension_of,
    line_cut,
    long_dimensions,
    read_line,
    shown_name,
    size_of,
)
from ._signal_view import Channels, SignalView, channel_name
from ._style import all_in_sight, axis_name, dress, named, paint, plot_curve, style_of

_MOST_BARS = 2_000
"""How many error bars are drawn: more would hide the curve."""


class CurveView(SignalView):
    """Draws channels along one axis."""

    title: ClassVar[str] = "Curves"
    rank: ClassVar[int] = 40
    one_at_a_time: ClassVar[bool] = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._against = QComboBox()
        self._against.setToolTip("What runs along the horizontal axis")
        self._against.setAccessibleName("Horizontal axis")
        self._against.currentIndexChanged.connect(self._draw)
        self.bar.insertWidget(1, self._against)
        self._zoom = QTimer(self, singleShot=True, interval=150)
        self._zoom.timeout.connect(self._read_what_is_seen)
        self._span: tuple[int, int] | None = None

    @classmethod
    def takes(cls, signal: ScanSignal) -> bool:  # docstring inherited
        scan, inner = long_dimensions(signal)
        return len(scan) + len(inner) == 1 and size_of(signal.array) > 1

    def make_canvas(self) -> QWidget:  # docstring inherited
        self._drawn: dict[int, list[pg.GraphicsObject]] = {}
        self._plot = pg.PlotWidget(background=None)
        self._plot.addLegend(offset=(-10, 10))
        self._plot.showGrid(x=True, y=True, alpha=0.15)
        self._plot.setMenuEnabled(True)
        self._plot.sigXRangeChanged.connect(lambda *_: self._zoom.start())
        self.restyle()
        return self._plot

    def restyle(self) -> None:  # docstring inherited
        style = style_of(self)
        self._plot.setBackground(style.ground)
        dress(self._plot.getPlotItem(), style)
        self._plot.getPlotItem().legend.setLabelTextColor(style.ink)
        for number, items in self._drawn.items():
            for item in items:
                paint(item, style.curve(number))

    def draw(self, channels: Channels) -> None:  # docstring inherited
        self._span = None
        self._offer(channels)
        with all_in_sight(self._plot, is_new=True):
            self._draw_lines(channels)

    def redraw(self, channels: Channels) -> None:  # docstring inherited
        with all_in_sight(self._plot, is_new=False):
            self._draw_lines(channels)

    def wipe(self) -> None:  # docstring inherited
        self._plot.clear()
        self._drawn.clear()

    def _offer(self, channels: Channels) -> None:
        first = channels[0]
        names = ["against its axis", *(f"against {channel_name(each, channels)}" for each in channels)]
        kept = max(self._against.currentIndex(), 0)
        self._against.blockSignals(True)
        self._against.clear()
        self._against.addItems(names)
        self._against.setCurrentIndex(kept if kept < len(names) else 0)
        self._against.setVisible(len(channels) > 1 and size_of(first.array) <= 1_000_000)
        self._against.blockSignals(False)

    def _draw_lines(self, channels: Channels) -> None:
        plot = self._plot.getPlotItem()
        plot.clear()
        plot.legend.setVisible(len(channels) > 1)
        first, cut = channels[0], line_cut(channels[0])
        start, stop = self._span or (0, None)
        lines = [read_line(each.array, cut, start, stop, self.cleaning(each)) for each in channels]
        against = self._against.currentIndex() - 1
        x = coordinates_of(first, lines[0]) if against < 0 else lines[against].high
        self._drawn = {
            number: self._curve(signal, x, line, channel_name(signal, channels))
            for number, (signal, line) in enumerate(zip(channels, lines, strict=True))
            if number != against
        }
        self.restyle()
        axis = axis_of(first, dimension_of(first))
        below = axis_name(axis, "point" if first.scan_shape else "index")
        plot.setLabel(
            "bottom", below if against < 0 else named(channel_name(channels[against], channels), first.units)
        )
        alone = len(channels) == 1 or first.label == ""
        beside = channel_name(first, channels) if alone else shown_name(first, first.title)
        plot.setLabel("left", named(beside, first.units))
        if not lines[0].is_whole:
            self.tell(f"{size_of(first.array):,} values: a sample of them is drawn; zoom in to see all.")

    def _curve(self, signal: ScanSignal, x: Array, line: Line, name: str) -> list[pg.GraphicsObject]:
        if not line.is_whole:
            band = np.column_stack((line.low, line.high)).reshape(-1)
            return [self._plot.plot(np.repeat(x, 2), band, connect="finite", name=name)]
        values = line.high
        is_path = not len(x) or not signal.nav_axes or _is_a_path(x)
        order = slice(None) if is_path else np.argsort(x, kind="stable")
        drawn: list[pg.GraphicsObject] = [*plot_curve(self._plot, x[order], values[order], name)]
        if signal.errors is not None and len(values) <= _MOST_BARS:
            errors = read_line(signal.errors, line_cut(signal), *(self._span or (0, None))).high
            kept = np.isfinite(values) & np.isfinite(errors)
            bars = pg.ErrorBarItem(x=x[kept], y=values[kept], height=2 * errors[kept])
            self._plot.addItem(bars)
            drawn.append(bars)
        return drawn

    def _read_what_is_seen(self) -> None:
        """Read a long line again where it is looked at."""
        with self.telling():
            channels = self.channels
            if not channels or size_of(channels[0].array) <= 500_000 or self._against.currentIndex() > 0:
                return
            first = channels[0]
            axis = axis_of(first, dimension_of(first))
            (left, right), _ = self._plot.viewRange()
            length = first.array.shape[dimension_of(first)]
            if axis is None:
                span = int(max(left, 0)), int(min(right + 1, length))
            else:
                inside = np.flatnonzero((axis.values >= left) & (axis.values <= right))
                span = (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, length)
            if span != self._span and span[1] > span[0]:
                self._span = span
                self._draw_lines(channels)


def _is_a_path(x: Array) -> bool:
    """Tell whether coordinates go one way, so that neighbours belong together."""
    steps = np.diff(x)
    return bool((steps >= 0).all() or (steps <= 0).all())
