"""Each library reads what each other wrote: values, dtypes, attributes, order; and copies it."""

from __future__ import annotations

import datetime
import itertools
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings

from h5modules.backends import (
    CARRAY,
    EARRAY,
    GROUP,
    VLARRAY,
    ArraySpec,
    AttributeValueError,
    AttributeWarning,
    Compression,
    FileAccessError,
    H5Backend,
    NodeExistsError,
    StringARRAY,
    UnsupportedError,
    backends_available,
    get_driver,
)
from h5modules.backends._codec import same
from h5modules.backends._copying import copy_tree
from h5modules.backends.testing import assert_same_values, dtypes_for, sample, trees
from h5modules.backends.testing._copies import build, check_same_tree

LOCAL = [name for name in ("h5py", "tables") if name in backends_available]
ALL = [*LOCAL, "memory"]

ATTRIBUTES: dict[str, Any] = {
    "text": "µm",
    "empty": "",
    "number as text": "1",
    "int": 3,
    "float": 0.5,
    "nan": float("nan"),
    "bool": True,
    "none": None,
    "complex": 1 - 2j,
    "tuple": (1, "a", None),
    "list": [1.5, [2]],
    "date": datetime.date(2020, 1, 2),
    "bytes": b"\xff\0",
    "array": np.arange(6.0).reshape(2, 3),
    "big-endian": np.arange(3, dtype=">i4"),
    "flags": np.array([True, False]),
    "texts": np.array(["nm", "é", ""]),
    "scalar": np.float32(0.5),
    "flag": np.bool_(True),
    "complex scalar": np.complex64(2j),
    "xml": "<a>" + "é" * 20_000 + "</a>",
}


def write(path: Path, library: str) -> None:
    with H5Backend.open(path, "w", library) as file:
        group = file.get_set_group("/", "Group", title="A group")
        group.attrs.write(ATTRIBUTES)
        for number, dtype in enumerate(dtypes_for(get_driver(library).abilities)):
            array = file.create_carray(group, f"Data{number:02}", sample(dtype, (2, 3)), title=str(dtype))
            array.attrs.write(ATTRIBUTES)
        for number, shape in enumerate([(), (0,), (1,), (2, 0, 3)]):
            file.create_carray("/", f"Shape{number}", np.ones(shape))
        file.define_compression("gzip", 4)
        file.create_carray("/", "Packed", np.arange(1000.0).reshape(100, 10))
        growing = file.create_earray("/", "Growing", "c16", (2,))
        growing.append(np.ones((3, 2), "c16"))
        rows = file.create_vlarray("/", "Rows", "f4")
        rows.append(np.arange(3, dtype="f4"))
        rows.append(np.arange(0, dtype="f4"))
        texts = file.create_vlarray("/", "Logger", "string")
        texts.append("é")
        file.link_node("/Packed", group, "Linked")
        file.create_array("/", "Filled", ArraySpec((2,), np.dtype("f8"), chunks=(1,), fill_value=np.nan))


@pytest.mark.parametrize("mode", ["r", "a"])
@pytest.mark.parametrize(("writer", "reader"), list(itertools.product(LOCAL, LOCAL)))
def test_each_reads_what_each_wrote(tmp_path: Path, writer: str, reader: str, mode: Any) -> None:
    path = tmp_path / "file.h5"
    write(path, writer)
    before = path.read_bytes()
    with H5Backend.open(path, mode, reader) as file:
        group = file.get_node("/Group")
        assert isinstance(group, GROUP)
        assert group.title == "A group"
        for name, value in ATTRIBUTES.items():
            assert same(group.attrs[name], value), name
        for number, dtype in enumerate(dtypes_for(get_driver(writer).abilities)):
            array = group.get_child(f"Data{number:02}")
            assert type(array) is CARRAY
            assert array.title == str(dtype)
            assert_same_values(array.read(), sample(dtype, (2, 3)))
            assert array.attrs["shape"] == (2, 3)
        for number, shape in enumerate([(), (0,), (1,), (2, 0, 3)]):
            assert_same_values(file.read(f"/Shape{number}"), np.ones(shape))
        packed = file.get_node("/Packed")
        assert isinstance(packed, CARRAY)
        assert packed.info.compression == Compression("gzip", 4)
        assert_same_values(packed.read(), np.arange(1000.0).reshape(100, 10))
        assert file.driver.identity("/Packed") == file.driver.identity("/Group/Linked")
        growing, rows, texts = (file.get_node(f"/{name}") for name in ("Growing", "Rows", "Logger"))
        assert isinstance(growing, EARRAY)
        assert_same_values(growing.read(), np.ones((3, 2), "c16"))
        assert growing.attrs["shape"] == (3, 2)
        assert type(rows) is VLARRAY
        assert [row.tolist() for row in rows.read()] == [[0, 1, 2], []]
        assert isinstance(texts, StringARRAY)
        assert texts.read() == ["é"]
        assert_same_values(file.read("/Filled"), np.full(2, np.nan))
    if mode == "r":
        assert path.read_bytes() == before


@pytest.mark.parametrize(("writer", "reader"), list(itertools.product(LOCAL, LOCAL)))
def test_attributes_are_listed_alike(tmp_path: Path, writer: str, reader: str) -> None:
    path = tmp_path / "file.h5"
    write(path, writer)
    with H5Backend.open(path, "r", writer) as one:
        names = {node.path: node.attrs.attrs_name for node in one.walk_nodes()}
    with H5Backend.open(path, "r", reader) as other:
        assert {node.path: node.attrs.attrs_name for node in other.walk_nodes()} == names


@pytest.mark.parametrize(("writer", "reader"), list(itertools.permutations(LOCAL, 2)))
def test_each_goes_on_with_the_file_of_the_other(tmp_path: Path, writer: str, reader: str) -> None:
    path = tmp_path / "file.h5"
    write(path, writer)
    with H5Backend.open(path, "a", reader) as file:
        for name, values in (("Growing", np.zeros((1, 2), "c16")), ("Rows", np.ones(2, "f4"))):
            array = file.get_node(f"/{name}")
            assert isinstance(array, EARRAY)
            array.append(values)
        texts = file.get_node("/Logger")
        assert isinstance(texts, StringARRAY)
        texts.append("more")
        file.set_attr("/Group", "text", (1, 2))
        flags = next(node for node in file.get_children("/Group").values() if node.title == "bool")
        assert isinstance(flags, CARRAY)
        flags[0, 1] = True
        flags.writer().write((1,), np.array([True, True, True]))
        file.get_set_group("/", "New").attrs["bool"] = True
        file.remove_node("/Packed")
    with H5Backend.open(path, "r", writer) as file:
        assert file.get_node("/Growing").attrs["shape"] == (4, 2)
        assert len(file.read("/Rows")) == 3
        assert file.read("/Logger") == ["é", "more"]
        assert file.get_attr("/Group", "text") == (1, 2)
        assert file.get_attr("/New", "bool") is True
        assert file.read(flags.path).tolist() == [[True, True, False], [True, True, True]]
        assert not file.is_node_in_group("/", "Packed")
        assert len(file.read("/Group/Linked")) == 100


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(ALL, 2)))
def test_copies_between_libraries(tmp_path: Path, one: str, other: str) -> None:
    with (
        H5Backend.open(tmp_path / "one.h5", "w", one) as source,
        H5Backend.open(tmp_path / "other.h5", "w", other) as target,
    ):
        group = source.get_set_group("/", "Group", title="A group")
        group.attrs.write(ATTRIBUTES)
        source.define_compression("gzip", 6)
        source.create_carray(group, "Packed", np.arange(1000.0).reshape(100, 10))
        source.create_array(
            group,
            "Chunks",
            ArraySpec((10, 2), np.dtype("i4"), chunks=(5, 1), checksum=True),
            values=np.ones((10, 2), "i4"),
        )
        source.create_vlarray(group, "Logger", "string").append("é")
        source.create_earray(group, "Growing", "?").append(np.array([True, False]))
        source.link_node("/Group/Packed", group, "Again")
        source.link_node("/Group", group, "Up")
        copied = source.copy_to(target, group, "/", "Copied")
        for name, value in ATTRIBUTES.items():
            assert same(copied.attrs[name], value), name
        for name in ("Packed", "Chunks", "Logger", "Growing"):
            check_same_tree(source.driver, f"/Group/{name}", target.driver, f"/Copied/{name}")
        chunks = target.driver.array_info("/Copied/Chunks")
        assert (chunks.chunks, chunks.checksum) == ((5, 1), True)
        assert target.driver.identity("/Copied/Again") == target.driver.identity("/Copied/Packed")
        assert target.driver.identity("/Copied/Up") == target.driver.identity("/Copied")
        repacked = source.copy_to(
            target, "/Group/Chunks", "/", "Repacked", compression=Compression("gzip", 9)
        )
        assert isinstance(repacked, CARRAY)
        assert repacked.info.compression == Compression("gzip", 9)
        with pytest.raises(NodeExistsError, match="exists already"):
            source.copy_to(target, group, "/", "Copied")


@pytest.mark.parametrize(("one", "other"), list(itertools.product(ALL, ALL)))
def test_files_are_saved_as_any_other(tmp_path: Path, one: str, other: str) -> None:
    copy = tmp_path / "copy.h5"
    with H5Backend.open(tmp_path / "one.h5", "w", one) as file:
        group = file.get_set_group("/", "Group", title="A group")
        file.create_carray(group, "Data", np.arange(6).reshape(2, 3))
        file.link_node("/Group/Data", "/", "Linked")
        file.create_earray("/", "Growing", "f8").append(np.arange(3.0))
        assert file.save_file_as(copy, other, overwrite=other == "memory") == []
        assert file.isopen()
        with H5Backend.open(copy, "r", other) as saved:
            assert saved.root().title == "PyMoDAQ file"
            assert saved.get_node("/Growing").attrs["shape"] == (3,)
            assert_same_values(saved.read("/Group/Data"), np.arange(6).reshape(2, 3))
            assert saved.driver.identity("/Group/Data") == saved.driver.identity("/Linked")
    if other == "memory":
        get_driver("memory").delete_file(copy)
    assert sorted(each.name for each in tmp_path.iterdir() if each.suffix == ".part") == []


@pytest.mark.parametrize("library", ALL)
def test_arrays_that_grow_tell_pytables_along_what(tmp_path: Path, library: str) -> None:
    with H5Backend.open(tmp_path / "grows.h5", "w", library) as file:
        file.create_carray("/", "Whole", np.zeros(3))
        file.create_earray("/", "Rows", "f8")
        file.create_vlarray("/", "Texts", "u1")
        for name in ("Rows", "Texts"):
            extdim = file.driver.read_attribute(f"/{name}", "EXTDIM")
            assert (extdim, np.asarray(extdim).dtype) == (0, np.int32)
        assert "EXTDIM" not in file.driver.attribute_names("/Whole")


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(ALL, 2)))
def test_any_tree_goes_over(tmp_path: Path, one: str, other: str) -> None:
    numbers = itertools.count()

    @settings(max_examples=10)
    @given(trees())
    def check(tree: dict[str, Any]) -> None:
        path = tmp_path / f"{next(numbers)}.h5"
        source = get_driver(one).open(path, "w")
        target = get_driver(other).open(path.with_suffix(".copy"), "w")
        build(source, "/", tree)
        copy_tree(source, "/", target, "/")
        check_same_tree(source, "/", target, "/")
        source.close()
        target.close()

    check()


def test_large_arrays_are_copied_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("h5modules.backends._copying.BLOCK_BYTES", 1000)
    values = np.arange(10_000.0).reshape(100, 100)
    with (
        H5Backend.open(tmp_path / "one.h5", "w") as source,
        H5Backend.open("copied in parts", "w", "memory") as target,
    ):
        source.create_array(
            "/", "Chunks", ArraySpec(values.shape, values.dtype, chunks=(7, 100)), values=values
        )
        source.create_carray("/", "Plain", values)
        for name in ("Chunks", "Plain"):
            copied = source.copy_to(target, f"/{name}")
            assert isinstance(copied, CARRAY)
            assert_same_values(copied.read(), values)
    get_driver("memory").delete_file("copied in parts")


def test_copy_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        H5Backend.open(tmp_path / "one.h5", "w") as source,
        H5Backend.open("copy that fails", "w", "memory") as target,
    ):
        group = source.get_set_group("/", "Group")
        source.create_carray(group, "Data", np.zeros(3))
        source.create_carray(group, "Worse", np.zeros(3))

        def fail(path: str, *arguments: Any) -> None:
            raise FileAccessError(f"{path} is out of reach")

        made = target.driver.create_array
        monkeypatch.setattr(
            target.driver,
            "create_array",
            lambda path, *rest: (fail if "Worse" in path else made)(path, *rest),
        )
        with pytest.raises(FileAccessError, match="out of reach"):
            source.copy_to(target, group)
        assert target.root().children_name() == []
    get_driver("memory").delete_file("copy that fails")


def _foreign(path: Path) -> None:
    with h5py.File(path, "w") as raw:
        raw["data"] = [1.0, 2.0]
        raw["texts"] = np.array(["a"], h5py.string_dtype())
        raw["broken"] = h5py.SoftLink("/nothing")
        raw.attrs["reference"] = raw["data"].ref
        raw["scale"] = [1.0, 2.0]
        raw["scale"].make_scale("x")
        raw["data"].dims[0].attach_scale(raw["scale"])


def test_what_cannot_be_copied_is_told_at_once(tmp_path: Path) -> None:
    _foreign(tmp_path / "foreign.h5")
    with H5Backend.open(tmp_path / "foreign.h5") as file:
        with pytest.raises(UnsupportedError) as caught:
            file.save_file_as("foreign", "memory")
        for part in (
            "'/broken': it is a link to '/nothing'",
            "'/texts'",
            "'reference' of '/'",
            "leave_out=True",
        ):
            assert part in str(caught.value)
        left_out = file.save_file_as("foreign", "memory", leave_out=True)
        assert len(left_out) >= 3
    with H5Backend.open("foreign", "r", "memory") as copy:
        assert "data" in copy.root()
        assert "texts" not in copy.root()
    get_driver("memory").delete_file("foreign")


@pytest.mark.parametrize("library", LOCAL)
def test_local_copy_keeps_what_nobody_here_understands(tmp_path: Path, library: str) -> None:
    _foreign(tmp_path / "foreign.h5")
    with H5Backend.open(tmp_path / "foreign.h5", "r", library) as file:
        file.save_file_as(tmp_path / "copy.h5")
    assert (tmp_path / "copy.h5").read_bytes() == (tmp_path / "foreign.h5").read_bytes()


@pytest.mark.parametrize("library", LOCAL)
def test_file_in_the_newest_format_is_copied_while_it_is_written(tmp_path: Path, library: str) -> None:
    with h5py.File(tmp_path / "new.h5", "w", libver=("v110", "v110")) as raw:
        raw["group/data"] = [1.0, 2.0]
        raw["linked"] = raw["group/data"]
        raw.attrs["title"] = "new"
    with H5Backend.open(tmp_path / "new.h5", "r+", library) as file, warnings.catch_warnings():
        warnings.simplefilter("error", AttributeWarning)
        file.save_file_as(tmp_path / "copy.h5")
    with h5py.File(tmp_path / "copy.h5") as raw:
        assert raw["group/data"][...].tolist() == [1, 2]
        assert raw["linked"] == raw["group/data"]
        assert raw.attrs["title"] == "new"


def test_open_file_is_not_replaced_under_another_name(tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "one.h5", "w") as file:
        (tmp_path / "folder").mkdir()
        with pytest.raises(FileAccessError, match="is the file that is open"):
            file.save_file_as(tmp_path / "folder" / ".." / "one.h5", overwrite=True)
        file.create_carray("/", "Data", np.zeros(3))
    with h5py.File(tmp_path / "one.h5") as raw:
        assert list(raw) == ["Data"]


@pytest.mark.parametrize("library", ALL)
def test_group_whose_attribute_cannot_be_kept_is_not_made(tmp_path: Path, library: str) -> None:
    with H5Backend.open(tmp_path / "one.h5", "w", library) as file:
        for bad in ({"note": object()}, {"note": np.zeros(100_000)}, {"no\0te": 1}, {"": 1}):
            with pytest.raises(AttributeValueError):
                file.get_set_group("/", "Group", **bad)
            with pytest.raises(AttributeValueError):
                file.add_group("Group", "data", "/", metadata=bad)
            assert list(file.root().children_name()) == []


@pytest.mark.parametrize(("one", "other"), list(itertools.product(ALL, ["h5py", "memory"])))
def test_copy_made_while_rows_are_added_holds_those_rows(tmp_path: Path, one: str, other: str) -> None:
    copy = tmp_path / "copy.h5"
    with H5Backend.open(tmp_path / "one.h5", "w", one) as file:
        file.create_earray("/", "Growing", "f8", (2,))
        appender = file.driver.appender("/Growing")
        for number in range(5):
            appender.append(np.full(2, float(number)))
        file.save_file_as(copy, other, overwrite=other == "memory")
        with H5Backend.open(copy, "r", other) as saved:
            assert saved.driver.array_info("/Growing").shape == (5, 2)
        appender.append(np.full(2, 5.0))
    with H5Backend.open(tmp_path / "one.h5", "r", one) as file:
        assert file.driver.read("/Growing")[:, 0].tolist() == [0, 1, 2, 3, 4, 5]
