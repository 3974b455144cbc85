"""Files and trees through PyTables: several at once, in several threads, and those that others made."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tables

from h5modules.backends import (
    ArraySpec,
    AttributeValueError,
    FileAccessError,
    FileClosedError,
    FileFormatError,
    FileTakenError,
    NodeError,
    NodeKind,
    UndecodableError,
)
from h5modules.backends._journal import Journal, write_journal
from h5modules.backends._sidecars import journal_path
from h5modules.backends._tables import PyTablesDriver

FLOATS = np.dtype("f8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.h5"


@pytest.fixture
def driver(path: Path) -> Iterator[PyTablesDriver]:
    driver = PyTablesDriver.open(path, "w")
    yield driver
    driver.close()


# Several files


def test_two_files_at_once(driver: PyTablesDriver, tmp_path: Path) -> None:
    other = PyTablesDriver.open(tmp_path / "other.h5", "w")
    for number, file in enumerate((driver, other)):
        file.create_array("/array", ArraySpec((3,), FLOATS), np.full(3, number))
    assert driver.read("/array", 0) == 0
    assert other.read("/array", 0) == 1
    other.close()
    assert driver.is_open
    driver.copy("/array", "/twin")


def test_one_file_opened_twice_for_reading(driver: PyTablesDriver, path: Path) -> None:
    driver.create_array("/array", ArraySpec((3,), FLOATS), np.arange(3.0))
    driver.close()
    first, second = PyTablesDriver.open(path, "r"), PyTablesDriver.open(path, "r")
    first.close()
    assert np.array_equal(second.read("/array"), np.arange(3.0))
    second.close()


@pytest.mark.parametrize("mode", ["w", "r+"])
def test_file_open_here_for_reading_cannot_be_changed(driver: PyTablesDriver, path: Path, mode: Any) -> None:
    driver.create_group("/group")
    driver.close()
    reader = PyTablesDriver.open(path, "r")
    with pytest.raises(FileAccessError, match="is open in another program or object; close it there first"):
        PyTablesDriver.open(path, mode)
    assert reader.child_names("/") == ["group"]
    reader.close()


def test_file_open_in_another_library(driver: PyTablesDriver, path: Path) -> None:
    driver.create_group("/group")
    driver.close()
    with h5py.File(path, "a"), pytest.raises(FileAccessError, match="lock"):
        PyTablesDriver.open(path, "r")


def test_change_that_was_not_applied_to_its_end_is_finished_before_others(path: Path) -> None:
    values = np.arange(3.0)
    with h5py.File(path, "w") as raw:
        raw["Data"] = values
        start = raw["Data"].id.get_offset()
    size = path.stat().st_size
    change = Journal(size, (), ((start, (values + 1).tobytes()),), ((start, values.tobytes()),))
    write_journal(journal_path(path), change)
    driver = PyTablesDriver.open(path, "r+")
    assert driver.read("/Data").tolist() == [1, 2, 3]
    driver.write("/Data", 0, 9.0)
    driver.close()
    assert not journal_path(path).exists()
    with h5py.File(path) as raw:
        assert raw["Data"][...].tolist() == [9, 2, 3]


def test_file_that_appears_meanwhile_is_not_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Another program is faster than we between the check and the making.
    monkeypatch.setattr(
        "h5modules.backends._tables.require_path", lambda path, mode: path.write_bytes(b"theirs")
    )
    with pytest.raises(FileTakenError, match="exists already"):
        PyTablesDriver.open(path, "x")
    assert path.read_bytes() == b"theirs"


def test_closing_leaves_nothing_open(driver: PyTablesDriver, path: Path) -> None:
    driver.create_array("/array", ArraySpec((3,), FLOATS, placed=True))
    writer, raw, root = driver.writer("/array"), driver.raw("/array"), driver.raw("/")
    driver.close()
    assert not raw._v_isopen
    assert not root._v_isopen
    with h5py.File(path, "a") as other:  # it could not lock a file that is open
        other["array"][0] = 1.0
    assert str(path) not in tables.file._open_files.filenames
    del writer


def test_closing_the_handle_closes_the_file(driver: PyTablesDriver) -> None:
    driver.handle.close()
    assert not driver.is_open
    driver.close()


def test_threads_do_not_meet(tmp_path: Path) -> None:
    problems: list[BaseException] = []

    def work(number: int) -> None:
        try:
            file = PyTablesDriver.open(tmp_path / f"{number}.h5", "w")
            file.create_array("/scan", ArraySpec((50, 200), FLOATS, placed=True))
            file.create_ragged("/log", np.uint8)
            writer = file.writer("/scan")
            for place in range(50):
                writer.write((place,), np.full(200, number, FLOATS))
                file.append("/log", np.full(place, number, np.uint8))
                file.write_attributes("/scan", {"done": str(place)})
                assert (file.read("/scan", place) == number).all()
            assert len(file.read("/log")) == 50
            file.close()
        except BaseException as error:
            problems.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []


def test_importing_needs_no_other_library() -> None:
    code = (
        "import sys\n"
        "from h5modules.backends._tables import PyTablesDriver\n"
        "print([name for name in ('h5py', 'h5pyd', 'hdf5plugin') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


# PyTables' own objects


def test_handle_and_nodes_are_those_of_pytables(driver: PyTablesDriver) -> None:
    driver.create_group("/group")
    driver.create_array("/group/array", ArraySpec((3,), FLOATS), np.arange(3.0))
    driver.create_array("/group/growing", ArraySpec((1,), FLOATS, enlargeable=True))
    assert isinstance(driver.handle, tables.File)
    assert isinstance(driver.raw("/group"), tables.Group)
    assert isinstance(driver.raw("/group/array"), tables.Array)
    assert driver.handle.root.group.array[1] == 1.0
    assert sorted(driver.handle.root.group._v_children) == ["array", "growing"]
    assert str(driver.raw("/group/growing")).startswith("/group/growing (EArray(")
    growing = driver.raw("/group/growing")
    growing.truncate(5)
    assert driver.array_info("/group/growing").shape == (5,)


def test_nodes_of_pytables_follow_changes(driver: PyTablesDriver) -> None:
    driver.create_group("/group")
    driver.create_array("/group/array", ArraySpec((3,), FLOATS))
    group, array = driver.raw("/group"), driver.raw("/group/array")
    assert list(group._v_children) == ["array"]
    driver.create_group("/group/more")
    assert sorted(group._v_children) == ["array", "more"]
    driver.write_attributes("/group/array", {"units": "nm"})
    assert array.attrs.units == "nm"
    driver.delete("/group/array")
    assert list(group._v_children) == ["more"]
    assert not array._v_isopen
    driver.create_array("/group/array", ArraySpec((2,), FLOATS))
    assert driver.raw("/group/array").shape == (2,)


def test_what_pytables_makes_by_the_handle_is_seen(driver: PyTablesDriver) -> None:
    group = driver.handle.create_group("/", "made")
    driver.handle.create_earray(group, "array", tables.Int32Atom(), (0, 2)).append([[1, 2]])
    group._v_attrs.note = "text"
    assert driver.kind("/made/array") is NodeKind.EARRAY
    assert driver.read("/made/array").tolist() == [[1, 2]]
    assert driver.read_attribute("/made", "note") == "text"
    driver.handle.remove_node("/made", recursive=True)
    assert driver.kind("/made") is None


# Names


@pytest.mark.parametrize(
    "name", ["a b", "class", "0", "a.b", "é", "_v_x", "_f_walk", "_i_hidden", "__members__", " "]
)
def test_names_that_pytables_warns_of(driver: PyTablesDriver, path: Path, name: str) -> None:
    driver.create_group(f"/{name}")
    driver.create_array(f"/{name}/{name}", ArraySpec((2,), FLOATS), np.ones(2))
    driver.create_ragged(f"/{name}/rows", "i4")
    driver.append(f"/{name}/rows", np.arange(2, dtype="i4"))
    driver.write_attributes(f"/{name}", {name: "value"})
    assert driver.child_names("/") == [name]
    assert np.array_equal(driver.read(f"/{name}/{name}"), np.ones(2))
    driver.move(f"/{name}", "/moved")
    driver.close()
    with h5py.File(path) as raw:
        assert raw["moved"].attrs[name] == "value"
        assert raw["moved"][name].shape == (2,)


def test_names_that_are_not_utf8(path: Path) -> None:
    with h5py.File(path, "w") as raw:
        group = h5py.h5g.create(raw.id, b"gro\xff")
        h5py.h5g.create(group, b"in\xfe")
        space = h5py.h5s.create_simple((2,))
        h5py.h5d.create(raw.id, b"arr\xff", h5py.h5t.NATIVE_INT32, space)
        attribute = h5py.h5a.create(
            group, b"note\xff", h5py.h5t.NATIVE_INT32, h5py.h5s.create(h5py.h5s.SCALAR)
        )
        attribute.write(np.array(5, "i4"))
    driver = PyTablesDriver.open(path, "r+")
    array, folder = driver.child_names("/")
    assert driver.kind(folder := f"/{folder}") is NodeKind.GROUP
    assert driver.attribute_names(folder) == ["note\udcff"]
    assert driver.read_attribute(folder, "note\udcff") == 5
    assert [kind for _, kind in driver.iter_children(folder)] == [NodeKind.GROUP]
    assert driver.kind(f"/{array}") is NodeKind.UNREADABLE
    assert "its name is not UTF-8" in driver.problem(f"/{array}")
    with pytest.raises(FileFormatError, match="not UTF-8"):
        driver.read(f"/{array}")
    with pytest.raises(NodeError, match="there is no node"):
        driver.raw(f"/{array}")
    driver.move(f"/{array}", "/good")
    assert driver.read("/good").tolist() == [0, 0]
    driver.close()


# Links and types of others


def test_links(path: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["array"] = np.arange(4.0)
    with h5py.File(path, "w") as raw:
        raw["real/array"] = np.arange(3.0)
        raw["soft"] = h5py.SoftLink("/real/array")
        raw["softgroup"] = h5py.SoftLink("/real")
        raw["external"] = h5py.ExternalLink("other.h5", "/array")
        raw["dangling"] = h5py.SoftLink("/nowhere")
        raw["loop"] = h5py.SoftLink("/loop")
        raw["lost"] = h5py.ExternalLink("missing.h5", "/array")
    driver = PyTablesDriver.open(path, "r+")
    assert driver.read("/soft").tolist() == [0, 1, 2]
    assert driver.read("/softgroup/array").tolist() == [0, 1, 2]
    assert driver.read("/external").tolist() == [0, 1, 2, 3]
    assert driver.identity("/soft") == driver.identity("/real/array")
    assert driver.identity("/external") != driver.identity("/real/array")
    assert driver.problem("/dangling") == "it is a link to '/nowhere', where nothing is"
    assert driver.problem("/loop") == "it is a link to '/loop', where nothing is"
    assert (
        driver.problem("/lost")
        == "it is a link to 'missing.h5:/array', in another file, which cannot be followed"
    )
    for name in ("/dangling", "/loop", "/lost"):
        assert driver.kind(name) is NodeKind.UNREADABLE
        assert isinstance(driver.raw(name), tables.link.Link)
        with pytest.raises(NodeError, match="there is no node"):
            driver.attribute_names(name)
    driver.delete("/soft")
    driver.delete("/dangling")
    assert driver.read("/real/array").tolist() == [0, 1, 2]
    driver.close()


PROBLEMS: dict[str, tuple[dict[str, Any], str]] = {
    "references": ({"shape": (1,), "dtype": h5py.ref_dtype}, "references to other nodes"),
    "opaque": ({"data": np.array([b"12"], "V2")}, "bytes of unknown meaning"),
    "arrays": ({"shape": (2,), "dtype": "(3,)f4"}, "each of its values is an array"),
    "rows of text": ({"shape": (1,), "dtype": h5py.vlen_dtype(h5py.string_dtype())}, "varying length"),
    "rows of records": (
        {"shape": (1,), "dtype": h5py.vlen_dtype(np.dtype([("x", "i4")]))},
        "more than numbers",
    ),
    "rows in a grid": ({"shape": (2, 2), "dtype": h5py.vlen_dtype("i4")}, "lie in 2 dimensions"),
    "text in records": (
        {"shape": (1,), "dtype": np.dtype([("x", h5py.string_dtype())])},
        "varying length",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_types_that_cannot_be_shown(path: Path, name: str) -> None:
    options, problem = PROBLEMS[name]
    with h5py.File(path, "w") as raw:
        raw.create_dataset("node", **options).attrs["units"] = "nm"
    driver = PyTablesDriver.open(path, "r+")
    assert driver.kind("/node") is NodeKind.UNREADABLE
    assert problem in driver.problem("/node")
    assert driver.read_attribute("/node", "units") == "nm"
    assert isinstance(driver.raw("/node"), tables.UnImplemented)
    driver.copy("/node", "/twin")
    driver.close()
    with h5py.File(path) as raw:
        assert raw["twin"].dtype == raw["node"].dtype
        assert raw["twin"].attrs["units"] == "nm"


def test_type_without_data(path: Path) -> None:
    with h5py.File(path, "w") as raw:
        raw["kind"] = np.dtype("f8")
        raw["kind"].attrs["units"] = "nm"
    driver = PyTablesDriver.open(path, "r")
    assert driver.kind("/kind") is NodeKind.UNREADABLE
    assert driver.problem("/kind") == "it is a type without data"
    assert driver.read_attribute("/kind", "units") == "nm"
    driver.close()


# Copies into another file


def test_copy_to_another_file(driver: PyTablesDriver, tmp_path: Path) -> None:
    driver.create_group("/group")
    driver.create_array("/group/array", ArraySpec((3,), FLOATS), np.arange(3.0))
    driver.link("/group/array", "/group/second")
    driver.write_attributes("/group", {"title": "é" * 100_000, "numbers": np.arange(3)})
    target = PyTablesDriver.open(tmp_path / "target.h5", "w")
    driver.copy_to("/group", target, "/copied")
    assert target.identity("/copied/array") == target.identity("/copied/second")
    assert target.read_attribute("/copied", "title") == "é" * 100_000
    target.close()


def test_copy_to_a_closed_file(driver: PyTablesDriver, tmp_path: Path) -> None:
    target = PyTablesDriver.open(tmp_path / "target.h5", "w")
    target.close()
    with pytest.raises(FileClosedError, match="is closed"):
        driver.copy_to("/", target, "/")


def test_copy_of_the_whole_file(driver: PyTablesDriver, tmp_path: Path) -> None:
    driver.create_group("/group")
    driver.create_array("/group/array", ArraySpec((3,), FLOATS), np.arange(3.0))
    driver.link("/group/array", "/second")
    driver.link("/", "/group/up")
    driver.write_attributes(
        "/", {"text": "é" * 100_000, "texts": np.array(["a", "é"], object), "one": np.int8(1)}
    )
    target_path = tmp_path / "target.h5"
    target = PyTablesDriver.open(target_path, "w")
    driver.copy_to("/", target, "/")
    assert target.child_names("/") == ["group", "second"]
    assert target.identity("/group/array") == target.identity("/second")
    assert target.kind("/group/up/group/up") is NodeKind.GROUP
    assert target.attribute_names("/") == ["one", "text", "texts"]
    assert target.read_attribute("/", "text") == "é" * 100_000
    assert np.asarray(target.read_attribute("/", "texts")).tolist() == ["a", "é"]
    target.close()
    with h5py.File(target_path) as raw:
        assert raw.attrs["one"] == 1
        assert raw["second"][...].tolist() == [0, 1, 2]


# Attributes


def test_attributes_that_pytables_reads(driver: PyTablesDriver, path: Path) -> None:
    driver.write_attributes(
        "/",
        {
            "text": "é",
            "empty": "",
            "long": "x" * 1_000_000,
            "float": np.float64(1.5),
            "bool": np.bool_(True),
            "complex": np.complex64(1j),
            "half": np.float16(0.5),
            "array": np.arange(6).reshape(2, 3),
            "a b": "name",
        },
    )
    driver.close()
    with tables.open_file(str(path)) as raw:
        found = raw.root._v_attrs
        assert found.text == "é"
        assert found.empty == ""
        assert len(found.long) == 1_000_000
        assert found.float == 1.5
        assert found.bool.dtype == bool
        assert found.complex == 1j
        assert found.half == np.float16(0.5)
        assert found.array.tolist() == [[0, 1, 2], [3, 4, 5]]
        assert found["a b"] == "name"


def test_attributes_that_pytables_wrote(path: Path) -> None:
    values: dict[str, Any] = {
        "text": "é",
        "empty": "",
        "bytes": b"abc",
        "int": 3,
        "float": 1.5,
        "bool": True,
        "complex": 1j,
        "array": np.arange(3, dtype=">i4"),
        "bytes array": np.array([b"a", b"bc"]),
    }
    with tables.open_file(str(path), "w", title="A title") as raw:
        for name, value in values.items():
            raw.root._v_attrs._g__setattr(name, value)
    driver = PyTablesDriver.open(path, "r")
    read = {name: driver.read_attribute("/", name) for name in driver.attribute_names("/")}
    assert read["TITLE"] == "A title"
    assert read["text"] == "é"
    assert read["empty"] == ""
    assert read["bytes"] == "abc"
    assert read["bool"] == np.True_
    assert read["complex"] == 1j
    assert np.asarray(read["array"]).tolist() == [0, 1, 2]
    assert np.asarray(read["bytes array"]).tolist() == [b"a", b"bc"]
    driver.close()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros(9000), "72000 bytes are too many"),
        (np.array([1, "a"], object), "cannot be kept as text"),
        ("a\0b", "cannot be kept as text"),
        ("\ud800", "cannot be kept as text"),
        (np.datetime64("2024-01-01"), "datetime64.* values cannot be kept"),
        (b"ab\0", "zeros at the end"),
    ],
    ids=["too many numbers", "objects", "NUL", "surrogate", "date", "zeros"],
)
def test_attributes_that_cannot_be_kept(driver: PyTablesDriver, value: Any, message: str) -> None:
    driver.write_attributes("/", {"name": "before"})
    with pytest.raises(AttributeValueError, match=message):
        driver.write_attributes("/", {"first": "x", "name": value})
    assert driver.attribute_names("/") == ["name"]
    assert driver.read_attribute("/", "name") == "before"


def test_header_that_is_full_is_told(driver: PyTablesDriver) -> None:
    # A name counts too: beside it, the largest value has no room.
    name = "n" * 5_000
    driver.write_attributes("/", {name: np.arange(3)})
    with pytest.raises(OSError, match="write attributes in .* failed: object header message is too large"):
        driver.write_attributes("/", {name: np.zeros(8_100)})
    assert np.asarray(driver.read_attribute("/", name)).tolist() == [0, 1, 2]
    assert driver.attribute_names("/") == [name]


def test_attributes_without_a_python_value(path: Path) -> None:
    with h5py.File(path, "w") as raw:
        raw.attrs["reference"] = raw.ref
        raw.attrs["record"] = np.array((1, 2.0), [("x", "i4"), ("y", "f8")])
        raw.attrs.create("rows", np.array([np.arange(2), np.arange(3)], object), dtype=h5py.vlen_dtype("i4"))
        raw.attrs["opaque"] = np.void(b"\x01\x02")
    driver = PyTablesDriver.open(path, "r")
    for name in driver.attribute_names("/"):
        with pytest.raises(
            UndecodableError, match=f"attribute '{name}' of '/' in .* cannot be read: it holds"
        ):
            driver.read_attribute("/", name)
    driver.close()


def test_writers_leave_nodes_of_pytables_alone(driver: PyTablesDriver) -> None:
    driver.create_array("/array", ArraySpec((3,), FLOATS))
    array = driver.raw("/array")
    driver.writer("/array").write((0,), np.array(1.0))
    gc.collect()
    assert array[0] == 1.0
    assert driver.raw("/array") is array


def test_writers_let_go_of_their_arrays(driver: PyTablesDriver) -> None:
    driver.create_array("/array", ArraySpec((3,), FLOATS))
    for number in range(3):
        driver.writer("/array").write((number,), np.array(1.0))
    kept = driver.writer("/array")
    gc.collect()
    assert len(driver.handle._taken) == 1
    kept.write((0,), np.array(2.0))
    assert driver.read("/array").tolist() == [2, 1, 1]


def test_nothing_is_left_of_closed_nodes(driver: PyTablesDriver) -> None:
    driver.create_array("/array", ArraySpec((3,), FLOATS), np.ones(3))
    for _ in range(20):
        driver.read("/array")
    gc.collect()
    assert [path for path in driver.handle._node_manager.registry if path != "/"] == []
