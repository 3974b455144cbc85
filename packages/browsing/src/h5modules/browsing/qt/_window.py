"""`BrowserWindow`: the files on the left, what they hold on the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QApplication, QLabel, QMainWindow, QSplitter, QVBoxLayout, QWidget

from h5modules.backends import FileState, NodeError, is_address
from h5modules.data_saving import NewPoints
from h5modules.saving import Recovered, recover

from ._actions import Actions
from ._bar import MessageBar
from ._browsed_file import BrowsedFile
from ._details_panel import DetailsPanel
from ._exporting import Exports, ExportStrip
from ._files_panel import FilesPanel
from ._live_strip import LiveStrip
from ._new_scans import NewScans
from ._progress import ScanProgress, counterpart, is_below
from ._session import Session
from ._stage import Stage
from ._watch import Watch
from .views import Subject

_MOST_COMPARED = 12
"""How many nodes are compared at most."""


class BrowserWindow(QMainWindow):  # type: ignore[misc] # Qt has no types
    """The browser: opens files, shows what they hold, and follows what is written to them.

    Nothing of a file is changed, unless a comment is written or a file is recovered.

    Parameters
    ----------
    session
        What is remembered; None remembers nothing.
    parent
        The widget it lies in.

    Attributes
    ----------
    node_chosen
        Emitted with the path of a node that is shown.
    told
        Emitted with what was told to the user.
    """

    node_chosen = Signal(str)
    told = Signal(str)

    def __init__(self, session: Session | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.files = FilesPanel()
        self.details = DetailsPanel()
        self.stage = Stage()
        self.bar = MessageBar()
        self.new_scans = NewScans(self)
        self.live = LiveStrip(beside=[self.new_scans.button])
        self.exports = Exports(self)
        self.watch = Watch(lambda: self.files.model.sources, self)
        self._chosen: tuple[BrowsedFile, str] | None = None
        self._others: list[tuple[BrowsedFile, str]] = []
        self._is_watched = False
        self._where = QLabel()
        self.setWindowTitle("h5modules")
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self._arrange()
        self.actions_of = Actions(self)
        self._connect()
        self.watch.start()

    def _arrange(self) -> None:
        self.left = QSplitter(Qt.Orientation.Vertical)
        self.left.addWidget(self.files)
        self.left.addWidget(self.details)
        self.left.setSizes([520, 240])
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.bar, self.live):
            column.addWidget(widget)
        column.addWidget(self.stage, 1)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.addWidget(self.left)
        self.across.addWidget(right)
        self.across.setSizes([480, 800])
        self.across.setStretchFactor(1, 1)
        self.setCentralWidget(self.across)
        self._where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.statusBar().addWidget(self._where, 1)
        self.statusBar().addPermanentWidget(ExportStrip(self.exports))

    def _connect(self) -> None:
        self.files.chosen.connect(self.show_node)
        self.files.several_chosen.connect(self.compare)
        self.stage.failed.connect(self.tell)
        self.details.failed.connect(self.tell)
        self.watch.changed.connect(self._show_changed)
        self.watch.state_changed.connect(self._show_state)
        self.watch.progressed.connect(self._show_progress)
        self.watch.points_came.connect(self._add_points)
        self.new_scans.wanted.connect(self._go_along)
        self.exports.ended.connect(self._tell_export)

    # Files

    @property
    def sources(self) -> list[BrowsedFile]:
        """The files that are open, or could not be opened."""
        return self.files.model.sources

    def open(self, target: Path | str, node: str = "", backend: str | None = None) -> BrowsedFile:
        """Open a file, and show it; one that is open already is not opened again.

        Parameters
        ----------
        target
            A path, or an address ``hdf5://host:port/domain``.
        node
            The path of a node to go to.
        backend
            The name of the library; None is the one that fits.
        """
        meant = target if is_address(target) else Path(target).absolute()
        source = next((each for each in self.sources if each.target == meant), None)
        if source is None:
            source = BrowsedFile(meant, backend, self)
            index = self.files.model.add(source)
            source.opened.connect(partial(self._greet, source))
            source.closed.connect(partial(self._show_closed, source))
            source.open()
            self.files.tree.expand(index)
        if node:
            self.files.tree.go_to(source, node)
        if self.session is not None:
            self.session.note_opened(meant)
        return source

    def open_all(self, targets: Iterable[Path | str]) -> None:
        """Open several files."""
        for target in targets:
            self.open(target)

    def close_file(self, source: BrowsedFile) -> None:
        """Close a file, and show it no longer."""
        self._show_without(source)
        self.watch.forget(source)
        self.new_scans.forget(source)
        self.files.found.forget(source)
        self.files.model.remove(source)
        source.close()
        source.deleteLater()

    def refresh(self) -> None:
        """Look again at all files, at once; those that could not be opened are opened again."""
        for source in self.sources:
            if source.file is None:
                source.open()
            elif source.reopen():
                self._show_changed(source)
        self._show_again()

    def _greet(self, source: BrowsedFile) -> None:
        """Go to a file when it is there, unless something else was chosen meanwhile."""
        tree = self.files.tree
        item = self.files.model.top_of(source)
        tree.expand(self.files.model.index_of(item))
        if tree.current is None and not tree.is_on_its_way:
            tree.stand_at(item)
        elif self._chosen is not None and self._chosen[0] is source:
            self._show_again()
        self._tell_interrupted(source)

    def _show_closed(self, source: BrowsedFile, reason: str) -> None:
        self._show_without(source)
        if reason:
            self.tell(reason, actions={"Try again": self.refresh, "Close": partial(self.close_file, source)})

    # Nodes

    @property
    def chosen(self) -> tuple[BrowsedFile, str] | None:
        """File and path of the node that is shown; None for none."""
        return self._chosen

    def show_node(
        self, source: BrowsedFile, path: str, others: Sequence[tuple[BrowsedFile, str]] = ()
    ) -> None:
        """Show a node, perhaps compared with others."""
        file = source.file
        if file is None:
            self._show_nothing()
            return
        if self._chosen is None or self._chosen[0] is not source:
            self.live.hide()
        self._is_watched = self._is_watched and self._chosen == (source, path)
        self._chosen, self._others = (source, path), list(others)
        self._where.setText(f"{source.target}  {path}")
        self.setWindowTitle(f"{path} - {source.name} - h5modules")
        self.watch.follow([(source, path), *others])
        self.details.show_node(source, path)
        try:
            file.get_node(path)
        except NodeError as error:
            self.stage.clear()
            self.tell(str(error))
            return
        beside = [Subject(held, other) for each, other in others if (held := each.file) is not None]
        self.stage.show_subject(Subject(file, path, tuple(beside), source.jobs.start))
        self.node_chosen.emit(path)

    def compare(self, nodes: Sequence[tuple[BrowsedFile, str]]) -> None:
        """Show the first of some nodes, compared with the others."""
        known = [(source, path) for source, path in nodes if source.file is not None]
        if len(known) > _MOST_COMPARED:
            self.statusBar().showMessage(f"The first {_MOST_COMPARED} of {len(known)} are compared.", 5000)
        if known:
            (source, path), *others = known[:_MOST_COMPARED]
            self.show_node(source, path, others)

    def _show_again(self) -> None:
        if self._chosen is not None:
            self.show_node(*self._chosen, self._others)

    def _show_without(self, source: BrowsedFile) -> None:
        """Show nothing any more of a file."""
        self._others = [each for each in self._others if each[0] is not source]
        if self._chosen is not None and self._chosen[0] is source:
            self._show_nothing()
        elif self.stage.subject is not None and len(self.stage.subject.others) > len(self._others):
            self._show_again()

    def _show_nothing(self) -> None:
        self._chosen, self._others = None, []
        self._where.clear()
        self.setWindowTitle("h5modules")
        self.stage.clear()
        self.details.clear()
        self.live.hide()

    # What comes while it is open

    def _show_changed(self, source: BrowsedFile) -> None:
        self.files.model.refresh(source)
        if self._chosen is not None and self._chosen[0] is source:
            if self.stage.view is None and self.stage.subject is not None:  # there was nothing to show yet
                self._show_again()
            else:
                self.details.show_node(*self._chosen)

    def _tell_interrupted(self, source: BrowsedFile) -> bool:
        """Tell of a file whose writer did not close it; return whether it is one."""
        if source.seen is None or source.seen.state is not FileState.INTERRUPTED:
            return False
        self.tell(
            f"{source.name}: its writer ended without closing it. All points that were saved are shown; "
            "recovering makes the file whole for other programs. A scan of a plan can be gone on with.",
            "warning",
            {
                "Recover": partial(self.recover, source),
                "Copy the command that resumes": partial(self._copy_resume, source),
            },
        )
        return True

    def _show_state(self, source: BrowsedFile) -> None:
        if self._tell_interrupted(source):
            return
        if self._chosen is not None and self._chosen[0] is source:
            self._show_again()

    def _show_progress(self, source: BrowsedFile, progress: ScanProgress) -> None:
        if self._chosen is not None and self._chosen[0] is source:
            self.live.show_progress(progress)
            is_watched = self._is_watched and not self._others
            self.new_scans.note(*self._chosen, progress, is_watched=is_watched)

    def _go_along(self, source: BrowsedFile, scan: str) -> None:
        """Show of a scan what is shown of another."""
        if self._chosen is None or source.file is None:
            return
        is_watched = self._is_watched
        self.files.tree.go_to(
            source, counterpart(source.file, self._chosen[1], scan), lambda _: self._watch_on(is_watched)
        )

    def _watch_on(self, is_watched: bool) -> None:
        self._is_watched = is_watched

    def _add_points(self, source: BrowsedFile, points: NewPoints) -> None:
        nodes = [node for node in (self._chosen, *self._others) if node is not None]
        concerned = [each is source and is_below(path, points.where) for each, path in nodes]
        if any(concerned):
            self._is_watched = self._is_watched or concerned[0]
            self.stage.add_points(points, of_others=not concerned[0])

    # What is done

    def recover(self, source: BrowsedFile) -> None:
        """Make a file whole that its writer did not close."""
        self.bar.hide()
        source.let_go()
        work = partial(recover, source.target)
        source.jobs.start(work, partial(self._tell_recovered, source), partial(self.tell_failure, source))

    def _tell_recovered(self, source: BrowsedFile, _: Recovered) -> None:
        source.open()
        self.tell(f"{source.name} is whole now.", "note")

    def tell_failure(self, source: BrowsedFile, error: BaseException) -> None:
        """Tell that something could not be done with a file, and open it again."""
        source.open()
        self.tell(str(error))

    def _copy_resume(self, source: BrowsedFile) -> None:
        QApplication.clipboard().setText(f'h5modules scan resume "{source.target}"')
        self.statusBar().showMessage("Copied; run it in a terminal.", 5000)

    def tell(self, text: str, kind: str = "error", actions: Any = None) -> None:
        """Tell the user something, in the bar."""
        self.bar.tell(text, kind, actions)
        self.told.emit(text)

    def _tell_export(self, target: str, reason: str | None) -> None:
        if reason:
            self.tell(f"Nothing was exported: {reason}")
        elif reason is None:
            self.statusBar().showMessage("The export was cancelled; nothing was written.", 8000)
        else:
            self.statusBar().showMessage(f"Exported to {target}", 8000)
            self.told.emit(f"Exported to {target}")

    # The window

    def dragEnterEvent(self, event: Any) -> None:  # noqa: N802 - Qt's
        if event.mimeData().hasUrls() and event.source() is None:
            event.acceptProposedAction()

    def dropEvent(self, event: Any) -> None:  # noqa: N802 - Qt's
        urls = event.mimeData().urls()
        self.open_all(url.toLocalFile() if url.isLocalFile() else url.toString() for url in urls)
        event.acceptProposedAction()

    def restore(self, *, with_files: bool = True) -> None:
        """Arrange the window as it was left, and perhaps open the files that were open."""
        if self.session is None:
            return
        for name, part in self._parts().items():
            if (state := self.session.arrangement(name)) is not None:
                part.restoreState(state)
        self.new_scans.follows.setChecked(self.session.follows_new_scans)
        if (geometry := self.session.arrangement("window")) is not None:
            self.restoreGeometry(geometry)
        target, path = self.session.current
        for each in self.session.open_files if with_files else []:
            self.open(each, path if each == target else "")

    def _parts(self) -> dict[str, Any]:
        return {"across": self.across, "left": self.left, "columns": self.files.tree.header()}

    def _remember(self, session: Session) -> None:
        for name, part in self._parts().items():
            session.note_arrangement(name, part.saveState())
        session.note_arrangement("window", self.saveGeometry())
        session.follows_new_scans = self.new_scans.follows.isChecked()
        session.open_files = [str(source.target) for source in self.sources]
        session.current = ("", "") if self._chosen is None else (str(self._chosen[0].target), self._chosen[1])
        session.save()

    def closeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's
        self.watch.stop()
        if self.session is not None:
            self._remember(self.session)
        self.exports.close()
        for source in self.sources:
            self.close_file(source)
        super().closeEvent(event)
