"""Pictures of what is shown: as pixels, or as lines that stay sharp at any size."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import QMarginsF, QPoint, QSize, QSizeF
from qtpy.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter, QPixmap
from qtpy.QtSvg import QSvgGenerator
from qtpy.QtWidgets import QWidget

from h5modules.browsing._errors import PictureError

FILTERS = "PNG picture (*.png);;SVG drawing (*.svg);;PDF page (*.pdf)"
"""The formats, as a file dialog takes them."""

_DENSITY = 2
"""Pixels of a PNG for each pixel of the screen, along each side."""


def save_picture(widget: QWidget, target: Path) -> None:
    """Save a widget as it is seen, in the format of the ending: png, svg or pdf.

    Raises
    ------
    PictureError
        When it cannot be saved there, or not in that format.
    """
    save = {".png": _save_png, ".svg": _save_svg, ".pdf": _save_pdf}.get(target.suffix.lower())
    if save is None:
        raise PictureError(f"{str(target)!r}: a picture is saved as .png, .svg or .pdf.")
    if not save(widget, target):
        raise PictureError(f"{str(target)!r} cannot be written.")


def _save_png(widget: QWidget, target: Path) -> bool:
    pixmap = QPixmap(widget.size() * _DENSITY)
    pixmap.setDevicePixelRatio(_DENSITY)
    widget.render(pixmap)
    return bool(pixmap.save(str(target)))


def _save_svg(widget: QWidget, target: Path) -> bool:
    drawing = QSvgGenerator()
    drawing.setFileName(str(target))
    drawing.setSize(QSize(widget.size()))
    drawing.setViewBox(widget.rect())
    return _painted(widget, drawing, 1.0)


def _save_pdf(widget: QWidget, target: Path) -> bool:
    page = QPdfWriter(str(target))
    size = QSizeF(widget.width() * 0.75, widget.height() * 0.75)  # 96 pixels an inch, 72 points an inch
    page.setPageSize(QPageSize(size, QPageSize.Unit.Point))
    page.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Point)
    return _painted(widget, page, page.resolution() / 96)


def _painted(widget: QWidget, device: QSvgGenerator | QPdfWriter, scale: float) -> bool:
    painter = QPainter()
    if not painter.begin(device):
        return False
    painter.scale(scale, scale)
    widget.render(painter, QPoint())  # PySide6 asks for it
    return bool(painter.end())
