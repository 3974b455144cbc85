"""Icons by kind of node, drawn for the colours of the theme and for every density of screen."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap, QPolygonF

SIZES = (16, 20, 24, 32, 48, 64)
"""Sizes in pixels that are drawn: those of usual and of dense screens."""

_UNITS = 16.0
"""All icons are drawn on a square of that many units."""

# A colour for light themes, and one for dark ones.
_COLOURS = {
    "file": ("#5f6b7a", "#a9b4c2"),
    "group": ("#b07d1f", "#e0b060"),
    "scan": ("#1f77b4", "#6cb6f0"),
    "detector": ("#1b8a5a", "#5fd0a0"),
    "actuator": ("#a0509a", "#d890d2"),
    "log": ("#1f77b4", "#6cb6f0"),
    "number": ("#1f77b4", "#6cb6f0"),
    "axis": ("#7a6a5a", "#c0b0a0"),
    "text": ("#5f6b7a", "#a9b4c2"),
    "error": ("#c62828", "#ff7b72"),
}

Draw = Callable[[QPainter], None]


def is_dark(palette: QPalette) -> bool:
    """Tell whether a palette is that of a dark theme."""
    return bool(palette.color(QPalette.ColorRole.Base).lightness() < 128)


class NodeIcons:
    """Gives the icon of each kind of node, made when it is first asked for.

    Parameters
    ----------
    palette
        The colours of the theme.
    """

    def __init__(self, palette: QPalette) -> None:
        self._is_dark = is_dark(palette)
        self._on_selected = palette.color(QPalette.ColorRole.HighlightedText)
        self._made: dict[str, QIcon] = {}

    def __call__(self, kind: str) -> QIcon:
        """Return the icon of a kind of node; of an unknown one, that of a group."""
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def _make(self, kind: str) -> QIcon:
        draw, colour = _DRAWN.get(kind, _DRAWN["group"])
        icon = QIcon()
        for size in SIZES:
            icon.addPixmap(self._pixmap(draw, QColor(_COLOURS[colour][self._is_dark]), size))
            icon.addPixmap(self._pixmap(draw, self._on_selected, size), QIcon.Mode.Selected)
        return icon

    def _pixmap(self, draw: Draw, colour: QColor, size: int) -> QPixmap:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size / _UNITS, size / _UNITS)
        pen = QPen(colour, 1.3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        draw(painter)
        painter.end()
        return pixmap


def _line(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _fill(painter: QPainter, shape: QRectF, strength: int = 70) -> None:
    colour = QColor(painter.pen().color())
    colour.setAlpha(strength)
    painter.fillRect(shape, colour)


def _file(painter: QPainter) -> None:
    _line(painter, (3.5, 1.5), (9.5, 1.5), (12.5, 4.5), (12.5, 14.5), (3.5, 14.5), (3.5, 1.5))
    _line(painter, (9.5, 1.5), (9.5, 4.5), (12.5, 4.5))
    for x, top in ((5.75, 11), (8, 8), (10.25, 9.5)):
        _line(painter, (x, top), (x, 12.3))


def _group(painter: QPainter) -> None:
    _fill(painter, QRectF(1.5, 5, 13, 8.5), 50)
    _line(painter, (1.5, 13.5), (1.5, 3), (6, 3), (7.5, 5), (14.5, 5), (14.5, 13.5), (1.5, 13.5))


def _scan(painter: QPainter) -> None:
    _fill(painter, QRectF(2, 2, 12, 12), 40)
    _line(painter, (2, 3), (14, 3), (14, 8), (2, 8), (2, 13), (11, 13))
    painter.drawEllipse(QPointF(13, 13), 0.9, 0.9)


def _detector(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(1.5, 4, 13, 9.5), 1.5, 1.5)
    painter.drawEllipse(QPointF(8, 8.75), 2.9, 2.9)
    _line(painter, (4, 2.2), (7, 2.2))


def _actuator(painter: QPainter) -> None:
    _line(painter, (1.5, 8), (14.5, 8))
    _line(painter, (4.3, 5.2), (1.5, 8), (4.3, 10.8))
    _line(painter, (11.7, 5.2), (14.5, 8), (11.7, 10.8))
    _fill(painter, QRectF(6.5, 4.5, 3, 7), 160)


def _logger(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(8, 8), 6.3, 6.3)
    _line(painter, (8, 4.2), (8, 8), (10.8, 9.8))


def _optimizer(painter: QPainter) -> None:
    for radius in (6.3, 3.3):
        painter.drawEllipse(QPointF(8, 8), radius, radius)
    painter.drawEllipse(QPointF(8, 8), 0.6, 0.6)


def _value(painter: QPainter) -> None:
    _line(painter, (2, 13.5), (14, 13.5))
    painter.setBrush(painter.pen().color())
    painter.drawEllipse(QPointF(8, 7), 2.0, 2.0)


def _curve(painter: QPainter) -> None:
    _line(painter, (2, 2), (2, 14), (14, 14))
    _line(painter, (3.5, 11.5), (5.5, 10.5), (7.2, 4.5), (8.8, 3.8), (10.4, 8.5), (12, 10.6), (14, 11))


def _image(painter: QPainter) -> None:
    painter.drawRect(QRectF(2, 2, 12, 12))
    for row, strengths in enumerate(((30, 90, 60), (90, 220, 120), (60, 120, 40))):
        for column, strength in enumerate(strengths):
            _fill(painter, QRectF(3 + 3.4 * column, 3 + 3.4 * row, 3.2, 3.2), strength)


def _stack(painter: QPainter) -> None:
    _line(painter, (5, 3.5), (5, 1.5), (14.5, 1.5), (14.5, 11), (12.5, 11))
    painter.drawRect(QRectF(1.5, 5, 9.5, 9.5))
    _fill(painter, QRectF(2.5, 6, 7.5, 7.5), 70)
    _line(painter, (3.2, 3.5), (12.7, 3.5), (12.7, 13))


def _axis(painter: QPainter) -> None:
    _line(painter, (1.5, 9), (14.5, 9))
    for number, x in enumerate((2.5, 5.25, 8, 10.75, 13.5)):
        _line(painter, (x, 9), (x, 5.5 if number % 2 == 0 else 7))


def _text(painter: QPainter) -> None:
    for y, end in ((3, 14), (6.3, 11), (9.6, 13), (12.9, 8)):
        _line(painter, (2, y), (end, y))


def _table(painter: QPainter) -> None:
    _fill(painter, QRectF(2, 2.5, 12, 3), 90)
    painter.drawRect(QRectF(2, 2.5, 12, 11))
    _line(painter, (2, 6), (14, 6))
    _line(painter, (2, 9.8), (14, 9.8))
    _line(painter, (7, 2.5), (7, 13.5))


def _record(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(2, 2, 12, 12), 2, 2)
    _line(painter, (5, 8.3), (7.2, 10.6), (11.2, 5.6))


def _unreadable(painter: QPainter) -> None:
    _line(painter, (8, 2), (14.5, 13.5), (1.5, 13.5), (8, 2))
    _line(painter, (8, 6.3), (8, 9.4))
    painter.drawEllipse(QPointF(8, 11.5), 0.35, 0.35)


_DRAWN: dict[str, tuple[Draw, str]] = {
    "file": (_file, "file"),
    "group": (_group, "group"),
    "scan": (_scan, "scan"),
    "detector": (_detector, "detector"),
    "actuator": (_actuator, "actuator"),
    "logger": (_logger, "log"),
    "datalogger": (_logger, "log"),
    "optimizer": (_optimizer, "log"),
    "value": (_value, "number"),
    "curve": (_curve, "number"),
    "image": (_image, "number"),
    "stack": (_stack, "number"),
    "axis": (_axis, "axis"),
    "text": (_text, "text"),
    "table": (_table, "text"),
    "record": (_record, "text"),
    "unreadable": (_unreadable, "error"),
}
