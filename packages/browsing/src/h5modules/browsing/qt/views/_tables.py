"""Values as a table, lines of text, and bytes as they are stored."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt
from qtpy.QtGui import QFontDatabase, QKeySequence, QShortcut
from qtpy.QtWidgets import QApplication, QPlainTextEdit, QTableView, QVBoxLayout, QWidget

from h5modules.backends import CARRAY, GROUP, VLARRAY, H5ModulesError, Node, StringARRAY, UnreadableNode
from h5modules.browsing._labels import coordinate_value
from h5modules.browsing._scan_view import ScanSignal, is_drawable, read_signal
from h5modules.data_saving import NewPoints

from ._reading import axis_of, size_of
from ._view import Subject, View

_PAGE = 256
"""How many rows are read at once."""

_MOST_ROWS, _MOST_COLUMNS = 2_000_000, 2_000
"""How large a table is at most: Qt counts its height in pixels."""

_MOST_LINES = 20_000

_MOST_HEX = 64 * 1024
"""How many bytes are shown at most."""


class Values(QAbstractTableModel):  # type: ignore[misc] # Qt has no types
    """The values of an array: its last dimension across, all others down; read a page at a time.

    Parameters
    ----------
    signal
        The array, with its axes.
    """

    def __init__(self, signal: ScanSignal) -> None:
        super().__init__()
        self._take(signal)

    def _take(self, signal: ScanSignal) -> None:
        self._signal = signal
        self._array = signal.array
        self._shape = shape = signal.array.shape
        self._columns = shape[-1] if len(shape) > 1 else 1
        self._down = shape[:-1] if len(shape) > 1 else shape
        self._pages: dict[int, Any] = {}

    def renew(self) -> None:
        """Take what came; what is selected, and in sight, stays so."""
        signal = read_signal(self._array)
        if signal.array.shape != self._shape:  # a log, which got room for more rows
            self.beginResetModel()
            self._take(signal)
            self.endResetModel()
            return
        self._take(signal)
        last = self.index(self.rowCount() - 1, self.columnCount() - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """Return how many rows there are."""
        return min(int(np.prod(self._down, dtype=np.int64)), _MOST_ROWS)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """Return how many columns there are."""
        return min(self._columns, _MOST_COLUMNS)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a value."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return self.text(index.row(), index.column()) if role == Qt.ItemDataRole.DisplayRole else None

    def text(self, row: int, column: int) -> str:
        """Return the text of a value: none where nothing was acquired; a question mark for what has none."""
        if not self._is_acquired(row, column):
            return ""
        page, place = divmod(row, _PAGE)
        try:
            value = self._page(page)[place, column]
        except H5ModulesError:
            return "?"
        return f"{value:.8g}" if isinstance(value, np.inexact) else str(value)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return where a row or a column is."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        dimensions = len(self._shape)
        if orientation == Qt.Orientation.Horizontal:
            return self._place(dimensions - 1, section) if dimensions > 1 else "value"
        places = np.unravel_index(section, self._down) if self._down else ()
        return ", ".join(self._place(number, int(place)) for number, place in enumerate(places))

    def _place(self, dimension: int, place: int) -> str:
        return coordinate_value(axis_of(self._signal, dimension), place)

    def _is_acquired(self, row: int, column: int) -> bool:
        acquired = self._signal.acquired
        places = [*map(int, np.unravel_index(row, self._down) if self._down else ()), column]
        return bool(acquired[tuple(places[: acquired.ndim])])

    def _page(self, number: int) -> Any:
        if number not in self._pages:
            if len(self._pages) > 16:
                self._pages.clear()
            self._pages[number] = self._read_page(number)
        return self._pages[number]

    def _read_page(self, number: int) -> Any:
        first, last = number * _PAGE, min((number + 1) * _PAGE, self.rowCount())
        if not self._down:
            return np.asarray(self._array.read()).reshape(1, 1)
        across = (slice(self.columnCount()),) if len(self._shape) > 1 else ()
        if len(self._down) == 1:
            return np.asarray(self._array[(slice(first, last), *across)]).reshape(last - first, -1)
        places = np.array(np.unravel_index(np.arange(first, last), self._down)).T
        return np.array([self._array[(*map(int, place), *across)] for place in places])


class TableView(View):
    """Shows the values of an array; what is selected can be copied."""

    title: ClassVar[str] = "Table"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableView()
        self.table.setAlternatingRowColors(True)
        self.table.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        copying = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table)
        copying.activated.connect(self.copy)
        _fill(self, self.table)

    @classmethod
    def priority(cls, subject: Subject) -> int | None:
        """Return how well the view shows a node, None where it cannot."""
        node = subject.node
        return 20 if isinstance(node, CARRAY) and is_drawable(node) else None

    def show_subject(self, subject: Subject) -> None:
        """Show a node."""
        self.table.setModel(Values(subject.signals[0][0]))

    def clear(self) -> None:
        """Show nothing, and keep nothing."""
        self.table.setModel(None)

    def add_points(self, points: NewPoints) -> None:
        """Show what came."""
        model = self.table.model()
        if points.indexes and isinstance(model, Values):
            model.renew()

    def copy(self) -> None:
        """Put what is selected on the clipboard, as spreadsheets take it."""
        model = self.table.model()
        chosen = self.table.selectedIndexes()
        if not isinstance(model, Values) or not chosen:
            return
        rows: dict[int, list[str]] = {}
        for index in chosen:
            rows.setdefault(index.row(), []).append(model.text(index.row(), index.column()))
        text = "\n".join("\t".join(rows[row]) for row in sorted(rows))
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(text)


class _PlainView(View):
    """Shows text in letters of one width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setFrameStyle(0)
        _fill(self, self.text)

    def clear(self) -> None:
        """Show nothing, and keep nothing."""
        self.text.clear()


class TextView(_PlainView):
    """Shows the lines of a log."""

    title: ClassVar[str] = "Text"

    @classmethod
    def priority(cls, subject: Subject) -> int | None:
        """Return how well the view shows a node, None where it cannot."""
        return 60 if isinstance(subject.node, StringARRAY) else None

    def show_subject(self, subject: Subject) -> None:
        """Show a node: its newest lines, where there are very many."""
        node = subject.node
        assert isinstance(node, StringARRAY)
        count = len(node)
        first = max(count - _MOST_LINES, 0)
        lines = node[first:count] if count else []
        left_out = [f"({first:,} lines before these)"] if first else []
        self.text.setPlainText("\n".join([*left_out, *lines]))


class HexView(_PlainView):
    """Shows what has no other view: bytes as they are stored, or why there are none."""

    title: ClassVar[str] = "Raw"

    @classmethod
    def priority(cls, subject: Subject) -> int | None:
        """Return how well the view shows a node, None where it cannot."""
        return None if isinstance(subject.node, GROUP) else 1

    def show_subject(self, subject: Subject) -> None:
        """Show a node."""
        node = subject.node
        if isinstance(node, UnreadableNode):
            self.text.setPlainText(f"{node.path} cannot be shown: {node.driver.problem(node.path)}.")
            return
        try:
            self.text.setPlainText(hex_dump(_bytes_of(node)))
        except H5ModulesError as error:
            self.text.setPlainText(str(error))


def _bytes_of(node: Node) -> bytes:
    assert isinstance(node, CARRAY)
    if isinstance(node, VLARRAY):
        rows = node.driver.read(node.path, slice(0, min(len(node), 1_000)))
        return b"".join(np.asarray(row).tobytes() for row in rows)[:_MOST_HEX]
    shape = node.shape
    if not size_of(node) or not shape:
        return np.asarray(node.read()).tobytes()
    per_row = max(1, node.dtype.itemsize * size_of(node) // shape[0])
    if per_row <= _MOST_HEX:
        return np.asarray(node[: max(1, _MOST_HEX // per_row)]).tobytes()[:_MOST_HEX]
    row = node[(0,) * (len(shape) - 1) + (slice(0, _MOST_HEX // node.dtype.itemsize),)]
    return np.asarray(row).tobytes()[:_MOST_HEX]


def hex_dump(stored: bytes) -> str:
    """Return bytes as numbers of base 16, and as letters.

    Examples
    --------
    >>> print(hex_dump(b'HDF5 file'))
    00000000  48 44 46 35 20 66 69 6c  65                       HDF5 file
    """
    lines = []
    for start in range(0, len(stored), 16):
        part = stored[start : start + 16]
        halves = "  ".join(" ".join(f"{byte:02x}" for byte in half) for half in (part[:8], part[8:]) if half)
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{start:08x}  {halves:<48}  {letters}")
    return "\n".join(lines)


def _fill(view: View, widget: QWidget) -> None:
    layout = QVBoxLayout(view)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(widget)
