"""The tree of all open files, read as it is opened: a model of Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

from qtpy.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QObject, Qt, QUrl, Signal
from qtpy.QtGui import QIcon

from ._browsed_file import BrowsedFile
from ._rows import NodeRow, read_names, read_row, read_rows
from ._tree_items import CHUNK, TreeItem

COLUMNS = ("Name", "Title", "Shape", "Units", "Size", "Date")

Icons = Callable[[str], QIcon]


class TreeModel(QAbstractItemModel):  # type: ignore[misc] # Qt has no types
    """Files, and what they hold.

    Nothing is read in the GUI thread, and nothing of a group before it is opened; of a large one, some rows
    at a time.

    Parameters
    ----------
    icons
        Gives the icon of a kind of node.
    parent
        The object that owns it.

    Attributes
    ----------
    rows_read
        Emitted when rows of a group have come, with its index.
    """

    rows_read = Signal(QModelIndex)

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._keys = count(1)
        self._items: dict[int, TreeItem] = {}
        self._tops: list[TreeItem] = []

    # What Qt asks

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        return len(COLUMNS)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        if parent.isValid() and parent.column() != 0:
            return 0
        return len(self._rows_of(self.item(parent)))

    def hasChildren(self, parent: QModelIndex = QModelIndex()) -> bool:  # noqa: N802, B008 - Qt's
        item = self.item(parent)
        if item is None:
            return bool(self._tops) and not parent.isValid()
        if item.names is None:
            return bool(item.children) or item.row.count > 0
        return bool(item.children or item.names)

    def index(self, row: int, column: int, parent: QModelIndex = QModelIndex()) -> QModelIndex:  # noqa: B008
        rows = self._rows_of(self.item(parent))
        if not (0 <= row < len(rows) and 0 <= column < len(COLUMNS)):
            return QModelIndex()
        return self.createIndex(row, column, rows[row].key)

    def parent(self, index: QModelIndex | None = None) -> Any:
        if index is None:
            return super().parent()
        item = self.item(index)
        return QModelIndex() if item is None or item.parent is None else self.index_of(item.parent)

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:  # noqa: N802 - Qt's
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        item = self.item(index)
        if item is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(item, index.column())
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0 and not item.is_note:
            return self._icons(item.row.kind)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(item)
        if role == Qt.ItemDataRole.TextAlignmentRole and COLUMNS[index.column()] == "Size":
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: QModelIndex) -> Any:
        item = self.item(index)
        if item is None:
            return Qt.ItemFlag.NoItemFlags
        if item.is_note:
            return Qt.ItemFlag.ItemIsEnabled
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usual | Qt.ItemFlag.ItemIsDragEnabled

    def canFetchMore(self, parent: QModelIndex) -> bool:  # noqa: N802 - Qt's
        item = self.item(parent)
        return item is not None and item.names is None and not item.is_reading and item.row.count > 0

    def fetchMore(self, parent: QModelIndex) -> None:  # noqa: N802 - Qt's
        if self.canFetchMore(parent) and (item := self.item(parent)) is not None:
            self._read(item)

    def mimeTypes(self) -> list[str]:  # noqa: N802 - Qt's
        return ["text/uri-list", "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 - Qt's
        items = [item for index in indexes if index.column() == 0 and (item := self.item(index))]
        data = QMimeData()
        data.setText("\n".join(item.row.path if item.parent else str(item.source.target) for item in items))
        files = [item.source for item in items if item.parent is None and item.source.is_local]
        data.setUrls([QUrl.fromLocalFile(str(source.target)) for source in files])
        return data

    # What the browser asks

    def item(self, index: QModelIndex) -> TreeItem | None:
        """Return the row at an index; None for none."""
        return self._items.get(index.internalId()) if index.isValid() else None

    def index_of(self, item: TreeItem, column: int = 0) -> QModelIndex:
        """Return the index of a row."""
        row = self._tops.index(item) if item.parent is None else item.place
        return self.createIndex(row, column, item.key)

    def holds(self, item: TreeItem) -> bool:
        """Tell whether a row is still there."""
        return item.key in self._items

    @property
    def sources(self) -> list[BrowsedFile]:
        """The files, from above."""
        return [item.source for item in self._tops]

    def top_of(self, source: BrowsedFile) -> TreeItem:
        """Return the row of a file."""
        return next(item for item in self._tops if item.source is source)

    def add(self, source: BrowsedFile) -> QModelIndex:
        """Show a file, which is being opened; return where."""
        place = len(self._tops)
        item = self._make(source, NodeRow("/", source.name, "file", remark="opening …"), None)
        self.beginInsertRows(QModelIndex(), place, place)
        self._tops.append(item)
        self.endInsertRows()
        source.opened.connect(partial(self._show_opened, item))
        source.closed.connect(partial(self._show_closed, item))
        return self.index_of(item)

    def remove(self, source: BrowsedFile) -> None:
        """Show a file no longer; it is not closed."""
        item = self.top_of(source)
        source.opened.disconnect()
        source.closed.disconnect()
        place = self._tops.index(item)
        self.beginRemoveRows(QModelIndex(), place, place)
        self._tops.pop(place)
        self._forget(item)
        self.endRemoveRows()

    def read_more(self, item: TreeItem) -> None:
        """Read the next rows of a group that has more."""
        if item.names is not None and not item.is_whole and not item.is_reading:
            self._read(item)

    def refresh(self, source: BrowsedFile) -> None:
        """Look again at all rows that are shown of a file: what was added comes, what is gone goes."""
        top = self.top_of(source)
        self._update(top)
        for item in [top, *top.below()]:
            if item.names is not None and not item.is_reading:
                self._reread(item)

    def find(self, item: TreeItem, name: str) -> TreeItem | None:
        """Return the row below of that name; None where it was not made."""
        return next((child for child in item.nodes if child.row.path.rpartition("/")[2] == name), None)

    # Rows

    def _rows_of(self, item: TreeItem | None) -> list[TreeItem]:
        return self._tops if item is None else item.children

    def _make(
        self, source: BrowsedFile, row: NodeRow, parent: TreeItem | None, *, is_note: bool = False
    ) -> TreeItem:
        item = TreeItem(next(self._keys), source, row, parent, is_note)
        self._items[item.key] = item
        return item

    def _forget(self, item: TreeItem) -> None:
        for each in [item, *item.below()]:
            del self._items[each.key]

    def _show_opened(self, item: TreeItem) -> None:
        self.refresh(item.source)

    def _set_top(self, item: TreeItem, row: NodeRow) -> None:
        source = item.source
        title = source.state_text or row.title
        item.row = NodeRow(
            "/",
            source.name,
            "file",
            title,
            row.shape,
            size=source.size_text,
            date=source.date_text,
            count=row.count,
        )
        self._tell_changed(item)
        if item.names is None and row.count:
            self.fetchMore(self.index_of(item))
        self.rows_read.emit(self.index_of(item))

    def _show_closed(self, item: TreeItem, reason: str) -> None:
        self._cut(item, 0)
        item.names, item.is_reading = None, False
        item.row = NodeRow("/", item.source.name, "unreadable" if reason else "file", remark=reason)
        self._tell_changed(item)
        self.rows_read.emit(self.index_of(item))

    def _tell_changed(self, item: TreeItem) -> None:
        self.dataChanged.emit(self.index_of(item), self.index_of(item, len(COLUMNS) - 1))

    def _cut(self, item: TreeItem, start: int, end: int | None = None) -> None:
        stop = len(item.children) if end is None else end
        if stop > start:
            self.beginRemoveRows(self.index_of(item), start, stop - 1)
            gone = item.children[start:stop]
            del item.children[start:stop]
            for each in gone:
                self._forget(each)
            self.endRemoveRows()

    def _insert(self, item: TreeItem, place: int, rows: Sequence[NodeRow], *, is_note: bool = False) -> None:
        if rows:
            self.beginInsertRows(self.index_of(item), place, place + len(rows) - 1)
            made = [self._make(item.source, row, item, is_note=is_note) for row in rows]
            item.children[place:place] = made
            self.endInsertRows()

    # Reading

    def _read(self, item: TreeItem) -> None:
        item.is_reading = True
        if not item.has_note:
            note = NodeRow(item.row.path, "reading …", "note")
            self._insert(item, len(item.children), [note], is_note=True)
        path, names = item.row.path, item.names
        start = len(item.nodes)
        item.source.read(
            lambda file: _next_rows(file, path, names, start),
            partial(self._take_rows, item),
            partial(self._take_error, item),
        )

    def _take_rows(self, item: TreeItem, read: tuple[list[str], list[NodeRow], int]) -> None:
        if not self.holds(item):  # it was closed meanwhile
            return
        item.is_reading = False
        names, rows, asked = read
        place = len(item.nodes)
        gone = set(names[place : place + asked]) - {row.path.rpartition("/")[2] for row in rows}
        item.names = [name for name in names if name not in gone] if gone else names
        self._insert(item, place, rows)
        self._set_note(item)
        self.rows_read.emit(self.index_of(item))

    def _take_error(self, item: TreeItem, error: BaseException) -> None:
        if self.holds(item):
            item.is_reading = False
            item.names = item.names or []
            self._cut(item, len(item.nodes))
            note = NodeRow(item.row.path, str(error), "unreadable", remark=str(error))
            self._insert(item, len(item.nodes), [note], is_note=True)

    def _set_note(self, item: TreeItem) -> None:
        """Tell how many more there are, where there are."""
        more = len(item.names or ()) - len(item.nodes)
        if not more:
            self._cut(item, len(item.nodes))
            return
        note = NodeRow(item.row.path, f"{more:,} more …", "note")
        if item.has_note:
            item.children[-1].row = note
            self._tell_changed(item.children[-1])
        else:
            self._insert(item, len(item.children), [note], is_note=True)

    # Reading again

    def _update(self, top: TreeItem) -> None:
        top.source.read(lambda file: read_row(file.root()), partial(self._set_top, top), top.source.fail)

    def _reread(self, item: TreeItem) -> None:
        item.is_reading = True
        path, shown = item.row.path, [each.row.path.rpartition("/")[2] for each in item.nodes]
        item.source.read(
            lambda file: _rows_again(file, path, shown),
            partial(self._take_again, item),
            partial(self._take_error, item),
        )

    def _take_again(self, item: TreeItem, read: tuple[list[str], list[NodeRow]]) -> None:
        if not self.holds(item):
            return
        item.is_reading = False
        names, rows = read
        new = {row.path: row for row in rows}
        for place in reversed(range(len(item.nodes))):
            if item.nodes[place].row.path not in new:
                self._cut(item, place, place + 1)
        shown = {each.row.path: each for each in item.nodes}
        for place, row in enumerate(rows):
            if row.path not in shown:
                self._insert(item, place, [row])
            elif shown[row.path].row != row:
                shown[row.path].row = row
                self._tell_changed(shown[row.path])
        made = {row.path.rpartition("/")[2] for row in rows}
        item.names = [row.path.rpartition("/")[2] for row in rows] + [n for n in names if n not in made]
        self._set_note(item)
        self.rows_read.emit(self.index_of(item))

    def _text(self, item: TreeItem, column: int) -> str:
        row = item.row
        if item.is_note:
            return row.name if column == 0 else ""
        if row.remark and column == 1:
            return row.remark
        return (row.name, row.title, row.shape, row.units, row.size, row.date)[column]

    def _tip(self, item: TreeItem) -> str:
        row = item.row
        where = str(item.source.target) if item.parent is None else row.path
        return "\n".join(part for part in (where, row.title, row.remark) if part)


def _next_rows(
    file: Any, path: str, names: list[str] | None, start: int
) -> tuple[list[str], list[NodeRow], int]:
    """Return all names of a group, the next rows, and how many of the names these were made of."""
    known = read_names(file, path) if names is None else names
    wanted = known[start : start + CHUNK]
    return known, read_rows(file, path, wanted), len(wanted)


def _rows_again(file: Any, path: str, shown: list[str]) -> tuple[list[str], list[NodeRow]]:
    """Return all names of a group as it is now, and rows for those shown, and for as many that are new."""
    names = read_names(file, path)
    known = set(shown)
    there = set(names)
    is_whole = len(shown) >= CHUNK  # further ones come as they are scrolled to
    wanted = [name for name in names if name in known or not is_whole]
    return names, read_rows(file, path, wanted[: max(CHUNK, len(known & there))])
