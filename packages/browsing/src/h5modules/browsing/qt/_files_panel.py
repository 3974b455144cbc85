"""The left side of the browser: a field to search in, above the tree or what was found."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QModelIndex, QSize, Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from ._found import FoundModel
from ._icons import NodeIcons
from ._search import Query
from ._tree_items import TreeItem
from ._tree_model import TreeModel
from ._tree_view import TreeView

_PAUSE = 250
"""Milliseconds without a key before a search begins."""

_HINT = (
    "Search names and titles.\nWords before a colon look elsewhere: type:scan  units:nm  label:x  attr:gain=3"
)


class FilesPanel(QWidget):  # type: ignore[misc] # Qt has no types
    """The tree of the files, and the search in it.

    Parameters
    ----------
    parent
        The widget it lies in.

    Attributes
    ----------
    chosen
        Emitted with the file and the path of the node that became the current one.
    several_chosen
        Emitted with file and path of each node that is selected, when there are several.
    """

    chosen = Signal(object, str)
    several_chosen = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = NodeIcons(QApplication.palette())
        self.model = TreeModel(self._icon, self)
        self.tree = TreeView(self.model)
        self.found = FoundModel(self._icon, self)
        self.results = _results_view(self.found)
        self.field = _search_field()
        self.summary = QLabel()
        self.summary.hide()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.tree)
        self._pages.addWidget(self.results)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.field, self.summary, self._pages):
            layout.addWidget(widget)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._connect()

    def _connect(self) -> None:
        self.field.textChanged.connect(self._timer.start)
        self.field.returnPressed.connect(self._enter)
        self._timer.timeout.connect(self.search)
        self.found.progressed.connect(self.summary.setText)
        self.tree.chosen.connect(self._tell_item)
        self.tree.several_chosen.connect(self._tell_items)
        self.results.selectionModel().currentChanged.connect(self._tell_found)
        self.results.selectionModel().selectionChanged.connect(self._tell_several_found)
        self.results.activated.connect(self._reveal)

    def _icon(self, kind: str) -> object:
        return self._icons(kind)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's
        if event.type() == QEvent.Type.PaletteChange:
            self._icons = NodeIcons(self.palette())
            self.tree.viewport().update()
            self.results.viewport().update()
        super().changeEvent(event)

    @property
    def is_searching(self) -> bool:
        """Whether what was found is shown in the place of the tree."""
        return self._pages.currentWidget() is self.results

    def search(self) -> None:
        """Look for what is in the field; when it is empty, show the tree again."""
        self._timer.stop()
        query = Query.parse(self.field.text())
        self.found.look_for(query, self.model.sources)
        self.summary.setVisible(bool(query.words))
        self._pages.setCurrentWidget(self.results if query.words else self.tree)

    def clear_search(self) -> None:
        """Show the tree again."""
        self.field.clear()
        self.search()
        self.tree.setFocus()

    def _enter(self) -> None:
        self.search()
        if self.is_searching:
            self.results.setFocus()

    def _tell_item(self, item: TreeItem) -> None:
        self.chosen.emit(item.source, item.row.path)

    def _tell_items(self, items: list[TreeItem]) -> None:
        self.several_chosen.emit([(item.source, item.row.path) for item in items])

    def _tell_several_found(self, *_: object) -> None:
        rows = sorted(index.row() for index in self.results.selectionModel().selectedRows())
        if len(rows) > 1:
            found = [self.found.at(self.found.index(row, 0)) for row in rows]
            self.several_chosen.emit([(source, row.path) for source, row in found])

    def _tell_found(self, index: QModelIndex, _: QModelIndex) -> None:
        if index.isValid():
            source, row = self.found.at(index)
            self.chosen.emit(source, row.path)

    def _reveal(self, index: QModelIndex) -> None:
        """Show in the tree what was found."""
        source, row = self.found.at(index)
        self.clear_search()
        self.tree.go_to(source, row.path)


def _search_field() -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText("Search:  name   type:scan   units:nm   attr:gain=3")
    field.setToolTip(_HINT)
    field.setAccessibleName("Search")
    field.setClearButtonEnabled(True)
    return field


def _results_view(model: FoundModel) -> QTreeView:
    view = QTreeView()
    view.setModel(model)
    view.setRootIsDecorated(False)
    view.setUniformRowHeights(True)
    view.setAlternatingRowColors(True)
    view.setIconSize(QSize(18, 18))
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setTextElideMode(Qt.TextElideMode.ElideLeft)
    view.setAccessibleName("What was found")
    view.header().resizeSection(0, 360)
    return view
