"""What is particular to domains of a server: few requests, large values, odd names, h5pyd's own objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import h5pyd
import numpy as np
import pytest

from h5modules.backends import (
    ArraySpec,
    Compression,
    FileError,
    H5Backend,
    NodeError,
    NodeKind,
    UndecodableError,
    UnsupportedError,
    _h5pyd_values,
)
from h5modules.backends._h5pyd import H5pydDriver
from h5modules.backends.hsds import HsdsServer

FLOATS = np.dtype(float)


@pytest.fixture
def opened(hsds_server: HsdsServer, hsds_domain: str) -> Iterator[Callable[[str], H5pydDriver]]:
    files = []

    def open_domain(mode: str) -> H5pydDriver:
        files.append(H5pydDriver.open(hsds_domain, mode, **hsds_server.options))
        return files[-1]

    yield open_domain
    for file in files:
        file.close()


@pytest.fixture
def file(opened: Callable[[str], H5pydDriver]) -> H5pydDriver:
    return opened("w")


def requests(file: H5pydDriver, doing: Callable[[], Any]) -> int:
    """Return how many requests something takes."""
    before = file.requests
    doing()
    return file.requests - before


# Requests


def test_a_point_is_one_request(file: H5pydDriver) -> None:
    for path, shape in (("/number", (50,)), ("/image", (50, 64, 64))):
        file.create_array(path, ArraySpec(shape, FLOATS))
        writer = file.writer(path)
        values = np.ones(shape[1:])

        def write(writer: Any = writer, values: Any = values) -> None:
            for number in range(10):
                writer.write((number,), values)

        assert requests(file, write) == 10


def test_rows_are_one_request(file: H5pydDriver) -> None:
    file.create_array("/rows", ArraySpec((0, 8), FLOATS, enlargeable=True))
    file.create_ragged("/texts", "u1")
    assert requests(file, lambda: file.append("/rows", np.ones((100, 8)))) == 1
    assert requests(file, lambda: file.append("/texts", np.arange(9, dtype="u1"))) == 1
    # The length is asked for each time: another program may have appended.
    assert requests(file, lambda: file.read("/rows")) == 2
    assert requests(file, lambda: file.read("/texts")) == 2


def test_making_is_few_requests(file: H5pydDriver) -> None:
    assert requests(file, lambda: file.create_group("/group")) == 1
    assert requests(file, lambda: file.create_array("/group/small", ArraySpec((9,), FLOATS), np.ones(9))) == 1
    assert requests(file, lambda: file.create_array("/group/empty", ArraySpec((9,), FLOATS))) == 1
    large = np.ones(5000)
    # Its place is looked up, twice; it is made, written, and then linked.
    assert requests(file, lambda: file.create_array("/group/large", ArraySpec((5000,), FLOATS), large)) <= 6
    attributes = {f"name{number}": np.float64(number) for number in range(50)}
    assert requests(file, lambda: file.write_attributes("/group", attributes)) == 1


def test_reading_is_few_requests(file: H5pydDriver, opened: Callable[[str], H5pydDriver]) -> None:
    file.create_group("/a")
    file.create_group("/a/b")
    file.create_group("/a/b/c")
    file.create_array("/a/b/c/array", ArraySpec((9,), FLOATS), np.ones(9))
    file.write_attributes("/a/b/c/array", {"units": "nm", "label": "x", "size": np.float64(3)})
    other = opened("r")
    assert requests(other, lambda: other.kind("/a/b/c/array")) == 2
    assert requests(other, lambda: other.kind("/a/b/c/array")) == 0
    assert requests(other, lambda: other.read("/a/b/c/array")) == 1
    assert (
        requests(other, lambda: [other.read_attribute("/a/b/c/array", name) for name in ("units", "label")])
        == 1
    )


def test_children_come_in_batches(file: H5pydDriver, opened: Callable[[str], H5pydDriver]) -> None:
    for number in range(60):
        file.create_array(f"/array{number:02}", ArraySpec((2,), FLOATS))
        file.write_attributes(f"/array{number:02}", {"TITLE": f"title {number}"})
    other = opened("r")
    kinds = dict(other.iter_children("/"))
    assert list(kinds) == [f"array{number:02}" for number in range(60)]
    assert set(kinds.values()) == {NodeKind.CARRAY}
    # The links of the group, and two batches, where one by one it would be 61; and attributes came along.
    assert other.requests <= 5
    assert requests(other, lambda: other.read_attribute("/array59", "TITLE")) == 0


# Values


def test_values_of_many_requests(file: H5pydDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_h5pyd_values, "BLOCK_BYTES", 200)
    values = np.arange(2 * 7 * 30.0).reshape(2, 7, 30)
    file.create_array("/array", ArraySpec(values.shape, FLOATS), values)
    assert np.array_equal(file.read("/array"), values)
    assert np.array_equal(
        file.read("/array", (slice(None), slice(1, 6, 2), slice(28, 3, -5))), values[:, 1:6:2, 28:3:-5]
    )
    assert np.array_equal(file.read("/array", (1, [5, 0, 5])), values[1, [5, 0, 5]])
    file.write("/array", (slice(None), slice(None, None, 3)), 0.0)
    values[:, ::3] = 0
    file.writer("/array").write((1,), values[0])
    values[1] = values[0]
    assert np.array_equal(file.read("/array"), values)
    file.create_array("/rows", ArraySpec((0, 30), FLOATS, enlargeable=True))
    file.append("/rows", values[0])
    assert np.array_equal(file.read("/rows"), values[0])


def test_array_gets_its_name_with_its_values(file: H5pydDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise FileError("the line broke")

    monkeypatch.setattr(_h5pyd_values.Values, "put", fail)
    with pytest.raises(FileError, match="the line broke"):
        file.create_array("/array", ArraySpec((5000,), FLOATS), np.ones(5000))
    assert file.kind("/array") is None


def test_row_that_is_too_long_is_refused(file: H5pydDriver) -> None:
    file.create_ragged("/rows", "u1")
    file.append("/rows", np.zeros(1_000_000, "u1"))
    with pytest.raises(UnsupportedError, match=r"1000001 bytes is too long for the server"):
        file.append("/rows", np.zeros(1_000_001, "u1"))
    assert [len(row) for row in file.read("/rows")] == [1_000_000]


@pytest.mark.parametrize("dtype", ["?", "f4", ">i2", "c8", "S3"])
def test_rows_of_every_kind(file: H5pydDriver, dtype: str) -> None:
    file.create_ragged("/rows", dtype, Compression("gzip", 1))
    rows = [np.zeros(3, dtype), np.zeros(0, dtype), np.ones(2).astype(dtype)]
    for row in rows:
        file.append("/rows", row)
    found = file.read("/rows")
    assert [row.dtype for row in found] == [np.dtype(dtype)] * 3
    assert all(np.array_equal(one, other) for one, other in zip(found, rows, strict=True))


@pytest.mark.parametrize("value", [1.5, np.nan, -np.inf], ids=str)
def test_fill_values(file: H5pydDriver, value: float) -> None:
    file.create_array("/array", ArraySpec((3,), FLOATS, fill_value=value))
    file.create_array("/rows", ArraySpec((2,), FLOATS, enlargeable=True, fill_value=value))
    for path in ("/array", "/rows"):
        found = file.read(path)
        assert found.tobytes() == np.full(len(found), value).tobytes()
        assert np.array_equal(file.array_info(path).fill_value, value, equal_nan=True)


# The tree


@pytest.mark.parametrize(
    "name", ["é", "日本", "a b", "a&b=?#%", "a|b", "a\\b", "a:b;c", "...", "x" * 200, "%2F", "+"]
)
def test_odd_names(file: H5pydDriver, opened: Callable[[str], H5pydDriver], name: str) -> None:
    file.create_group(f"/{name}")
    file.create_array(f"/{name}/{name}", ArraySpec((2,), FLOATS), np.ones(2))
    file.write_attributes(f"/{name}", {name: "value", f"{name}/{name}": "slash"})
    other = opened("r")
    assert other.child_names("/") == [name]
    assert other.read(f"/{name}/{name}").tolist() == [1, 1]
    assert other.read_attribute(f"/{name}", name) == "value"
    file.delete_attribute(f"/{name}", name)
    file.delete_attribute(f"/{name}", f"{name}/{name}")
    assert file.attribute_names(f"/{name}") == ["CLASS"]
    file.move(f"/{name}/{name}", "/moved")
    file.delete(f"/{name}")
    assert file.child_names("/") == ["moved"]


def test_nothing_is_below_an_array(file: H5pydDriver) -> None:
    file.create_array("/array", ArraySpec((2,), FLOATS))
    assert file.kind("/array/below/it") is None
    with pytest.raises(NodeError, match="no group '/array'"):
        file.create_group("/array/below")


def test_links_of_others(file: H5pydDriver, opened: Callable[[str], H5pydDriver]) -> None:
    file.create_group("/group")
    file.create_array("/group/array", ArraySpec((2,), FLOATS), np.ones(2))
    raw = file.handle
    raw["soft"] = h5pyd.SoftLink("/group")
    raw["group/relative"] = h5pyd.SoftLink("array")
    raw["broken"] = h5pyd.SoftLink("/nowhere")
    raw["outside"] = h5pyd.ExternalLink("/home/other.h5", "/array")
    raw["loop"] = h5pyd.SoftLink("/loop")
    file.flush()
    for each in (file, opened("r")):
        assert each.kind("/soft") is NodeKind.GROUP
        assert each.read("/soft/array").tolist() == [1, 1]
        assert each.read("/soft/relative").tolist() == [1, 1]
        assert each.identity("/soft/array") == each.identity("/group/array")
        assert each.kind("/soft/nothing") is None
        for name, problem in (
            ("broken", "broken link to '/nowhere'"),
            ("outside", "link to another domain, '/home/other.h5'"),
            ("loop", "leads back to itself"),
        ):
            assert each.kind(f"/{name}") is NodeKind.UNREADABLE
            assert problem in each.problem(f"/{name}")
            with pytest.raises(NodeError, match=problem):
                each.attribute_names(f"/{name}")
    assert [name for name, _ in file.iter_children("/")] == ["broken", "group", "loop", "outside", "soft"]
    file.move("/soft", "/still soft")
    file.copy("/group", "/copy")
    file.delete("/broken")
    other = opened("r")
    assert other.child_names("/") == ["copy", "group", "loop", "outside", "still soft"]
    assert other.read("/still soft/array").tolist() == [1, 1]
    assert other.read("/copy/relative").tolist() == [1, 1]
    assert other.identity("/copy/relative") == other.identity("/copy/array") != other.identity("/group/array")


def test_copy_keeps_what_we_cannot_read(file: H5pydDriver) -> None:
    raw = file.handle
    raw.create_group("foreign").attrs["reference"] = raw.ref
    raw["foreign"]["texts"] = np.array(["é", ""], h5pyd.special_dtype(vlen=str))
    raw["foreign"].create_dataset("points", data=np.array([(1, 2.5)], [("n", "i4"), ("x", "f8")]))
    raw["foreign"]["type"] = np.dtype("i4")
    file.flush()
    file.write_attributes("/foreign", {"bytes": b"\xff"})
    file.copy("/foreign", "/copy")
    assert file.child_names("/copy") == ["points", "texts", "type"]
    assert file.read("/copy/texts").tolist() == ["é", ""]
    assert file.read("/copy/points").tolist() == [(1, 2.5)]
    assert file.kind("/copy/type") is NodeKind.UNREADABLE
    assert file.problem("/copy/type") == "a type without data"
    assert file.read_attribute("/copy", "bytes") == b"\xff"
    with pytest.raises(UndecodableError, match="attribute 'reference' of '/copy'"):
        file.read_attribute("/copy", "reference")


def test_copy_of_a_group_that_holds_itself(file: H5pydDriver) -> None:
    file.create_group("/group")
    file.link("/group", "/group/again")
    file.copy("/group", "/copy")
    assert file.identity("/copy") == file.identity("/copy/again/again") != file.identity("/group")


# h5pyd's own objects


def test_raw_objects_are_those_of_h5pyd(file: H5pydDriver) -> None:
    file.create_group("/group")
    file.create_array("/group/array", ArraySpec((3,), FLOATS), np.arange(3.0))
    assert isinstance(file.handle, h5pyd.File)
    assert isinstance(file.raw("/"), h5pyd.File)
    assert isinstance(file.raw("/group"), h5pyd.Group)
    assert file.raw("/group/array")[1:].tolist() == [1, 2]
    with pytest.raises(NodeError, match="no node '/nothing'"):
        file.raw("/nothing")


def test_changes_by_raw_objects_are_seen(file: H5pydDriver, opened: Callable[[str], H5pydDriver]) -> None:
    file.create_array("/array", ArraySpec((3,), FLOATS), np.zeros(3))
    raw = file.handle
    raw["array"][0] = 5.0
    raw["array"].attrs["units"] = "nm"
    raw.create_dataset("late", data=np.ones(2))
    assert file.read("/array").tolist() == [5, 0, 0]
    assert file.read_attribute("/array", "units") == "nm"
    assert file.read("/late").tolist() == [1, 1]
    raw["array"].attrs["units"] = "um"
    file.close()
    assert opened("r").read_attribute("/array", "units") == "um"


def test_raw_objects_see_our_changes(file: H5pydDriver) -> None:
    file.create_array("/rows", ArraySpec((0,), FLOATS, enlargeable=True))
    assert file.raw("/rows").shape == (0,)
    file.append("/rows", np.ones(3))
    file.write_attributes("/rows", {"units": "nm"})
    file.create_group("/late")
    assert file.raw("/rows").shape == (3,)
    assert file.raw("/rows").attrs["units"] == "nm"
    assert "late" in file.handle


def test_raw_objects_delete_at_once(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd alone forgets what is deleted before the first flush.
    file = opened("w")
    file.create_group("/group")
    file.write_attributes("/", {"note": "old"})
    file.close()
    file = opened("a")
    del file.handle["group"]
    del file.handle.attrs["note"]
    file.handle.attrs["other"] = "new"
    file.close()
    other = opened("r")
    assert other.child_names("/") == []
    assert other.attribute_names("/") == ["other"]


# Users' way


def test_backend_over_h5pyd(hsds_server: HsdsServer, hsds_domain: str) -> None:
    with H5Backend("h5pyd") as file:
        file.open_file(hsds_domain, "w", **hsds_server.options)
        group = file.add_group("Scan000", "scan", "/", metadata={"settings": "<xml/>" * 20_000})
        array = file.create_carray(group, "Data00", np.arange(6.0).reshape(2, 3), title="counts")
        array.attrs["nav_indexes"] = (0, 1)
        log = file.create_vlarray("/", "Logger", "string")
        log.append("started")
        log.append("")
    with H5Backend("h5pyd") as file:
        file.open_file(hsds_domain, "r", **hsds_server.options)
        assert file.get_node("/Scan000/Data00").attrs["nav_indexes"] == (0, 1)
        assert file.get_node("/Scan000/Data00")[1, ::2].tolist() == [3, 5]
        assert file.get_node("/Logger").read() == ["started", ""]
        assert len(file.get_node("/Scan000").attrs["settings"]) == 120_000
        assert [node.path for node in file.walk_nodes()] == ["/", "/Logger", "/Scan000", "/Scan000/Data00"]
