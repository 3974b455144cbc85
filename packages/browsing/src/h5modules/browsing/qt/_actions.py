"""What can be done: menus, keys, and what each of them does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt
from qtpy.QtGui import QAction, QKeySequence
from qtpy.QtWidgets import QApplication, QFileDialog, QInputDialog, QMenu

from h5modules.backends import H5Backend, H5ModulesError
from h5modules.browsing._comments import add_comment
from h5modules.browsing.export import ExporterFactory

from ._browsed_file import BrowsedFile
from ._picture_files import FILTERS, save_picture
from ._python_line import python_lines

if TYPE_CHECKING:
    from ._window import BrowserWindow

_FILES = "HDF5 files (*.h5 *.hdf5 *.hdf *.nxs *.nx);;All files (*)"


class Actions(QObject):  # type: ignore[misc] # Qt has no types
    """The actions of a window.

    Parameters
    ----------
    window
        Whose they are.
    """

    def __init__(self, window: BrowserWindow) -> None:
        super().__init__(window)
        self._window = window
        self.by_name: dict[str, QAction] = {}
        self._fill_file_menu()
        self._fill_node_menu()
        self._fill_view_menu()
        tree = window.files.tree
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(
            lambda point: self._node_menu.popup(tree.viewport().mapToGlobal(point))
        )

    def _add(self, menu: QMenu, name: str, text: str, do: Callable[[], object], keys: str = "") -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(lambda *_: do())
        if keys:
            action.setShortcut(QKeySequence(keys))
        self.by_name[name] = action
        return action

    def _fill_file_menu(self) -> None:
        menu = self._window.menuBar().addMenu("&File")
        self._add(menu, "open", "&Open …", self.ask_files, "Ctrl+O")
        self._add(menu, "open_address", "Open a &domain of a server …", self.ask_address, "Ctrl+Shift+O")
        self._recent = menu.addMenu("Open &recent")
        self._recent.aboutToShow.connect(self._fill_recent)
        menu.addSeparator()
        self._add(menu, "refresh", "&Look again", self._window.refresh, "F5")
        self._add(menu, "close", "&Close file", self._close_file, "Ctrl+W")
        menu.addSeparator()
        self._add(menu, "quit", "&Quit", self._window.close, "Ctrl+Q")

    def _fill_node_menu(self) -> None:
        menu = self._node_menu = self._window.menuBar().addMenu("&Node")
        self._add(menu, "export", "&Export …", self.ask_export, "Ctrl+E")
        self._add(menu, "comment", "Add a co&mment …", self.ask_comment, "Ctrl+M")
        menu.addSeparator()
        self._add(menu, "copy_path", "Copy &path", self.copy_path, "Ctrl+Shift+C")
        self._add(menu, "copy_python", "Copy P&ython line", self.copy_python, "Ctrl+Shift+P")
        menu.addSeparator()
        self._add(menu, "collapse", "Close all &groups", self._window.files.tree.collapseAll)

    def _fill_view_menu(self) -> None:
        menu = self._window.menuBar().addMenu("&View")
        window, stage = self._window, self._window.stage
        self._add(menu, "find", "&Search", self._find, "Ctrl+F")
        self._add(menu, "tree", "Go to the &tree", window.files.clear_search, "Ctrl+T")
        menu.addSeparator()
        self._add(menu, "next_view", "&Next view", partial(stage.turn, 1), "Ctrl+PgDown")
        self._add(menu, "previous_view", "&Previous view", partial(stage.turn, -1), "Ctrl+PgUp")
        menu.addSeparator()
        menu.addAction(window.new_scans.follows)
        menu.addSeparator()
        self._add(menu, "save_picture", "Save a p&icture …", self.ask_picture, "Ctrl+Shift+S")
        self._add(menu, "copy_picture", "&Copy a picture", self.copy_picture, "Ctrl+Shift+X")

    # Files

    def ask_files(self) -> None:
        """Ask for files, and open them."""
        names, _ = QFileDialog.getOpenFileNames(self._window, "Open files", "", _FILES)
        self._window.open_all(names)

    def ask_address(self) -> None:
        """Ask for a domain, and open it."""
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Open a domain")
        dialog.setLabelText("Address:  hdf5://host:port/folder/domain.h5")
        dialog.setTextValue("hdf5://")
        dialog.textValueSelected.connect(lambda text: self._window.open(text.strip()))
        _show(dialog)

    def _fill_recent(self) -> None:
        self._recent.clear()
        session = self._window.session
        for target in session.recent if session is not None else []:
            self._recent.addAction(target).triggered.connect(lambda *_, it=target: self._window.open(it))
        if self._recent.isEmpty():
            self._recent.addAction("No files yet").setEnabled(False)
        elif session is not None:
            self._recent.addSeparator()
            self._recent.addAction("Forget these").triggered.connect(lambda *_: session.forget_recent())

    def _close_file(self) -> None:
        item = self._window.files.tree.current
        if item is not None:
            self._window.close_file(item.source)

    # Nodes

    def ask_export(self) -> None:
        """Ask where to, and in which format, and export the node that is shown."""
        chosen = self._window.chosen
        if chosen is None:
            return
        source, path = chosen
        name = path.strip("/").replace("/", "-") or Path(source.name).stem
        target, wanted = QFileDialog.getSaveFileName(
            self._window, f"Export {path}", name, ExporterFactory.get_file_filters()
        )
        if target:
            self.export(source, path, Path(target), wanted)

    def export(self, source: BrowsedFile, path: str, target: Path, wanted: str) -> None:
        """Export a node in a format, as a file dialog gives it."""
        ending = wanted.rpartition("(*.")[2].rstrip(")")
        try:
            exporter = ExporterFactory.create_exporter(ending, ExporterFactory.get_format_from_filter(wanted))
        except H5ModulesError as error:
            self._window.tell(str(error))
            return
        if target.suffix.lower() != f".{ending}":
            target = target.with_name(f"{target.name}.{ending}")
        self._window.exports.start(source.target, path, target, exporter)

    def ask_comment(self) -> None:
        """Ask for a comment, and add it to the node that is shown."""
        chosen = self._window.chosen
        if chosen is None:
            return
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Add a comment")
        dialog.setLabelText(f"A line to add to the comments of {chosen[1]}:")
        dialog.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput)
        dialog.textValueSelected.connect(lambda text: self.comment(*chosen, text))
        _show(dialog)

    def comment(self, source: BrowsedFile, path: str, text: str) -> None:
        """Add a comment to a node; nothing else in the file is changed."""
        if not text.strip():
            return

        def work() -> str:
            with H5Backend.open(source.target, "r+", source.backend) as file:
                return add_comment(file, path, text.strip())

        source.let_go()
        failed = partial(self._window.tell_failure, source)
        source.jobs.start(work, lambda _: self._after_comment(source, path), failed)

    def _after_comment(self, source: BrowsedFile, path: str) -> None:
        source.open()
        self._window.statusBar().showMessage(f"A comment was added to {path}", 5000)

    def copy_path(self) -> None:
        """Copy the paths of the selected nodes."""
        selected = self._window.files.tree.selected
        self._copy("\n".join(item.row.path for item in selected))

    def copy_python(self) -> None:
        """Copy lines of Python that load the selected nodes."""
        items = self._window.files.tree.selected
        known = [(item, file) for item in items if (file := item.source.file) is not None]
        lines = [python_lines(file.get_node(item.row.path), item.source.target) for item, file in known]
        self._copy("\n".join(lines))

    def _copy(self, text: str) -> None:
        if text:
            QApplication.clipboard().setText(text)
            self._window.statusBar().showMessage(f"Copied: {text.splitlines()[0]}", 5000)

    # Views

    def _find(self) -> None:
        self._window.files.field.setFocus()
        self._window.files.field.selectAll()

    def ask_picture(self) -> None:
        """Ask where to, and save what is shown as a picture."""
        target, wanted = QFileDialog.getSaveFileName(self._window, "Save a picture", "", FILTERS)
        if target:
            ending = wanted.rpartition("(*")[2].rstrip(")")
            self.save_picture(Path(target if Path(target).suffix else f"{target}{ending}"))

    def save_picture(self, target: Path) -> None:
        """Save what is shown as a picture, in the format of the ending."""
        try:
            save_picture(self._window.stage, target)
        except H5ModulesError as error:
            self._window.tell(str(error))
            return
        self._window.statusBar().showMessage(f"Saved {target}", 5000)

    def copy_picture(self) -> None:
        """Copy what is shown as a picture."""
        QApplication.clipboard().setPixmap(self._window.stage.grab())
        self._window.statusBar().showMessage("Copied a picture", 5000)


def _show(dialog: QInputDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.resize(460, dialog.sizeHint().height())
    dialog.open()
