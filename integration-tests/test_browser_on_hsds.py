"""The browser with a window on a domain of a real HSDS server."""

from __future__ import annotations

import numpy as np
import pytest
from pymodaq_data.data import DataRaw, DataToExport

from h5modules.backends.testing import hsds_domain, hsds_server
from h5modules.browsing.qt import BrowserWindow, _browsed_file, _watch
from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

__all__ = ["hsds_domain", "hsds_server"]

POWER = "/RawData/Scan000/Data0D/CH00/Data00"


@pytest.fixture
def window(qtbot):
    shown = BrowserWindow()
    qtbot.addWidget(shown)
    shown.show()
    yield shown
    shown.close()


def test_a_domain_is_opened_again_when_points_came_and_not_before(
    qtbot, window, hsds_server, hsds_domain, monkeypatch
):
    monkeypatch.setattr(_watch, "_SERVED", 0.0)
    monkeypatch.setenv("HS_USERNAME", str(hsds_server.options["username"]))
    monkeypatch.setenv("HS_PASSWORD", str(hsds_server.options["password"]))
    reopened, counts = [], []
    reopen = _browsed_file.BrowsedFile.reopen
    monkeypatch.setattr(
        _browsed_file.BrowsedFile, "reopen", lambda self: reopened.append(self) or reopen(self)
    )
    with H5SaverLowLevel.from_file(hsds_domain, backend="h5pyd", **hsds_server.options) as saver:
        scan = saver.add_scan_group(title="far")
        writer = DataToExportExtendedSaver(saver, (2, 3))

        def save(number: int) -> None:
            power = DataRaw("power", data=[np.array([number + 0.5])])
            writer.add_data(scan, DataToExport("point", data=[power]), divmod(number, 3))
            saver.flush()

        save(0)
        source = window.open(f"hdf5://{hsds_server.endpoint.removeprefix('http://')}{hsds_domain}", POWER)
        window.watch.progressed.connect(lambda _, progress: counts.append(progress.count.acquired))
        qtbot.waitUntil(lambda: window.chosen == (source, POWER) and len(counts) > 2, timeout=20_000)
        assert reopened == []
        save(1)
        qtbot.waitUntil(lambda: window.stage.view.image.image.image[0, 1] == 1.5, timeout=20_000)
        assert len(reopened) == 1
        counts.clear()
        saver.add_scan_group(title="Next")
        scan = saver.add_scan_group(title="Last")
        DataToExportExtendedSaver(saver, (2, 3)).add_data(
            scan, DataToExport("point", data=[DataRaw("power", data=[np.ones(1)])]), (0, 0)
        )
        saver.flush()
        tree = window.files.model
        raw = tree.index(0, 0, tree.index(0, 0))
        qtbot.waitUntil(
            lambda: "Scan002" in [tree.data(tree.index(row, 0, raw)) for row in range(tree.rowCount(raw))],
            timeout=20_000,
        )
