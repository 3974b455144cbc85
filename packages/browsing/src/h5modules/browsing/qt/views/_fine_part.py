"""The part of a large image that is looked at, drawn finer than the whole."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QObject, QRectF, QTimer, Signal

from h5modules.browsing._scan_view import Array

from ._reading import Plane, steps_of

_PAUSE = 150
"""Milliseconds without a move before something is read."""

_MARGIN = 0.25
"""What is read on each side of what is seen, as a part of it: small moves need no reading."""

Scale = tuple[float, float]
"""Where the first place of an image is drawn, and the distance to the next."""


class FinePart(QObject):  # type: ignore[misc] # Qt has no types
    """Asks for the part of an image that is seen, where that shows more than the image does, and draws it.

    Parameters
    ----------
    plot
        Where the image is drawn.
    parent
        The object that owns it.

    Attributes
    ----------
    wanted
        Emitted with the first row and the one past the last that are wanted, and with those of the columns.
    image
        What is drawn over the whole image.
    """

    wanted = Signal(tuple, tuple)

    def __init__(self, plot: pg.PlotItem, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plot = plot
        self._whole: Plane | None = None
        self._down: Scale = (0.0, 1.0)
        self._across: Scale = (0.0, 1.0)
        self._plane: Plane | None = None
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setZValue(1)
        self.image.hide()
        plot.addItem(self.image)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self.ask)
        plot.sigRangeChanged.connect(self._wait)

    def lie_over(self, whole: Plane, down: Scale, across: Scale) -> None:
        """Belong to another image, where rows or columns may be left out."""
        self.forget()
        self._whole, self._down, self._across = whole, down, across
        self._wait()

    def forget(self) -> None:
        """Draw nothing."""
        self._whole = self._plane = None
        self._timer.stop()
        self.image.clear()
        self.image.hide()

    def show_plane(self, plane: Plane, levels: Array) -> None:
        """Draw a part that was read."""
        if self._whole is None or not plane.values.size:
            return
        self._plane = plane
        (top, height), (left, width) = (
            _edges(numbers, whole, scale)
            for numbers, whole, scale in (
                (plane.rows, self._whole.rows, self._down),
                (plane.columns, self._whole.columns, self._across),
            )
        )
        self.image.setImage(plane.values, levels=levels)
        self.image.setRect(QRectF(left, top, width, height))
        self.image.show()

    def at(self, x: float, y: float) -> tuple[int, int, float] | None:
        """Return row, column and value of a place in what is drawn; None outside of it."""
        whole, plane = self._whole, self._plane
        if whole is None or plane is None:
            return None
        places = _number(y, whole.rows, self._down), _number(x, whole.columns, self._across)
        found = []
        for place, numbers in zip(places, (plane.rows, plane.columns), strict=True):
            step = _step(numbers)
            index = round((place - numbers[0]) / step)
            if not 0 <= index < len(numbers):
                return None
            found.append(index)
        row, column = found
        return int(plane.rows[row]), int(plane.columns[column]), float(plane.values[row, column])

    def _wait(self, *_: object) -> None:
        whole = self._whole
        if whole is not None and max(_step(whole.rows), _step(whole.columns)) > 1:
            self._timer.start()

    def ask(self) -> None:
        """Ask for what is seen, if that can be drawn finer than it is."""
        self._timer.stop()
        whole = self._whole
        if whole is None:
            return
        (left, right), (bottom, top) = self._plot.viewRange()
        rows = _seen(bottom, top, whole.rows, self._down)
        columns = _seen(left, right, whole.columns, self._across)
        if rows[0] >= rows[1] or columns[0] >= columns[1]:
            return
        finest = steps_of(rows[1] - rows[0], columns[1] - columns[0])
        if finest[0] < _step(whole.rows) or finest[1] < _step(whole.columns):
            self.wanted.emit(rows, columns)
        else:
            self._plane = None
            self.image.hide()


def _step(numbers: Array) -> int:
    return int(numbers[1] - numbers[0]) if len(numbers) > 1 else 1


def _number(place: float, numbers: Array, scale: Scale) -> float:
    """Return the number in the whole array, not rounded, of what is drawn at a place."""
    return float(numbers[0] + (place - scale[0]) / scale[1] * _step(numbers))


def _edges(numbers: Array, whole: Array, scale: Scale) -> tuple[float, float]:
    """Return where pixels begin that show numbers of the array, and how far they reach."""
    each = scale[1] / _step(whole)
    first = scale[0] + (numbers[0] - whole[0] - _step(numbers) / 2) * each
    return float(first), float(len(numbers) * _step(numbers) * each)


def _seen(start: float, stop: float, numbers: Array, scale: Scale) -> tuple[int, int]:
    """Return the numbers of what is seen, first and one past the last, and a margin around."""
    ends = sorted(_number(place, numbers, scale) for place in (start, stop))
    margin = (ends[1] - ends[0]) * _MARGIN
    last = int(numbers[-1]) + _step(numbers)
    first = int(np.clip(np.floor(ends[0] - margin), numbers[0], last))
    return first, int(np.clip(np.ceil(ends[1] + margin) + 1, first, last))
