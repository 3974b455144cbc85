"""The tree as it is seen: columns, keys, what is dragged, and rows that come as they are scrolled to."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from ._browsed_file import BrowsedFile
from ._tree_items import TreeItem
from ._tree_model import COLUMNS, TreeModel

_WIDTHS = {"Name": 230, "Title": 170, "Shape": 130, "Units": 60, "Size": 70, "Date": 130}


class TreeView(QTreeView):  # type: ignore[misc] # Qt has no types
    """Shows the tree of all files.

    Parameters
    ----------
    model
        The tree.
    parent
        The widget it lies in.

    Attributes
    ----------
    chosen
        Emitted with the `TreeItem` that became the current one.
    several_chosen
        Emitted with the rows that are selected, from above, when there are several.
    """

    chosen = Signal(object)
    several_chosen = Signal(list)

    def __init__(self, model: TreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree = model
        self._has_several = False
        self._walk: _Walk | None = None  # Qt keeps no hold of what a signal is connected to
        self.setModel(model)
        self.setUniformRowHeights(True)  # rows of 100,000 nodes are not measured one by one
        self.setAlternatingRowColors(True)
        self.setIconSize(QSize(18, 18))
        self.setIndentation(18)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Tree of the open files")
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for number, name in enumerate(COLUMNS):
            header.resizeSection(number, _WIDTHS[name])
        self.selectionModel().currentChanged.connect(self._tell_chosen)
        self.selectionModel().selectionChanged.connect(self._tell_selected)
        self.verticalScrollBar().valueChanged.connect(self._read_seen)
        model.rows_read.connect(self._read_seen)

    def _tell_chosen(self, current: QModelIndex, *_: object) -> None:
        item = self.tree.item(current)
        if item is not None and not item.is_note and not self._has_several:
            self.chosen.emit(item)

    def _tell_selected(self, *_: object) -> None:
        items = [item for item in self.selected if not item.is_note]
        had_several, self._has_several = self._has_several, len(items) > 1
        if self._has_several:
            self.several_chosen.emit(items)
        elif had_several:
            self._tell_chosen(self.currentIndex())

    @property
    def current(self) -> TreeItem | None:
        """The current row; None when there is none."""
        return self.tree.item(self.currentIndex())

    @property
    def is_on_its_way(self) -> bool:
        """Whether rows are waited for on the way to a node."""
        return self._walk is not None and self._walk.is_waiting

    @property
    def selected(self) -> list[TreeItem]:
        """The selected rows, from above; the current one where none is selected."""
        rows = sorted(self.selectionModel().selectedRows(), key=lambda index: self.visualRect(index).top())
        found = [item for index in rows if (item := self.tree.item(index)) is not None]
        return found or ([self.current] if self.current is not None else [])

    def _read_seen(self, *_: object) -> None:
        """Read on where a note that there is more can be seen."""
        index = self.indexAt(self.viewport().rect().topLeft())
        bottom = self.viewport().height()
        while index.isValid() and self.visualRect(index).top() <= bottom:
            item = self.tree.item(index)
            if item is not None and item.is_note and item.parent is not None:
                self.tree.read_more(item.parent)
            index = self.indexBelow(index)

    def go_to(
        self, source: BrowsedFile, path: str, arrived: Callable[[TreeItem], object] = lambda item: None
    ) -> None:
        """Open the groups down to a node, reading what was not read, and make it the current one.

        Where the node is not there, the last group on the way becomes the current row.
        """
        names = [name for name in path.split("/") if name]
        if self._walk is not None:
            self._walk.stop()
        self._walk = _Walk(self, self.tree.top_of(source), names, arrived)
        self._walk.step()

    def stand_at(self, item: TreeItem) -> None:
        """Make a row the current one, and scroll to it."""
        index = self.tree.index_of(item)
        how = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, how.ClearAndSelect | how.Rows)
        self.scrollTo(index)


class _Walk:
    """The way down to a node, on which rows are waited for."""

    def __init__(
        self, view: TreeView, item: TreeItem, names: list[str], arrived: Callable[[TreeItem], object]
    ) -> None:
        self._view, self._item, self._names, self._arrived = view, item, names, arrived
        self.is_waiting = False

    def step(self, *_: object) -> None:
        """Go as far as there are rows."""
        model = self._view.tree
        if not model.holds(self._item):
            self.stop()
            return
        while self._names:
            found = model.find(self._item, self._names[0])
            if found is None:
                break
            self._view.expand(model.index_of(self._item))
            self._item = found
            self._names.pop(0)
        if self._names and self._may_come():
            self._wait()
            return
        self.stop()
        self._view.stand_at(self._item)
        self._arrived(self._item)

    def _may_come(self) -> bool:
        """Tell whether the next row is still to be read, and see to it."""
        item, model = self._item, self._view.tree
        if item.source.file is None and item.source.reason:
            return False
        if item.names is None:
            model.fetchMore(model.index_of(item))
            return item.is_reading or item.parent is None
        if self._names[0] in item.names and not item.is_whole:
            model.read_more(item)
        return item.is_reading

    def _wait(self) -> None:
        if not self.is_waiting:
            self._view.tree.rows_read.connect(self.step)
            self.is_waiting = True

    def stop(self) -> None:
        """Go no further."""
        if self.is_waiting:
            self._view.tree.rows_read.disconnect(self.step)
            self.is_waiting = False
