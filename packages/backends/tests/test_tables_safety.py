"""Files that would run code, or end the process, if PyTables read them in its own way."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tables

from h5modules.backends import ArraySpec, Compression, Driver, H5ModulesError, NodeKind, UndecodableError
from h5modules.backends._tables import PyTablesDriver

SYSTEM_NAMES = (
    *("TITLE", "CLASS", "VERSION", "FILTERS", "FLAVOR", "PYTABLES_FORMAT_VERSION", "PSEUDOATOM"),
    *("EXTDIM", "NROWS", "FIELD_0_FILL", "FIELD_0_NAME", "AUTO_INDEX", "DIRTY", "NODE_TYPE"),
)
"""Attributes that PyTables has a meaning for."""


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._marker),)


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[Path]:
    """Return the folder that a trap makes; at the end it is not there."""
    marker = tmp_path / "unpickled"
    yield marker
    assert not marker.exists()


@pytest.fixture
def trap(marker: Path) -> bytes:
    """Return a pickle in the form in which PyTables stores one."""
    return pickle.dumps(Trap(marker), protocol=0)


def set_trap(node: Any, name: str, trap: bytes) -> None:
    node.attrs.create(name, np.bytes_(trap))


def visit(file: Driver, path: str = "/") -> None:
    """Look at everything in a file."""
    for name in file.attribute_names(path):
        try:
            file.read_attribute(path, name)
        except UndecodableError:
            continue
    kind = file.kind(path)
    file.identity(path)
    file.raw(path)
    assert file.problem(path) == "" or kind is NodeKind.UNREADABLE
    if kind is NodeKind.GROUP:
        for name in file.child_names(path):
            visit(file, f"{path.rstrip('/')}/{name}")
    elif kind is not NodeKind.UNREADABLE:
        file.array_info(path)
        file.read(path)


def trapped_file(path: Path, trap: bytes, name: str, format_version: str) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["PYTABLES_FORMAT_VERSION"] = format_version
        group = file.create_group("group")
        array = group.create_dataset("array", data=np.arange(3.0))
        growing = group.create_dataset("growing", (0, 2), "f8", maxshape=(None, 2))
        rows = group.create_dataset("rows", (1,), h5py.vlen_dtype(np.uint8), maxshape=(None,), chunks=(1,))
        rows[0] = np.frombuffer(trap, np.uint8)
        table = group.create_dataset("table", data=np.zeros(2, [("x", "f8")]), maxshape=(None,))
        for node in (file, group, array, growing, rows, table):
            set_trap(node, name, trap)
    return path


def test_trap_works(tmp_path: Path) -> None:
    path = trapped_file(tmp_path / "file.h5", pickle.dumps(Trap(tmp_path / "caught"), 0), "note", "2.1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables.open_file(str(path)).close()
    assert (tmp_path / "caught").exists()


@pytest.mark.parametrize("mode", ["r", "a"])
@pytest.mark.parametrize("format_version", ["1.5", "2.1"])
@pytest.mark.parametrize("name", ["note", *SYSTEM_NAMES])
def test_pickled_attributes_are_not_run(
    tmp_path: Path, trap: bytes, name: str, format_version: str, mode: Any
) -> None:
    path = trapped_file(tmp_path / "file.h5", trap, name, format_version)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    file = PyTablesDriver.open(path, mode)
    visit(file)
    with pytest.raises(UndecodableError, match=r"pickle that could run code \(GLOBAL, REDUCE\)"):
        file.read_attribute("/group/array", name)
    file.close()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_any_protocol_are_not_run(tmp_path: Path, marker: Path, protocol: int) -> None:
    path = trapped_file(tmp_path / "file.h5", pickle.dumps(Trap(marker), protocol), "note", "2.1")
    file = PyTablesDriver.open(path, "r")
    visit(file)
    with pytest.raises(UndecodableError, match="could run code"):
        file.read_attribute("/group", "note")
    file.close()


def test_rows_of_objects_are_bytes(tmp_path: Path, marker: Path) -> None:
    path = tmp_path / "file.h5"
    with tables.open_file(str(path), "w") as raw:
        rows = raw.create_vlarray("/", "objects", tables.ObjectAtom())
        rows.append(Trap(marker))
    file = PyTablesDriver.open(path, "r")
    assert file.kind("/objects") is NodeKind.VLARRAY
    row = file.read("/objects", 0)
    assert row.dtype == np.uint8
    assert b"mkdir" in row.tobytes()
    assert b"mkdir" in file.raw("/objects").read()[0].tobytes()
    file.close()


def test_changing_a_trapped_file_does_not_run_it(tmp_path: Path, trap: bytes) -> None:
    path = trapped_file(tmp_path / "file.h5", trap, "FILTERS", "2.1")
    file = PyTablesDriver.open(path, "r+")
    file.create_group("/group/new")
    file.write_attributes("/group/array", {"FILTERS": "replaced"})
    file.append("/group/growing", np.zeros((1, 2)))
    file.append("/group/rows", np.arange(3, dtype=np.uint8))
    file.write("/group/array", 0, 5.0)
    file.writer("/group/array").write((1,), np.array(6.0))
    file.copy("/group", "/copy")
    file.move("/copy", "/moved")
    file.link("/moved/array", "/second")
    file.delete_attribute("/moved/array", "FILTERS")
    file.delete("/group")
    visit(file)
    file.close()


def test_undo_log_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with tables.open_file(str(path), "w") as raw:
        raw.enable_undo()
        raw.mark("start")
        raw.create_array("/", "array", [1.0, 2.0])
    before = path.read_bytes()
    file = PyTablesDriver.open(path, "a")
    visit(file)
    file.close()
    assert path.read_bytes() == before


DEADLY: dict[str, Any] = {
    "null text": h5py.Empty(h5py.string_dtype()),
    "null number": h5py.Empty("f8"),
    "many numbers": np.arange(2000),
    "number": 1.5,
    "not UTF-8": np.bytes_(b"\xff\xfe"),
    "enum": np.bool_(True),
    "empty": np.zeros((0, 3)),
}


@pytest.mark.parametrize("name", SYSTEM_NAMES)
@pytest.mark.parametrize("value", DEADLY)
def test_system_attributes_of_other_types(tmp_path: Path, name: str, value: str) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as raw:
        group = raw.create_group("group")
        array = group.create_dataset("array", data=np.arange(3.0))
        rows = group.create_dataset("rows", (0,), h5py.vlen_dtype("i4"), maxshape=(None,))
        for node in (raw, group, array, rows):
            node.attrs[name] = DEADLY[value]
    file = PyTablesDriver.open(path, "r")
    visit(file)
    assert file.kind("/group/array") is NodeKind.CARRAY
    assert file.kind("/group/rows") is NodeKind.VLARRAY
    file.close()


@pytest.mark.parametrize(
    "claim", ["GROUP", "TABLE", "VLARRAY", "EARRAY", "INDEX", "UNIMPLEMENTED", "nonsense"]
)
def test_class_is_told_by_the_type(tmp_path: Path, claim: str) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as raw:
        raw.create_group("group").attrs["CLASS"] = claim
        raw["group/array"] = np.arange(3.0)
        raw["group/array"].attrs["CLASS"] = claim
    file = PyTablesDriver.open(path, "r")
    assert file.kind("/group") is NodeKind.GROUP
    assert file.child_names("/group") == ["array"]
    assert np.array_equal(file.read("/group/array"), np.arange(3.0))
    assert file.read_attribute("/group", "CLASS") == claim
    file.close()


FLIPS = 3 if tuple(map(int, tables.hdf5_version.split("."))) >= (1, 14, 6) else 0
"""How much to change: older libraries end the process at some damaged headers."""


def damaged(whole: bytes, seed: int) -> bytes:
    """Return the content of a file with some bytes changed, or its end missing."""
    random = np.random.default_rng(seed)
    content = bytearray(whole)
    if seed % 5 == 0:
        return bytes(content[: random.integers(len(content))])
    # But for the heap in which HDF5 keeps text: no library gets out of a damaged one.
    heap = whole.index(b"GCOL")
    for place in random.integers(0, len(content), seed % 5 * FLIPS):
        if not heap <= place < heap + 4096:
            content[place] = random.integers(256)
    return bytes(content)


@pytest.mark.parametrize("part", range(8))
def test_damaged_files_raise_our_errors(tmp_path: Path, part: int) -> None:
    path = tmp_path / "file.h5"
    file = PyTablesDriver.open(path, "w")
    file.create_group("/group")
    file.create_array("/group/array", ArraySpec((5,), np.dtype("f8")), np.arange(5.0))
    spec = ArraySpec((4, 2), np.dtype("i4"), enlargeable=True, chunks=(2, 2), compression=Compression())
    file.create_array("/group/packed", spec, np.ones((4, 2), "i4"))
    file.write_attributes("/group", {"number": np.float64(1), "numbers": np.arange(4), "text": "a text"})
    file.close()
    whole = path.read_bytes()
    opened = 0
    for seed in range(40 * part, 40 * (part + 1)):
        path.write_bytes(damaged(whole, seed))
        with contextlib.suppress(H5ModulesError):  # and nothing else
            file = PyTablesDriver.open(path, "r")
            opened += 1
            with contextlib.closing(file):
                visit(file)
    assert opened > 5


def test_raw_nodes_read_attributes_safely(tmp_path: Path, trap: bytes) -> None:
    path = trapped_file(tmp_path / "file.h5", trap, "note", "2.1")
    with h5py.File(path, "a") as raw:
        raw["group/array"].attrs["units"] = "nm"
    file = PyTablesDriver.open(path, "r")
    for node in ("/", "/group", "/group/array", "/group/rows", "/group/table"):
        with pytest.raises(UndecodableError, match="could run code"):
            _ = file.raw(node)._v_attrs.note
    assert file.raw("/group/array").attrs.units == "nm"
    assert "units" in file.raw("/group/array").attrs
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = file.raw("/group/array").attrs.nothing
    file.close()
