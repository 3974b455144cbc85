"""What is left when views and windows were opened and closed again and again: nothing."""

from __future__ import annotations

import gc
import threading
from collections import Counter

import h5py
import numpy as np
import pytest
from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QApplication, QWidget

from h5modules.backends import H5Backend
from h5modules.browsing.qt import BrowserWindow
from h5modules.browsing.qt.views import Subject, views_for

TIMES = 8


def settled() -> Counter[str]:
    """Let Qt delete what is to be deleted, and count the widgets that are left, by kind."""
    for _ in range(3):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        gc.collect()
    return Counter(type(each).__name__ for each in QApplication.allWidgets())


@pytest.fixture
def arrays(tmp_path):
    with h5py.File(tmp_path / "arrays.h5", "w") as raw:
        raw["curve"] = np.arange(9.0)
        raw["image"] = np.arange(12.0).reshape(3, 4)
        raw["stack"] = np.arange(60.0).reshape(3, 4, 5)
        raw["text"] = "a line"
    return tmp_path / "arrays.h5"


def kinds(file: H5Backend) -> list[tuple[type[QWidget], Subject]]:
    found = {}
    for name, other in (("curve", "curve"), ("image", "image"), ("stack", "stack"), ("text", "text")):
        for subject in (Subject(file, f"/{name}"), Subject(file, f"/{name}", (Subject(file, f"/{other}"),))):
            for kind in views_for(subject):
                found.setdefault(kind, subject)
    return list(found.items())


def test_views_leave_no_widget_and_no_thread(qapp, arrays):
    with H5Backend.open(arrays) as file:
        for kind, subject in kinds(file):

            def show(kind=kind, subject=subject) -> None:
                view = kind()
                view.show()
                view.show_subject(subject)
                view.clear()
                view.close()
                view.deleteLater()

            show()  # what is made once and kept, such as the menus of pyqtgraph
            before, threads = settled(), threading.active_count()
            for _ in range(TIMES):
                show()
            assert settled() - before == Counter(), kind.__name__
            assert threading.active_count() == threads


def test_windows_leave_no_widget_thread_or_file(qtbot, arrays, no_thread_left):
    def show() -> None:
        window = BrowserWindow()
        window.show()
        source = window.open(arrays, "/stack")
        qtbot.waitUntil(lambda: window.chosen == (source, "/stack"))
        window.close()
        window.deleteLater()

    show()
    before = settled()
    for _ in range(5):
        show()
    assert settled() - before == Counter()
