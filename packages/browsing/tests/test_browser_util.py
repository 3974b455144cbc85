from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from h5modules.backends import H5Backend, NodeError
from h5modules.browsing import H5BrowserUtil

OWN_METHODS = ("export_data", "get_h5file_scans", "get_h5_attributes")
INHERITED = ("open_file", "close_file", "isopen", "get_node", "walk_nodes", "save_file_as")
"""Of all that PyMoDAQ's class inherits from its saver; the others are those of `H5BrowserUtil.file`."""


@pytest.mark.parametrize("name", OWN_METHODS)
def test_methods_take_what_pymodaqs_take(name: str) -> None:
    from pymodaq_data.h5modules.browsing import H5BrowserUtil as Peer

    theirs, ours = (list(inspect.signature(getattr(each, name)).parameters) for each in (Peer, H5BrowserUtil))
    assert ours[: len(theirs)] == theirs


@pytest.mark.parametrize("name", INHERITED)
def test_what_is_used_most_of_what_pymodaqs_inherits_is_there(name: str) -> None:
    from pymodaq_data.h5modules.browsing import H5BrowserUtil as Peer

    assert callable(getattr(Peer, name))
    assert callable(getattr(H5BrowserUtil, name))


@pytest.mark.parametrize("backend", ["h5py", "tables"])
def test_a_file_is_looked_into(tmp_path: Path, backend: str) -> None:
    with H5Backend.open(tmp_path / "a.h5", "w") as file:
        group = file.get_set_group("/", "Scan", settings="<a/>", scan_settings="<b/>", pixmap2D=b"png")
        file.create_carray(group, "Power", np.arange(3.0))
    with H5BrowserUtil(backend) as browser:
        browser.open_file(tmp_path / "a.h5", "r+")
        found: Any = browser.get_h5_attributes("/Scan")
        assert found[1:] == (["<a/>"], "<b/>", [b"png"])
        assert [scan["path"] for scan in browser.get_h5file_scans()] == ["/Scan"]
        browser.add_comments("/Scan", "good")
        browser.export_data("/Scan/Power", tmp_path / "p.txt", "Text files (*.txt)")
        with pytest.raises(NodeError, match="Power"):
            browser.export_data("/Scan/Powr", tmp_path / "q.txt")
    assert (tmp_path / "p.txt").read_text().split()[-1] == "2.0"
