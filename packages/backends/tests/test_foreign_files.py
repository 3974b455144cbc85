"""Files of other programs: each opens, what can be read is, what cannot says why, and no byte changes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from h5py import h5d, h5s, h5t

from h5modules.backends import (
    CARRAY,
    EARRAY,
    GROUP,
    VLARRAY,
    AttributeWarning,
    FileFormatError,
    H5Backend,
    Node,
    NodeError,
    UnreadableNode,
    UnsupportedError,
    backends_available,
)

LIBRARIES = [name for name in ("h5py", "tables") if name in backends_available]
MANY = 10_000


def _make(raw: h5py.File) -> None:
    """Write what h5py can, without a `CLASS` anywhere."""
    raw["ints"] = np.arange(6, dtype=">i2").reshape(2, 3)
    raw["flags"] = np.array([True, False])
    raw["complex"] = np.array([1j, 2])
    raw["number"] = 3.5
    raw["bytes"] = np.array([b"a", b"bcd"])
    raw["texts"] = np.array(["a", "é", ""], h5py.string_dtype())
    raw["text"] = "é"
    raw["no utf-8"] = np.array([b"a", b"\xff"], h5py.string_dtype())
    raw["enum"] = np.array([1, 2], h5py.enum_dtype({"one": 1, "two": 2}, "i4"))
    raw["null"] = h5py.Empty("f8")
    raw["records"] = np.array([(1, 2.5, b"x")], [("a", "i4"), ("b", "f8"), ("c", "S3")])
    raw.create_dataset("grows", data=np.arange(4.0), maxshape=(None,), chunks=(2,))
    raw.create_dataset("grows aside", data=np.ones((2, 3)), maxshape=(2, None), chunks=(2, 2))
    rows = raw.create_dataset("rows", shape=(2,), dtype=h5py.vlen_dtype("f4"))
    rows[0] = [1, 2, 3]
    swapped = raw.create_dataset("swapped rows", shape=(1,), dtype=h5py.vlen_dtype(np.dtype(">i4")))
    swapped[0] = np.array([1, 2, 3], ">i4")
    raw["group/linked"] = raw["ints"]
    raw["soft"] = h5py.SoftLink("/ints")


def _make_unreadable(raw: h5py.File) -> None:
    raw["broken"] = h5py.SoftLink("/nothing")
    raw["circle"] = h5py.SoftLink("/circle")
    raw["away"] = h5py.ExternalLink("nowhere.h5", "/data")
    raw["type"] = np.dtype("f8")
    raw["references"] = np.array([raw.ref], h5py.ref_dtype)
    raw["regions"] = np.array([raw["ints"].regionref[:]], h5py.regionref_dtype)
    raw["opaque"] = np.zeros(2, "V5")
    raw["arrays"] = np.zeros(2)
    del raw["arrays"]
    raw.create_dataset("arrays", (2,), np.dtype("(3,)f4"))
    raw.create_dataset("rows of texts", (1,), h5py.vlen_dtype(h5py.string_dtype()))
    raw.create_dataset("rows of rows", (1,), h5py.vlen_dtype(h5py.vlen_dtype("f4")))
    raw.create_dataset("rows in 2D", (1, 2), h5py.vlen_dtype("f4"))
    raw.create_dataset("records with text", (1,), [("a", "i4"), ("b", h5py.string_dtype())])
    space = h5s.create_simple((2,))
    h5d.create(raw.id, b"wide bits", h5t.NATIVE_B16, space)
    h5d.create(raw.id, b"times", h5t.UNIX_D32LE, space)


UNREADABLE = {
    "broken": "link to '/nothing'",
    "circle": "link to '/circle'",
    "away": "'/data' in the file 'nowhere.h5'",
    "type": "type without data",
    "references": "references",
    "regions": "references",
    "opaque": "opaque",
    "arrays": "is an array",
    "rows of texts": "rows hold more than numbers",
    "rows of rows": "rows hold more than numbers",
    "rows in 2D": "lie in 2 dimensions",
    "records with text": "variable length",
    "wide bits": "fields of 16 bits",
    "times": "",
}

VALUES: dict[str, tuple[type[Node], Any]] = {
    "ints": (CARRAY, np.arange(6, dtype="i2").reshape(2, 3)),
    "flags": (CARRAY, np.array([True, False])),
    "complex": (CARRAY, np.array([1j, 2])),
    "number": (CARRAY, np.array(3.5)),
    "bytes": (CARRAY, np.array([b"a", b"bcd"])),
    "texts": (CARRAY, np.array(["a", "é", ""], object)),
    "text": (CARRAY, np.array("é", object)),
    "no utf-8": (CARRAY, np.array(["a", b"\xff"], object)),
    "enum": (CARRAY, np.array([1, 2], "i4")),
    "null": (CARRAY, np.empty(0)),
    "records": (CARRAY, np.array([(1, 2.5, b"x")], [("a", "i4"), ("b", "f8"), ("c", "S3")])),
    "grows": (EARRAY, np.arange(4.0)),
    "grows aside": (CARRAY, np.ones((2, 3))),
    "soft": (CARRAY, np.arange(6, dtype="i2").reshape(2, 3)),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "foreign.h5"


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def foreign(path: Path, library: str) -> Iterator[H5Backend]:
    """Open a file of somebody else; check that it was not changed."""
    with h5py.File(path, "w") as raw:
        _make(raw)
        _make_unreadable(raw)
    before = path.read_bytes()
    with H5Backend.open(path, "r", library) as file:
        yield file
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", VALUES)
def test_values_are_read(foreign: H5Backend, name: str) -> None:
    kind, expected = VALUES[name]
    node = foreign.get_node(f"/{name}")
    assert type(node) is kind
    assert isinstance(node, CARRAY)
    values = node.read()
    assert values.dtype.newbyteorder("=") == expected.dtype
    assert values.shape == node.shape == expected.shape
    assert np.array_equal(values, expected)
    assert node.attrs.to_dict() == {}
    assert node.title == ""


def test_rows_are_read(foreign: H5Backend) -> None:
    rows = foreign.get_node("/rows")
    assert type(rows) is VLARRAY
    assert [row.tolist() for row in rows.read()] == [[1, 2, 3], []]
    swapped = foreign.get_node("/swapped rows")
    assert isinstance(swapped, VLARRAY)
    assert swapped[0].tolist() == [1, 2, 3]


def test_group_is_read(foreign: H5Backend) -> None:
    assert type(foreign.get_node("/group")) is GROUP
    assert foreign.driver.identity("/group/linked") == foreign.driver.identity("/ints")


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_shown_says_why(foreign: H5Backend, name: str) -> None:
    node = foreign.get_node(f"/{name}")
    assert type(node) is UnreadableNode
    assert node.reason
    if foreign.backend == "h5py":
        assert UNREADABLE[name] in node.reason
    assert node.reason in repr(node)
    with pytest.raises((FileFormatError, NodeError), match=name):
        foreign.driver.read(f"/{name}")
    with pytest.raises((FileFormatError, NodeError), match=name):
        foreign.driver.array_info(f"/{name}")


def test_everything_is_walked(foreign: H5Backend) -> None:
    found = {node.path: node for node in foreign.walk_nodes()}
    expected = {"/", "/group", "/group/linked", "/rows", "/swapped rows"}
    assert set(found) == expected | {f"/{name}" for name in (*VALUES, *UNREADABLE)}
    assert {path for path, node in found.items() if isinstance(node, UnreadableNode)} == {
        f"/{name}" for name in UNREADABLE
    }
    assert all(repr(node) for node in found.values())


def test_foreign_attributes(path: Path, library: str) -> None:
    with h5py.File(path, "w") as raw:
        raw.attrs["text"] = "é"
        raw.attrs["fixed text"] = np.bytes_("é".encode())
        raw.attrs["no utf-8"] = np.bytes_(b"\xff")
        raw.attrs["number"] = np.int16(3)
        raw.attrs["flag"] = True
        raw.attrs["complex"] = 1j
        raw.attrs["texts"] = np.array(["a", "é"], h5py.string_dtype())
        raw.attrs["numbers"] = np.arange(3, dtype=">i4")
        raw.attrs["null text"] = h5py.Empty("S1")
        raw.attrs["enum"] = np.array(1, h5py.enum_dtype({"one": 1}, "i4"))
        raw.attrs["reference"] = raw.ref
        raw.attrs["record"] = np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")])
    with H5Backend.open(path, "r", library) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", AttributeWarning)
        found = file.root().attrs.to_dict()
    assert found.pop("texts").tolist() == ["a", "é"]
    assert found.pop("numbers").tolist() == [0, 1, 2]
    assert found == {
        "text": "é",
        "fixed text": "é",
        "no utf-8": b"\xff",
        "number": 3,
        "flag": True,
        "complex": 1j,
        "null text": "",
        "enum": 1,
    }
    assert type(found["number"]) is np.int16
    assert type(found["flag"]) is np.bool_


def test_names_that_are_not_utf8(path: Path, library: str) -> None:
    with h5py.File(path, "w") as raw:
        raw.create_group(b"caf\xe9")
        raw[b"caf\xe9"].create_dataset(b"\xff", data=[1, 2])
        raw.create_group("café")
    with H5Backend.open(path, "r", library) as file:
        names = file.root().children_name()
        assert len(names) == 2
        assert all(isinstance(file.get_node("/", name), GROUP) for name in names)
        (inner,) = (node for node in file.walk_nodes() if not isinstance(node, GROUP))
        if isinstance(inner, CARRAY):
            assert inner.read().tolist() == [1, 2]
        else:  # PyTables finds nothing by such a name
            assert isinstance(inner, UnreadableNode)
            assert inner.reason


def test_external_link_is_followed(path: Path, tmp_path: Path, library: str) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as raw:
        raw["data"] = [1, 2]
    with h5py.File(path, "w") as raw:
        raw["link"] = h5py.ExternalLink("other.h5", "/data")
    with H5Backend.open(path, "r", library) as file:
        node = file.get_node("/link")
        assert isinstance(node, CARRAY)
        assert node.read().tolist() == [1, 2]


def test_links_that_lead_back(path: Path, library: str) -> None:
    with h5py.File(path, "w") as raw:
        raw["a/b"] = [1]
        raw["a/up"] = raw["a"]
        raw["root"] = raw["/"]
    with H5Backend.open(path, "r", library) as file:
        assert [node.path for node in file.walk_nodes("/a")] == ["/a", "/a/b", "/a/up"]
        assert "/root" in [node.path for node in file.walk_nodes()]


@pytest.mark.parametrize("library", LIBRARIES)
def test_large_group(path: Path, library: str) -> None:
    with h5py.File(path, "w") as raw:
        for number in range(MANY):
            raw.create_group(f"node{number:05}")
    with H5Backend.open(path, "r", library) as file:
        assert len(file.root().children_name()) == MANY
        assert file.get_node("/node05000").path == "/node05000"
        assert next(iter(file.root().iter_children()))[0] == "node00000"
        assert sum(1 for _ in file.walk_nodes()) == MANY + 1


def test_unknown_filter_names_itself_and_the_remedy(path: Path, library: str) -> None:
    with h5py.File(path, "w") as raw:
        raw.create_dataset("data", data=np.zeros(1000), chunks=(100,), compression="lzf")
    content = path.read_bytes()
    # The number of a filter that nobody has, in place of lzf's: as a file packed elsewhere comes in.
    assert content.count((32000).to_bytes(2, "little")) == 1
    path.write_bytes(content.replace((32000).to_bytes(2, "little"), (399).to_bytes(2, "little")))
    with H5Backend.open(path, "r", library) as file:
        node = file.get_node("/data")
        assert isinstance(node, UnreadableNode)
        assert "399" in node.reason
        assert 'pip install "h5modules-backends[filters]"' in node.reason
        with pytest.raises(FileFormatError, match="399"):
            file.driver.read("/data")


def test_foreign_file_can_be_changed(path: Path, library: str) -> None:
    with h5py.File(path, "w") as raw:
        _make(raw)
    with H5Backend.open(path, "a", library) as file:
        array = file.get_node("/ints")
        assert isinstance(array, CARRAY)
        array[0, 0] = 7
        grows = file.get_node("/grows")
        assert isinstance(grows, EARRAY)
        grows.append(np.ones(2))
        file.set_attr("/number", "units", "nm")
        for name in ("texts", "rows"):
            with pytest.raises(UnsupportedError, match=name):
                file.driver.write(f"/{name}", 0, 1)
    with h5py.File(path) as raw:
        assert raw["ints"][0, 0] == 7
        assert raw["grows"][...].tolist() == [0, 1, 2, 3, 1, 1]
        assert raw["number"].attrs["units"] == "nm"
        assert "CLASS" not in raw["ints"].attrs
        assert "CLASS" not in raw.attrs
