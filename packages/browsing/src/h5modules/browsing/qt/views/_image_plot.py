"""An image with axes, colours, and a place that can be chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QRectF, Qt, Signal
from qtpy.QtGui import QKeyEvent, QResizeEvent
from qtpy.QtWidgets import QWidget

from h5modules.browsing._scan_view import Array, ScanAxis, begins_at_top

from ._fine_part import FinePart
from ._reading import Plane
from ._style import COLOUR_MAP, Style, axis_name, dress, dress_axis, levels_of, steady, style_of

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Up: (0, 1),
}
"""How many places to the right and upwards."""

_UNLIMITED = 16_777_215
"""Qt's largest size of a widget."""

_MARK = "#FF5C39"
"""Of the cross and the region: seen on every colour of the map."""


class PlaceAxis(pg.AxisItem):  # type: ignore[misc] # pyqtgraph has no types
    """An axis that counts places, and writes the coordinates there."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.coordinates: Array | None = None

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Return what is written at ticks."""
        if self.coordinates is None:
            return list(super().tickStrings(values, scale, spacing))
        known = np.arange(len(self.coordinates))
        found = np.interp(np.asarray(values, float), known, self.coordinates, np.nan, np.nan)
        return ["" if np.isnan(each) else f"{each:.4g}".replace("-", "\N{MINUS SIGN}") for each in found]


class ImagePlot(pg.GraphicsLayoutWidget):  # type: ignore[misc] # pyqtgraph has no types
    """Shows a plane.

    Parameters
    ----------
    parent
        The widget it lies in.
    has_cross
        Whether a place can be chosen, by dragging lines or by a click.
    has_histogram
        Whether the colours are shown with how often each value comes, and can be changed.
    colours
        The name of the colour map.

    Attributes
    ----------
    place_chosen
        Emitted with the row and the column, in the whole array, when another place was chosen.
    pointed
        Emitted with row, column and value where the mouse points; -1, -1, NaN outside.
    region_moved
        Emitted when the region was moved or became another size.
    region
        A rectangle that can be dragged; hidden at first.
    """

    place_chosen = Signal(int, int)
    pointed = Signal(int, int, float)
    region_moved = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        has_cross: bool = False,
        has_histogram: bool = False,
        colours: str = COLOUR_MAP,
    ) -> None:
        super().__init__(parent)
        self._axes = {name: PlaceAxis(name) for name in ("bottom", "left")}
        self.plot = self.addPlot(axisItems=dict(self._axes))
        self.image = pg.ImageItem(axisOrder="row-major")
        self.plot.addItem(self.image)
        self.fine = FinePart(self.plot, self)
        self._colours = _histogram(self.image, colours) if has_histogram else _colour_bar(self.image, colours)
        self.image.sigImageChanged.connect(self._colour_alike)
        if isinstance(self._colours, pg.HistogramLUTItem):
            self._colours.sigLevelsChanged.connect(self._colour_alike)
            self._colours.sigLookupTableChanged.connect(self._colour_alike)
        self.addItem(self._colours)
        self.region = pg.RectROI((0, 0), (1, 1), pen=pg.mkPen(_MARK, width=2))
        self.region.hide()
        self.region.sigRegionChanged.connect(self.region_moved)
        self.plot.addItem(self.region)
        self._region_part = 0.0
        self._plane: Plane | None = None
        self._levels: tuple[float, float] | None = None
        self._shown: tuple[ScanAxis | Array | None, ...] | None = None
        self._down = self._across = (0.0, 1.0)
        self._lines = [pg.InfiniteLine(angle=angle, movable=True) for angle in (90, 0)] if has_cross else []
        for line in self._lines:
            self.plot.addItem(line)
            line.sigDragged.connect(self._tell_choice)
        if has_cross:
            self.plot.scene().sigMouseClicked.connect(self._choose_by_click)
        self.plot.scene().sigMouseMoved.connect(self._tell_pointed)
        self.restyle(style_of(self))

    def restyle(self, style: Style) -> None:
        """Take the colours of a theme."""
        self.setBackground(style.ground)
        dress(self.plot, style)
        dress_axis(self._colours.axis, style)
        if isinstance(self._colours, pg.HistogramLUTItem):
            self._colours.plot.setPen(style.ink)
            shade = pg.mkColor(style.ink)
            shade.setAlpha(30)
            self._colours.region.setBrush(shade)
            self._colours.region.setHoverBrush(shade)
        for line in self._lines:
            line.setPen(pg.mkPen(_MARK, width=1.5))
            line.setHoverPen(pg.mkPen(_MARK, width=4))

    def show_plane(
        self,
        plane: Plane,
        axes: tuple[ScanAxis | None, ScanAxis | None],
        name: str,
        levels: tuple[float, float] | None = None,
        *,
        is_live: bool = False,
    ) -> None:
        """Show a plane, and keep the part of it that is in sight when it has the same places as before.

        Where they are others, the region lies in the middle again. No sign is given of that.

        Parameters
        ----------
        plane
            The values.
        axes
            The axis of the rows and that of the columns.
        name
            What the values are.
        levels
            The values of the first and the last colour; those of the plane by default.
        is_live
            Whether it is the plane that is shown, with more in it: colours that were chosen stay, and so does
            the region.
        """
        self._plane = plane
        before, self._shown = self._shown, (*axes, plane.rows, plane.columns)
        self._down = self._scale(axes[0], plane.rows, "left", "row")
        self._across = self._scale(axes[1], plane.columns, "bottom", "column")
        now = self.image.levels
        if is_live and self._levels is not None and not np.array_equal(now, self._levels):
            levels = float(now[0]), float(now[1])
        else:
            self._levels = levels = levels or levels_of(plane.values)
        self.image.setImage(plane.values, levels=levels)
        (top, down), (left, across) = self._down, self._across
        rows, columns = len(plane.rows), len(plane.columns)
        self.image.setRect(QRectF(left - across / 2, top - down / 2, across * columns, down * rows))
        if isinstance(self._colours, pg.ColorBarItem):
            self._colours.setLevels(levels)
        self._colours.axis.setLabel(name)
        self.plot.invertY(begins_at_top(axes[0]))
        self.fine.lie_over(plane, self._down, self._across)
        if before is None or not all(map(_is_alike, before, self._shown)):
            self.lock(_is_a_picture(axes))
            self.plot.autoRange(padding=0)
            if not is_live and self.region.isVisible():
                self.blockSignals(True)
                self._centre_region()
                self.blockSignals(False)

    def show_part(self, part: Plane) -> None:
        """Show a part of the plane with more rows and columns, as `fine.wanted` asked for it."""
        self.fine.show_plane(part, self.image.levels)
        self._colour_alike()

    def _colour_alike(self, *_: object) -> None:
        """Give the part that is drawn finer the colours of the whole."""
        self.fine.image.setLevels(self.image.levels)
        self.fine.image.setLookupTable(self.image.lut)

    def wipe(self) -> None:  # pyqtgraph's own `clear` takes the plot itself away
        """Show nothing, and keep nothing."""
        self._plane = None
        self.image.clear()
        self.fine.forget()

    def lock(self, is_locked: bool) -> None:
        """Keep the proportions of the image, or let it fill the window."""
        self.plot.setAspectLocked(is_locked)
        self._frame()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the frame of a picture as wide and as high as its proportions ask for."""
        super().resizeEvent(event)
        if hasattr(self, "_colours"):  # it is resized while it is made
            self._frame()

    def _frame(self) -> None:
        box, bounds = self.plot.vb, self.bounds
        self.plot.setMaximumSize(_UNLIMITED, _UNLIMITED)
        self._colours.setMaximumHeight(_UNLIMITED)
        if not box.state["aspectLocked"] or not bounds.width() or not bounds.height():
            return
        beside, above = (self.plot.size() - box.size()).width(), (self.plot.size() - box.size()).height()
        room = self.ci.contentsRect()
        across = room.width() - beside - self._colours.size().width() - 20
        scale = max(min(across / bounds.width(), (room.height() - above) / bounds.height()), 0.0)
        height = bounds.height() * scale + above
        self.plot.setMaximumSize(bounds.width() * scale + beside, height)
        self._colours.setMaximumHeight(height)

    def _scale(self, axis: ScanAxis | None, places: Array, side: str, otherwise: str) -> tuple[float, float]:
        """Set an axis; return where the first place is drawn, and the distance to the next."""
        item = self._axes[side]
        item.coordinates = None
        self.plot.setLabel(side, axis_name(axis, otherwise))
        step = float(places[1] - places[0]) if len(places) > 1 else 1.0
        if axis is None:
            return float(places[0]), step
        values = axis.values[places]
        if steady(values):
            return float(values[0]), float(values[1] - values[0])
        if len(values) > 1 and (np.diff(values) < 0).all():  # from low to high, as where steps are alike
            item.coordinates = axis.values[::-1]
            return float(len(axis.values) - 1 - places[0]), -step
        item.coordinates = axis.values
        return float(places[0]), step

    # The chosen place

    def choose(self, row: int, column: int) -> None:
        """Move the cross to a place, without a sign."""
        plane = self._plane
        if plane is None or not self._lines:
            return
        at_row, at_column = np.searchsorted(plane.rows, row), np.searchsorted(plane.columns, column)
        for line, (first, step), place in zip(
            self._lines, (self._across, self._down), (at_column, at_row), strict=True
        ):
            line.setValue(first + step * place)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move the cross by one place with the arrow keys."""
        step = _ARROWS.get(event.key())
        if step is None or not self._lines or self._plane is None:
            super().keyPressEvent(event)
            return
        for line, (_, width), count in zip(self._lines, (self._across, self._down), step, strict=True):
            is_turned = line.angle == 0 and self.plot.vb.yInverted()
            line.setValue(line.value() + abs(width) * (-count if is_turned else count))
        self._tell_choice()
        place = self._place(self._lines[0].value(), self._lines[1].value(), is_clipped=True)
        if place is not None:  # not out of the image
            self.choose(int(self._plane.rows[place[0]]), int(self._plane.columns[place[1]]))

    def _tell_choice(self) -> None:
        place = self._place(self._lines[0].value(), self._lines[1].value(), is_clipped=True)
        if place is not None and self._plane is not None:
            row, column = int(self._plane.rows[place[0]]), int(self._plane.columns[place[1]])
            self.place_chosen.emit(row, column)

    def _choose_by_click(self, event: object) -> None:
        where = self.plot.vb.mapSceneToView(event.scenePos())  # type: ignore[attr-defined]
        if self._place(where.x(), where.y()) is not None:
            self._lines[0].setValue(where.x())
            self._lines[1].setValue(where.y())
            self._tell_choice()

    def _tell_pointed(self, position: object) -> None:
        where = self.plot.vb.mapSceneToView(position)
        if (found := self.fine.at(where.x(), where.y())) is not None:
            self.pointed.emit(*found)
            return
        place = self._place(where.x(), where.y())
        if place is None or self._plane is None:
            self.pointed.emit(-1, -1, np.nan)
            return
        row, column = int(self._plane.rows[place[0]]), int(self._plane.columns[place[1]])
        self.pointed.emit(row, column, float(self._plane.values[place]))

    def _place(self, x: float, y: float, *, is_clipped: bool = False) -> tuple[int, int] | None:
        if self._plane is None:
            return None
        row = round((y - self._down[0]) / self._down[1])
        column = round((x - self._across[0]) / self._across[1])
        rows, columns = self._plane.values.shape
        if is_clipped:
            return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    # The region

    def show_region(self, is_shown: bool, part: float) -> None:
        """Show the region in the middle of the image, or hide it.

        Parameters
        ----------
        is_shown
            Whether to show it.
        part
            How large it is, as a part of the image's sides.
        """
        self._region_part = part
        if is_shown:
            self._centre_region()
        self.region.setVisible(is_shown)

    def _centre_region(self) -> None:
        bounds = self.bounds
        width, height = bounds.width() * self._region_part, bounds.height() * self._region_part
        middle = bounds.center()
        self.region.setPos((middle.x() - width / 2, middle.y() - height / 2), update=False)
        self.region.setSize((width, height))

    @property
    def places(self) -> tuple[range, range]:
        """The rows and the columns of the plane that the region touches."""
        (x, y), (width, height) = self.region.pos(), self.region.size()
        one, other = self._place(x, y, is_clipped=True), self._place(x + width, y + height, is_clipped=True)
        if one is None or other is None:
            return range(0), range(0)
        rows, columns = (sorted((one[axis], other[axis])) for axis in (0, 1))
        return range(rows[0], rows[1] + 1), range(columns[0], columns[1] + 1)

    def mean(self) -> tuple[float, Array, Array]:
        """Return the mean in the region, and its line-outs: the mean of its rows and that of its columns."""
        plane = self._plane
        if plane is None:
            return np.nan, np.zeros(0), np.zeros(0)
        rows, columns = self.places
        part = plane.values[rows.start : rows.stop, columns.start : columns.stop]
        known = np.isfinite(part)
        if not known.any():
            return np.nan, np.zeros(0), np.zeros(0)
        filled, counts = np.where(known, part, 0.0), known
        along = [filled.sum(axis) / np.maximum(counts.sum(axis), 1) for axis in (1, 0)]
        return float(part[known].mean()), along[0], along[1]

    @property
    def numbers_in_region(self) -> tuple[Array, Array]:
        """The numbers of the rows and of the columns that the region touches, in the whole array."""
        if self._plane is None:
            return np.zeros(0, int), np.zeros(0, int)
        rows, columns = self.places
        return self._plane.rows[rows.start : rows.stop], self._plane.columns[columns.start : columns.stop]

    @property
    def bounds(self) -> QRectF:
        """Where the image lies."""
        return self.image.mapRectToParent(self.image.boundingRect())


def _histogram(image: pg.ImageItem, colours: str) -> pg.HistogramLUTItem:
    histogram = pg.HistogramLUTItem(image, fillHistogram=False)
    histogram.gradient.setColorMap(pg.colormap.get(colours))
    return histogram


def _colour_bar(image: pg.ImageItem, colours: str) -> pg.ColorBarItem:
    bar = pg.ColorBarItem(colorMap=colours, interactive=False)
    bar.setImageItem(image)
    bar.axis.setWidth(None)  # as wide as its numbers are
    return bar


def _is_alike(one: ScanAxis | Array | None, other: ScanAxis | Array | None) -> bool:
    """Tell whether two axes, or two lists of places, are the same."""
    if isinstance(one, ScanAxis) and isinstance(other, ScanAxis):
        same = (one.label, one.units) == (other.label, other.units)
        return same and np.array_equal(one.values, other.values)
    return one is other if one is None or other is None else np.array_equal(one, other)  # type: ignore[arg-type]


def _is_a_picture(axes: tuple[ScanAxis | None, ScanAxis | None]) -> bool:
    """Tell whether both directions are of one kind, so that proportions mean something."""
    down, across = axes
    if down is None or across is None:
        return down is across
    return down.units == across.units and down.units != ""
