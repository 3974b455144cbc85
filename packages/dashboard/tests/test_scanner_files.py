"""The file of a scanner's window, apart from a Dashboard."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

SHOWN_TWICE = """
import sys
import threading
from qtpy.QtWidgets import QApplication
app = QApplication([])
from h5modules.browsing.qt import BrowserWindow
from h5modules.dashboard.scanner._files import BrowsableSaver
saver = BrowsableSaver()
saver.init_file(sys.argv[1])
def shown():
    return [each for each in app.topLevelWidgets() if isinstance(each, BrowserWindow) and each.isVisible()]
for _ in range(3):
    saver.settings.child("show_file").activate()
    app.processEvents()
print(len(shown()), [len(each.sources) for each in shown()])
print(len([each for each in threading.enumerate() if each.name.startswith("h5-")]))
shown()[0].close()
saver.close_file()
"""


def test_the_content_of_the_file_is_shown_in_one_window(tmp_path):
    command = [sys.executable, "-c", SHOWN_TWICE, str(tmp_path / "scan.h5")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.split("\n")) == (0, ["1 [1]", "1", ""]), done.stderr
