"""What a search finds, in all open files, as it is found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal

from ._browsed_file import BrowsedFile
from ._rows import NodeRow
from ._search import MOST, Query, search, search_for_a_while
from ._tree_model import Icons

COLUMNS = ("Path", "Title", "Shape", "Units", "File")

Found = tuple[list[NodeRow], bool]


class FoundModel(QAbstractTableModel):  # type: ignore[misc] # Qt has no types
    """The nodes that a search finds.

    Each file is searched in its own thread, a moment at a time, so that what else is read of it comes in
    between.

    Parameters
    ----------
    icons
        Gives the icon of a kind of node.
    parent
        The object that owns it.

    Attributes
    ----------
    progressed
        Emitted with what to tell of the search.
    """

    progressed = Signal(str)

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._found: list[tuple[BrowsedFile, NodeRow]] = []
        self._query = Query(())
        self._searching: set[BrowsedFile] = set()

    # What Qt asks

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        return 0 if parent.isValid() else len(self._found)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:  # noqa: N802 - Qt's
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        source, row = self._found[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.path, row.title, row.shape, row.units, source.name)[index.column()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._icons(row.kind)
        return row.path if role == Qt.ItemDataRole.ToolTipRole else None

    # What the browser asks

    @property
    def is_searching(self) -> bool:
        """Whether a file is still being searched."""
        return bool(self._searching)

    def at(self, index: QModelIndex) -> tuple[BrowsedFile, NodeRow]:
        """Return what was found at an index: its file and its row."""
        return self._found[int(index.row())]

    def look_for(self, query: Query, sources: list[BrowsedFile]) -> None:
        """Search files, and forget what was found before."""
        self.beginResetModel()
        self._found, self._query = [], query
        self.endResetModel()
        self._searching = {source for source in sources if source.file is not None} if query.words else set()
        for source in self._searching:
            self._go_on(source, query, None)
        self._tell()

    def forget(self, source: BrowsedFile) -> None:
        """Leave out what was found in a file that is closed."""
        self.beginResetModel()
        self._found = [found for found in self._found if found[0] is not source]
        self.endResetModel()
        self._searching.discard(source)

    def _go_on(self, source: BrowsedFile, query: Query, looks: Iterator[NodeRow | None] | None) -> None:
        def work(file: Any) -> tuple[Iterator[NodeRow | None], Found]:
            begun = search(file, query) if looks is None else looks
            return begun, search_for_a_while(begun)

        source.read(work, partial(self._take, source, query), partial(self._end, source))

    def _take(self, source: BrowsedFile, query: Query, found: tuple[Iterator[NodeRow | None], Found]) -> None:
        looks, (rows, is_end) = found
        if query is not self._query or source not in self._searching:  # something else is looked for by now
            return
        rows = rows[: MOST - len(self._found)]
        if rows:
            start = len(self._found)
            self.beginInsertRows(QModelIndex(), start, start + len(rows) - 1)
            self._found += [(source, row) for row in rows]
            self.endInsertRows()
        if is_end or len(self._found) >= MOST:
            self._searching.discard(source)
        else:
            self._go_on(source, query, looks)
        self._tell()

    def _end(self, source: BrowsedFile, error: BaseException) -> None:
        self._searching.discard(source)
        self.progressed.emit(f"The search ended early: {error}")

    def _tell(self) -> None:
        count = len(self._found)
        nodes = f"{count:,} node{'' if count == 1 else 's'}"
        more = ", the first of them" if count >= MOST else ", searching …" if self._searching else ""
        self.progressed.emit(f"{nodes} found{more}")
