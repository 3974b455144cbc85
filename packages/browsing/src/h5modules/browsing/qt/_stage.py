"""Where a node is shown: one tab for each way to show it, the best first."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QLabel, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from h5modules.backends import H5ModulesError
from h5modules.data_saving import NewPoints

from .views import Subject, SupportsNewPoints, View, views_for

_logger = logging.getLogger(__name__)

_HINT = "Open a file: Ctrl+O, or drop it here.\nThen choose a node in the tree."


class Stage(QWidget):  # type: ignore[misc] # Qt has no types
    """Shows a node in a view; which views there are, and which fits best, is theirs to say.

    Parameters
    ----------
    choose
        Gives the classes of views that can show a node, best first, as `views_for` does.
    parent
        The widget it lies in.

    Attributes
    ----------
    failed
        Emitted with the reason when a node could not be shown.
    """

    failed = Signal(str)

    def __init__(
        self,
        choose: Callable[[Subject, Callable[[str, Exception], object]], list[type[View]]] = views_for,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._choose = choose
        self._made: dict[type[View], View] = {}
        self._offered: list[type[View]] = []
        self._preferred = ""
        self._subject: Subject | None = None
        self._blamed: set[str] = set()
        self._tabs = QTabBar()
        self._tabs.setDocumentMode(True)
        self._tabs.setDrawBase(False)
        self._tabs.setAccessibleName("Views")
        self._pages = QStackedWidget()
        self._empty = QLabel(_HINT)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setEnabled(False)
        self._pages.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tabs)
        layout.addWidget(self._pages, 1)
        self._tabs.currentChanged.connect(self._show_tab)
        self._tabs.tabBarClicked.connect(self._prefer)
        self._tabs.hide()

    @property
    def subject(self) -> Subject | None:
        """What is shown; None for nothing."""
        return self._subject

    @property
    def view(self) -> View | None:
        """The view that shows it; None for none."""
        place = self._tabs.currentIndex()
        return self._made.get(self._offered[place]) if 0 <= place < len(self._offered) else None

    @property
    def titles(self) -> list[str]:
        """The titles of the views that can show it."""
        return [each.title for each in self._offered]

    def show_subject(self, subject: Subject) -> None:
        """Show a node: in the view that was chosen last, where that can, or else in the best one."""
        try:
            offered = self._choose(subject, self._blame_once)
        except H5ModulesError as error:
            self.clear()
            self.failed.emit(str(error))
            return
        self._subject, self._offered = subject, offered
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        for each in offered:
            self._tabs.addTab(each.title)
        titles = self.titles
        self._tabs.setCurrentIndex(titles.index(self._preferred) if self._preferred in titles else 0)
        self._tabs.blockSignals(False)
        self._tabs.setVisible(len(offered) > 1)
        self._show_tab(self._tabs.currentIndex())

    def add_points(self, points: NewPoints, *, of_others: bool = False) -> None:
        """Show what came in the scan that is shown, where the view can.

        Parameters
        ----------
        points
            What came.
        of_others
            Whether it came in the scan of another node, that the one that is shown is compared with.
        """
        if self._subject is not None:  # another view shall find what is there by now
            others = tuple(map(replace, self._subject.others))
            self._subject = replace(self._subject, others=others)
        view = self.view
        if isinstance(view, SupportsNewPoints) and (view.compares or not of_others):
            self._guarded(view.title, lambda: view.add_points(points))

    def turn(self, steps: int) -> None:
        """Go to the next view, or to the one before."""
        if self._offered:
            self.choose((self._tabs.currentIndex() + steps) % len(self._offered))

    def choose(self, place: int) -> None:
        """Show the node in the view of that number."""
        if 0 <= place < len(self._offered):
            self._prefer(place)
            self._tabs.setCurrentIndex(place)

    def clear(self) -> None:
        """Show nothing."""
        self._clear_all_but(None)
        self._subject, self._offered = None, []
        self._tabs.hide()
        self._pages.setCurrentWidget(self._empty)

    def _prefer(self, place: int) -> None:
        if 0 <= place < len(self._offered):
            self._preferred = self._offered[place].title

    def _show_tab(self, place: int) -> None:
        subject = self._subject
        if subject is None or not 0 <= place < len(self._offered):
            self._pages.setCurrentWidget(self._empty)
            return
        chosen = self._offered[place]
        self._pages.setCurrentWidget(self._empty)
        self._guarded(chosen.title, lambda: self._show_in(chosen, subject))

    def _show_in(self, chosen: type[View], subject: Subject) -> None:
        if chosen not in self._made:
            self._made[chosen] = chosen()
            self._pages.addWidget(self._made[chosen])
        view = self._made[chosen]
        self._clear_all_but(view)
        self._pages.setCurrentWidget(view)
        view.show_subject(subject)

    def _clear_all_but(self, shown: View | None) -> None:
        """Let all other views forget what they showed: what is not seen keeps nothing in memory."""
        for view in self._made.values():
            if view is not shown:
                self._guarded(view.title, view.clear)

    def _guarded(self, title: str, do: Callable[[], object]) -> None:
        try:
            do()
        except H5ModulesError as error:
            self.failed.emit(str(error))
        except Exception as error:  # noqa: BLE001 - views of others may raise anything, and the window shall go on
            self._blame(title, error)

    def _blame(self, title: str, error: Exception) -> None:
        """Tell of a fault in a view, and log it in full."""
        _logger.error("the view %r failed", title, exc_info=error)
        self.failed.emit(f"The view {title!r} failed ({type(error).__name__}: {error}).")

    def _blame_once(self, name: str, error: Exception) -> None:
        """Tell of a view that cannot even be asked, which it is for every node."""
        if name not in self._blamed:
            self._blamed.add(name)
            self._blame(name, error)
