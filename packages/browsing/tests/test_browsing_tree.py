from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.backends import H5Backend, NodeError
from h5modules.browsing import TreeEntry, iter_tree
from h5modules.browsing._tree import Branches, printable, size_text


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Make a file as other programs do: no attribute of ours, names and titles of all kinds."""
    path = tmp_path / "foreign.nxs"
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry")
        entry["counts"] = np.arange(6, dtype="u2").reshape(2, 3)
        entry["counts"].attrs["units"] = "counts"
        entry["scalar"] = 1.5
        entry["text"] = "some text"
        entry["table"] = np.zeros(2, [("a", "f8"), ("b", "i4")])
        entry["nothing"] = h5py.Empty("f4")
        entry["gone"] = h5py.SoftLink("/nowhere")
        entry["evil"] = 0
        entry["evil"].attrs["TITLE"] = "red \x1b[31m, two\nlines"
        entry["numbered"] = 0
        entry["numbered"].attrs["units"] = 3
    return path


def tree_of(path: Path, *arguments: Any) -> list[TreeEntry]:
    with H5Backend.open(path) as file:
        return list(iter_tree(file, *arguments))


def test_the_tree_tells_each_node(make_scan: Any) -> None:
    path = make_scan((2, 3), {"Spectrum": lambda index: np.zeros(4)}, {"Spectrum": {"units": "V"}})
    entries = {entry.path: entry for entry in tree_of(path)}
    assert list(entries)[:4] == ["/", "/NeXus", "/RawData", "/RawData/Logger"]
    data = entries["/RawData/Scan000/Detector000/Data1D/CH00/Data00"]
    assert (data.name, data.depth, data.kind, data.title) == ("Data00", 6, "CARRAY", "Spectrum")
    assert (data.shape, data.dtype, data.units, data.nbytes) == ((2, 3, 4), "float64", "V", 192)
    assert entries["/RawData/Scan000"].title == "Scan"
    assert entries["/"].name == "/"


def test_the_tree_begins_where_it_is_told_and_ends_at_a_depth(make_scan: Any) -> None:
    path = make_scan((2,), {"Diode": lambda index: 1.0})
    entries = tree_of(path, "/RawData/Scan000", 1)
    assert [(entry.name, entry.depth) for entry in entries] == [("Scan000", 0), ("Detector000", 1)]
    with pytest.raises(NodeError, match="did you mean '/RawData/Scan000'"):
        tree_of(path, "/RawData/Scn000")


def test_files_of_other_programs_are_shown(foreign: Path) -> None:
    entries = {entry.name: entry for entry in tree_of(foreign)}
    assert entries["counts"].units == "counts"
    assert entries["scalar"].shape == ()
    assert entries["numbered"].units == ""
    assert "link to '/nowhere'" in entries["gone"].remark
    assert {"text", "table", "nothing"} <= set(entries)


def test_no_letter_that_a_terminal_would_obey_is_printed(foreign: Path) -> None:
    title = next(entry.title for entry in tree_of(foreign) if entry.name == "evil")
    assert printable(title) == "red \ufffd[31m, two\ufffdlines"


def test_looking_changes_nothing(foreign: Path) -> None:
    before = foreign.read_bytes(), foreign.stat().st_mtime_ns
    tree_of(foreign)
    assert (foreign.read_bytes(), foreign.stat().st_mtime_ns) == before


def test_branches_are_drawn() -> None:
    nodes = [("", True), ("/a", False), ("/a/b", False), ("/a/b/c", True), ("/a/d", True), ("/e", True)]
    branches = Branches()
    drawn = [
        branches.before(TreeEntry(path, path.count("/"), "GROUP", "", is_last=is_last))
        for path, is_last in [*nodes, ("/e/f", True)]
    ]
    assert drawn == ["", "├── ", "│   ├── ", "│   │   └── ", "│   └── ", "└── ", "    └── "]


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (999_600, "1 MB"), (2.5e9, "2.5 GB"), (7e15, "7e+03 TB")],
)
def test_sizes_are_told_as_people_say_them(nbytes: float, text: str) -> None:
    assert size_text(nbytes) == text
