"""Scans of spectra, frames and more: a map to choose a point on, and what was read there."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QSplitter, QVBoxLayout, QWidget

from h5modules.browsing._labels import coordinate
from h5modules.browsing._scan_view import Array, ScanAxis, ScanSignal
from h5modules.data_saving import NewPoints

from ._image_plot import ImagePlot
from ._images import ImageView
from ._reading import (
    MOST_VALUES,
    Cut,
    Plane,
    axis_of,
    long_dimensions,
    overview_name,
    read_line,
    read_overview,
    read_plane,
    read_point_overview,
    value_name,
)
from ._signal_view import Channels, SignalView, channel_name
from ._style import axis_name, dress, named, paint_curves, plot_curve, style_of
from ._view import Subject


class ScanView(SignalView):
    """Shows a map of a scan, and what was read at the place of the cross, or the mean of a region."""

    title: ClassVar[str] = "Map and signal"
    rank: ClassVar[int] = 60

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._region = QCheckBox("Mean of a region")
        self._region.toggled.connect(self._show_region)
        self.bar.insertWidget(2, self._region)
        self._place: dict[int, int] = {}
        self._shown: list[int] = []
        self._inner: list[int] = []
        self._overview: Array = np.zeros(0)

    @classmethod
    def takes(cls, signal: ScanSignal) -> bool:  # docstring inherited
        scan, inner = long_dimensions(signal)
        is_scan_of_more = bool(scan) and bool(inner)
        return (is_scan_of_more or len(scan) + len(inner) > 2) and not signal.is_spread

    @classmethod
    def priority(cls, subject: Subject) -> int | None:  # docstring inherited
        rank = super().priority(subject)
        taken = [long_dimensions(each[0]) for each in subject.signals if cls.takes(each[0])]
        # The spectra of a scan along one axis are an image, which says more.
        is_image = all(len(scan) == len(inner) == 1 for scan, inner in taken)
        return rank if rank is None or not is_image else ImageView.rank - 5

    def make_canvas(self) -> QWidget:  # docstring inherited
        self.map = ImagePlot(has_cross=True)
        self.map.place_chosen.connect(self._choose)
        self.map.region_moved.connect(self._draw_point)
        self.curve = pg.PlotWidget(background=None)
        self.curve.addLegend(offset=(-10, 10))
        self.curve.showGrid(x=True, y=True, alpha=0.15)
        self.frame = ImagePlot()
        self._sliders = QVBoxLayout()
        self._sliders.setContentsMargins(8, 0, 8, 0)
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(0, 0, 0, 0)
        for each in (self.curve, self.frame):
            column.addWidget(each, 1)
        column.addLayout(self._sliders)
        self._canvas = QSplitter()
        self._canvas.addWidget(self.map)
        self._canvas.addWidget(beside)
        self._canvas.setSizes([500, 500])
        return self._canvas

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Lay the map beside the signal where there is room, or else above it."""
        super().resizeEvent(event)
        is_wide = self.width() > 1.4 * self.height()
        self._canvas.setOrientation(Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical)

    def restyle(self) -> None:  # docstring inherited
        style = style_of(self)
        self.map.restyle(style)
        self.frame.restyle(style)
        self.curve.setBackground(style.ground)
        dress(self.curve.getPlotItem(), style)
        self.curve.getPlotItem().legend.setLabelTextColor(style.ink)
        paint_curves(self.curve, style)

    def draw(self, channels: Channels) -> None:  # docstring inherited
        self._place = {}
        self.redraw(channels)

    def redraw(self, channels: Channels) -> None:  # docstring inherited
        signal = self.signal
        scan, inner = long_dimensions(signal)
        self._shown, self._inner = scan[-2:], inner[-2:]
        self.map.setVisible(bool(scan))
        self._region.setVisible(bool(scan))
        self._overview = read_overview(signal) if scan else np.zeros(signal.scan_shape)
        shape = signal.array.shape
        is_live = bool(self._place) and all(at < shape[number] for number, at in self._place.items())
        if not is_live:
            self._place = _brightest(signal, self._overview)
        self._make_sliders(signal, [*scan[:-2], *inner[:-2]])
        self._draw_map(signal, is_live=is_live)
        self._draw_point()
        self.restyle()

    def wipe(self) -> None:  # docstring inherited
        for plot in (self.map, self.frame):
            plot.wipe()
        self.curve.clear()
        self._overview = np.zeros(0)

    def add_points(self, points: NewPoints) -> None:
        """Draw what came: the new points alone are read."""
        with self.telling():
            if not points.indexes or not self.channels:
                return
            channels, signal = self.renewed(), self.signal
            if self._overview.shape != signal.scan_shape:  # that of a log, which grew
                self.redraw(channels)
                return
            for index in points.indexes:
                self._overview[index] = read_point_overview(signal, index)
            self._draw_map(signal, is_live=True)
            if self._has_region or self._index(signal) in points.indexes:
                self._draw_point()

    # The map

    def _draw_map(self, signal: ScanSignal, *, is_live: bool) -> None:
        if not self._shown:
            return
        plane, axes = _map_of(signal, self._overview, self._shown, self._place)
        name = named(overview_name(signal), signal.units)
        self.map.show_plane(plane, axes, name, is_live=is_live)
        places = [self._place[number] for number in self._shown]
        self.map.choose(*(places if len(places) == 2 else (0, places[0])))

    def _choose(self, row: int, column: int) -> None:
        with self.telling():
            places = (row, column) if len(self._shown) == 2 else (column,)
            self._place.update(zip(self._shown, places, strict=True))
            self._draw_point()

    def _make_sliders(self, signal: ScanSignal, dimensions: list[int]) -> None:
        while self._sliders.count():
            row = self._sliders.takeAt(0)
            assert row is not None
            _delete(row.layout())
        for number in dimensions:
            row = QHBoxLayout()
            label = QLabel()
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(0, signal.array.shape[number] - 1)
            slider.setValue(self._place[number])
            slider.valueChanged.connect(lambda value, at=number, told=label: self._slide(at, value, told))
            label.setText(coordinate(axis_of(signal, number), self._place[number]))
            row.addWidget(slider, 1)
            row.addWidget(label)
            self._sliders.addLayout(row)

    def _slide(self, dimension: int, value: int, label: QLabel) -> None:
        with self.telling():
            signal = self.signal
            self._place[dimension] = value
            label.setText(coordinate(axis_of(signal, dimension), value))
            if dimension < len(signal.scan_shape):
                self._draw_map(signal, is_live=True)
            self._draw_point()

    # What was read at a point

    def _show_region(self, is_shown: bool) -> None:
        self.map.show_region(is_shown, part=1 / 3)
        self._draw_point()

    def _draw_point(self) -> None:
        with self.telling():
            channels = self.channels
            if not channels:
                return
            signal = self.signal
            self.curve.setVisible(len(self._inner) < 2)
            self.frame.setVisible(len(self._inner) == 2)
            if len(self._inner) == 2:
                down, across = self._inner
                axes = axis_of(signal, down), axis_of(signal, across)
                name = named(value_name(signal), signal.units)
                self.frame.show_plane(self._frame(signal), axes, name)
            elif self._inner:
                self._draw_curves(channels)
            self.tell(self._where(signal))

    def _draw_curves(self, channels: Channels) -> None:
        first = channels[0]
        axis = axis_of(first, self._inner[0])
        self.curve.clear()
        self.curve.getPlotItem().legend.setVisible(len(channels) > 1)
        for signal in channels:
            places, values = self._curve(signal)
            x = places if axis is None else axis.values[places]
            plot_curve(self.curve, x, values, channel_name(signal, channels))
        paint_curves(self.curve, style_of(self))
        self.curve.setLabel("bottom", axis_name(axis, "index"))
        self.curve.setLabel("left", named(value_name(first), first.units))

    # What is read: of one point, or the mean of those in the region

    def _curve(self, signal: ScanSignal) -> tuple[Array, Array]:
        clean = self.cleaning(signal)
        lines = [read_line(signal.array, cut, clean=clean) for cut in self._cuts(signal)]
        return lines[0].places, np.mean([line.high for line in lines], axis=0)

    def _frame(self, signal: ScanSignal) -> Plane:
        cuts = self._cuts(signal)
        total = self._frame_at(signal, cuts[0])
        values = total.values
        for cut in cuts[1:]:
            values = values + self._frame_at(signal, cut).values
        return Plane(total.rows, total.columns, values / len(cuts))

    def _frame_at(self, signal: ScanSignal, cut: Cut) -> Plane:
        return read_plane(signal.array, cut, clean=self.cleaning(signal))

    def _cuts(self, signal: ScanSignal) -> list[Cut]:
        count = len(signal.scan_shape)
        inside = tuple(
            slice(None) if number in self._inner else self._place.get(number, 0)
            for number in range(count, len(signal.array.shape))
        )
        return [(*index, *inside) for index in self._points(signal)]

    @property
    def _has_region(self) -> bool:
        return bool(self._shown) and bool(self._region.isChecked())

    def _index(self, signal: ScanSignal) -> tuple[int, ...]:
        """Return the point at the cross."""
        return tuple(self._place.get(number, 0) for number in range(len(signal.scan_shape)))

    def _points(self, signal: ScanSignal) -> list[tuple[int, ...]]:
        at = list(self._index(signal))
        if not self._has_region:
            return [tuple(at)]
        ranges = self.map.places
        found = []
        for row in ranges[0] if len(self._shown) == 2 else (0,):
            for column in ranges[1]:
                places = (row, column) if len(self._shown) == 2 else (column,)
                for number, place in zip(self._shown, places, strict=True):
                    at[number] = place
                if signal.acquired[tuple(at)]:
                    found.append(tuple(at))
        size = math.prod(signal.array.shape[number] for number in self._inner)
        step = max(1, -(-len(found) * size // MOST_VALUES), -(-len(found) // 400))
        return found[::step] or [self._index(signal)]

    def _where(self, signal: ScanSignal) -> str:
        scan, _ = long_dimensions(signal)
        if self._has_region:
            return f"mean of {len(self._points(signal))} points"
        places = [coordinate(axis_of(signal, number), self._place[number]) for number in scan]
        return ", ".join(places) + ("" if signal.acquired[self._index(signal)] else "  (not acquired)")


def _brightest(signal: ScanSignal, overview: Array) -> dict[int, int]:
    """Return the place of the greatest value of a scan's map, and in the middle of what was read there."""
    found = np.unravel_index(np.argmax(np.nan_to_num(overview, nan=-np.inf)), overview.shape)
    _, inner = long_dimensions(signal)
    middles = {number: signal.array.shape[number] // 2 for number in inner}
    return {number: int(place) for number, place in enumerate(found)} | middles


def _map_of(
    signal: ScanSignal, overview: Array, shown: list[int], place: dict[int, int]
) -> tuple[Plane, tuple[ScanAxis | None, ScanAxis | None]]:
    """Return the plane of a scan's map: one row of it where the scan has one dimension."""
    cut = tuple(slice(None) if number in shown else place[number] for number in range(overview.ndim))
    values = overview[cut]
    across = axis_of(signal, shown[-1])
    down = axis_of(signal, shown[0]) if values.ndim == 2 else None
    values = np.atleast_2d(values)
    return Plane(np.arange(values.shape[0]), np.arange(values.shape[1]), values), (down, across)


def _delete(layout: object) -> None:
    while layout.count():  # type: ignore[attr-defined]
        widget = layout.takeAt(0).widget()  # type: ignore[attr-defined]
        if widget is not None:
            widget.deleteLater()
