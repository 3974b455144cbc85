"""`H5Backend`, nodes and attributes on h5py; files are checked with h5py itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.backends import (
    CARRAY,
    EARRAY,
    GROUP,
    ArrayIndexError,
    ArrayShapeError,
    ArraySpec,
    ArrayTypeError,
    AttributeMissingError,
    AttributeValueError,
    AttributeWarning,
    BackendUnknownError,
    Compression,
    FileClosedError,
    FileReadOnlyError,
    FileTakenError,
    GroupType,
    H5Backend,
    Node,
    NodeError,
    NodeExistsError,
    NodeNameError,
    StringARRAY,
    UndecodableError,
    UnreadableNode,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.h5"


@pytest.fixture
def file(path: Path) -> Iterator[H5Backend]:
    with H5Backend.open(path, "w") as opened:
        yield opened


class Kind(Enum):
    Special = 3


def test_new_file_says_what_it_is(file: H5Backend, path: Path) -> None:
    file.close()
    with h5py.File(path) as raw:
        attributes = dict(raw.attrs)
    assert attributes["CLASS"] == "GROUP"
    assert attributes["TITLE"] == "PyMoDAQ file"
    assert attributes["pymodaq_version"].startswith("5.")
    assert len(attributes["date"]) == 10
    assert list(attributes) == sorted(attributes)


def test_file_of_somebody_else_is_not_described(path: Path) -> None:
    with h5py.File(path, "w") as raw:
        raw["data"] = [1, 2]
    for mode in ("a", "r+"):
        H5Backend.open(path, mode).close()  # type: ignore[arg-type]
    with h5py.File(path) as raw:
        assert dict(raw.attrs) == {}
        assert dict(raw["data"].attrs) == {}


def test_nothing_works_without_a_file() -> None:
    file = H5Backend()
    assert not file.isopen()
    assert file.h5file is None
    file.flush()
    file.close_file()
    with pytest.raises(FileClosedError, match="no file is open; call open_file"):
        file.get_node("/")
    with pytest.raises(FileClosedError, match="no file is open"):
        _ = file.filename


def test_closed_file_is_named(file: H5Backend, path: Path) -> None:
    node = file.get_node("/")
    file.close()
    with pytest.raises(FileClosedError, match=r"no file is open.*file\.h5.* was closed"):
        node.attrs["a"] = 1


def test_opening_another_file_closes_the_first(file: H5Backend, tmp_path: Path) -> None:
    first = file.h5file
    file.open_file(tmp_path / "other.h5", "w")
    assert not first
    assert file.filename == str(tmp_path / "other.h5")


def test_changing_the_backend_closes_the_file(file: H5Backend) -> None:
    file.set_backend("memory")
    assert not file.isopen()
    assert file.backend == "memory"
    with pytest.raises(BackendUnknownError):
        file.set_backend("nonsense")


def test_error_while_opening_leaves_no_file(path: Path, tmp_path: Path) -> None:
    file = H5Backend()
    path.write_text("text", "utf-8")
    with pytest.raises(OSError, match="not an HDF5 file"):
        file.open_file(path)
    assert not file.isopen()


def test_nodes_stay_good_when_the_file_is_opened_again(file: H5Backend, path: Path) -> None:
    array = file.create_carray("/", "Data", np.arange(3.0))
    file.open_file(path, "a")
    array[0] = 5.0
    assert array.read().tolist() == [5, 1, 2]


@pytest.mark.parametrize(
    "name", ["get_node", "get_node_name", "get_node_path", "get_parent_node", "get_children", "get_attr"]
)
def test_missing_node_is_refused(file: H5Backend, name: str) -> None:
    with pytest.raises(NodeError, match=r"no node '/nothing' in .*file\.h5"):
        getattr(file, name)("/nothing")


def test_names_and_paths(file: H5Backend) -> None:
    array = file.create_carray(file.get_set_group("/", "Group"), "Data", np.zeros(1))
    for where in (array, "/Group/Data", "Group/Data/"):
        assert file.get_node_name(where) == "Data"
        assert file.get_node_path(where) == "/Group/Data"
        parent = file.get_parent_node(where)
        assert parent is not None
        assert parent.path == "/Group"
    assert array.parent_node == file.get_node("/Group")
    assert array.to_h5_backend() is file
    assert array.backend == "h5py"
    assert array.node == array.array == file.h5file["/Group/Data"]
    assert array.h5file == file.h5file
    assert len({array, file.get_node("/Group/Data")}) == 1
    assert array != "/Group/Data"


def test_children_of_an_array_are_refused(file: H5Backend) -> None:
    file.create_carray("/", "Data", np.zeros(1))
    for call in (file.get_children, lambda where: file.create_carray(where, "x", np.zeros(1))):
        with pytest.raises(NodeError, match="'/Data'.* is not a group"):
            call("/Data")


def test_group_is_made_once(file: H5Backend) -> None:
    first = file.get_set_group("/", "Group", title="first", origin="test", number=3)
    second = file.get_set_group("/", "Group", title="second", origin="other")
    assert first == second
    assert second.title == "first"
    assert (second.attrs["origin"], second.attrs["number"]) == ("test", 3)


@pytest.mark.parametrize(
    ("group_type", "stored"), [(GroupType.data, "data"), ("Scan", "scan"), (Kind.Special, "special")], ids=str
)
def test_added_group_has_a_type(file: H5Backend, group_type: Any, stored: str) -> None:
    group = file.add_group("group", group_type, "/", title="A title", metadata={"a": (1, 2)})
    assert group.name == "Group"
    assert group.attrs["type"] == stored
    assert group.attrs["a"] == (1, 2)
    again = file.add_group("Group", "other", "/", metadata={"a": 5})
    assert again.attrs["type"] == stored
    assert again.attrs["a"] == (1, 2)


def test_group_of_a_small_letter_is_found(file: H5Backend) -> None:
    file.get_set_group("/", "small")
    assert file.add_group("small", "data", "/").path == "/small"


def test_group_knows_its_children(file: H5Backend) -> None:
    group = file.get_set_group("/", "Group")
    file.create_carray(group, "Data", np.zeros(1))
    assert "Data" in group
    for wrong in ("data", "", ".", "..", "Data/x", 3, None):
        assert wrong not in group
    assert group.get_child("Data").path == "/Group/Data"
    with pytest.raises(NodeError, match="did you mean '/Group/Data'"):
        group.get_child("Dat")
    assert repr(group).endswith("children := ['Data' (CARRAY)]")
    group.remove_children()
    assert group.children() == {}


def test_array_attributes_are_those_of_pymodaq(file: H5Backend, path: Path) -> None:
    file.create_carray("/", "Data", np.zeros((2, 3), "i2"), title="A title")
    file.close()
    with h5py.File(path) as raw:
        attributes = dict(raw["Data"].attrs)
    assert attributes == {
        "CLASS": "CARRAY",
        "TITLE": "A title",
        "shape": '{"module": "builtins", "type": "tuple", "data": "(2, 3)"}',
        "dtype": "int16",
        "subdtype": "",
        "backend": "h5py",
    }


@pytest.mark.parametrize("obj", [[1, 2], 3.5, range(3), np.arange(6).reshape(2, 3)[:, ::2]], ids=repr)
def test_carray_takes_what_numpy_takes(file: H5Backend, obj: Any) -> None:
    array = file.create_carray("/", "Data", obj)
    assert np.array_equal(array.read(), np.asarray(obj))
    assert array.shape == np.shape(obj)
    assert array.ndim == np.ndim(obj)


@pytest.mark.parametrize(
    ("obj", "error"),
    [
        (None, ArrayTypeError),
        (["text"], ArrayTypeError),
        (np.array([None]), ArrayTypeError),
        ([[1], [1, 2]], ArrayShapeError),
        (np.array(["2020"], "M8[s]"), ArrayTypeError),
    ],
    ids=repr,
)
def test_carray_refuses_the_rest(file: H5Backend, obj: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="Data|array"):
        file.create_carray("/", "Data", obj)
    assert file.root().children_name() == []


def test_values_have_to_be_as_described(file: H5Backend) -> None:
    spec = ArraySpec((3,), np.dtype("u1"))
    with pytest.raises(ArrayShapeError, match=r"shape \(2,\) do not fit '/Data'"):
        file.create_array("/", "Data", spec, values=[1, 2])
    with pytest.raises(ArrayTypeError, match="'/Data' holds uint8"):
        file.create_array("/", "Data", spec, values=[1, 2, 300])
    assert file.create_array("/", "Data", spec, values=[1, 2, 255]).read().tolist() == [1, 2, 255]


def test_length_of_an_array(file: H5Backend) -> None:
    assert len(file.create_carray("/", "Data", np.zeros((3, 2)))) == 3
    with pytest.raises(TypeError, match="'/Number' holds one value"):
        len(file.create_carray("/", "Number", np.float64(3)))


def test_array_tells_what_it_is(file: H5Backend) -> None:
    array = file.create_carray("/", "Data", np.zeros((3, 2)), title="A title")
    assert repr(array) == "/Data (CARRAY) 'A title'\n  shape := (3, 2)\n  dtype := float64"
    assert repr(file.get_set_group("/", "Group")) == "/Group (GROUP) ''\n  children := []"


def test_index_errors(file: H5Backend) -> None:
    array = file.create_carray("/", "Data", np.zeros((3, 2)))
    with pytest.raises(ArrayIndexError, match=r"3 does not select from an array of shape \(3, 2\)"):
        array[3]
    with pytest.raises(IndexError):
        array[3] = 1.0
    with pytest.raises(ArrayTypeError, match="'/Data' holds float64"):
        array[0] = 1j


@pytest.mark.parametrize("data", [[1.0, 2.0], 1.0, "text", None], ids=repr)
def test_append_takes_arrays_alone(file: H5Backend, data: Any) -> None:
    array = file.create_earray("/", "Data", "f8")
    with pytest.raises(ArrayTypeError, match="what is appended to '/Data' is a numpy array"):
        array.append(data)


@pytest.mark.parametrize(
    ("row", "data", "rows"),
    [
        ((), np.arange(3.0), 3),
        ((), np.array(1.0), 1),
        ((2,), np.zeros(2), 1),
        ((2,), np.zeros((3, 2)), 3),
        ((1,), np.zeros(1), 1),
        ((1,), np.zeros(4), 4),
        ((1,), np.zeros((4, 1)), 4),
        ((2, 2), np.zeros((2, 2)), 1),
        ((2,), np.zeros((0, 2)), 0),
    ],
    ids=repr,
)
def test_append_takes_rows_and_blocks(file: H5Backend, row: tuple[int, ...], data: Any, rows: int) -> None:
    array = file.create_earray("/", "Data", "f8", row)
    array.append(data)
    assert array.shape == (rows, *row)
    file.flush()
    assert array.attrs["shape"] == (rows, *row)


@pytest.mark.parametrize(
    ("row", "data"),
    [((2,), np.zeros(3)), ((2,), np.zeros((1, 2, 1))), ((2,), np.array(1.0)), ((), np.zeros((2, 2)))],
    ids=repr,
)
def test_append_refuses_other_shapes(file: H5Backend, row: tuple[int, ...], data: Any) -> None:
    array = file.create_earray("/", "Data", "f8", row)
    with pytest.raises(ArrayShapeError, match="a row of '/Data' has shape"):
        array.append(data)
    assert array.shape == (0, *row)


def test_column_is_expanded_on_demand_alone(file: H5Backend) -> None:
    array = file.create_earray("/", "Data", "f8", (1,))
    with pytest.raises(ArrayShapeError, match="a row of '/Data'"):
        array.append(np.zeros(4), expand=False)


def test_arrays_that_grew_and_went_away(file: H5Backend) -> None:
    for name in ("deleted", "moved", "replaced"):
        file.create_earray("/", name, "f8").append(np.zeros(3))
    file.remove_node("/deleted")
    file.move_node("/moved", "/", "here")
    file.remove_node("/replaced")
    file.get_set_group("/", "replaced")
    file.flush()
    assert file.get_attr("/here", "shape") == (3,)
    assert not file.has_attr("/replaced", "shape")


def test_compression_is_chosen_for_what_follows(file: H5Backend, path: Path) -> None:
    file.create_carray("/", "Plain", np.zeros(100))
    file.define_compression("zlib", 7)
    file.create_carray("/", "Packed", np.zeros(100))
    file.create_earray("/", "Growing", "f8")
    file.create_carray("/", "Number", np.float64(3))
    assert file.compression == Compression("gzip", 7)
    file.close()
    with h5py.File(path) as raw:
        assert raw["Plain"].compression is None
        assert (raw["Packed"].compression, raw["Packed"].compression_opts, raw["Packed"].shuffle) == (
            "gzip",
            7,
            True,
        )
        assert raw["Growing"].compression == "gzip"
        assert raw["Number"].compression is None


def test_texts_are_one_whichever_way_they_are_reached(file: H5Backend) -> None:
    made = file.create_vlarray("/", "Logger", "string")
    made.append("hello")
    ways: dict[str, Callable[[], Node]] = {
        "made": lambda: made,
        "get_node": lambda: file.get_node("/Logger"),
        "children": lambda: file.root().children()["Logger"],
        "get_children": lambda: file.get_children("/")["Logger"],
        "walk": lambda: list(file.walk_nodes())[-1],
        "child": lambda: file.root().get_child("Logger"),
    }
    for way, reach in ways.items():
        node = reach()
        assert isinstance(node, StringARRAY), way
        assert node.read() == ["hello"]
    with pytest.raises(TypeError, match="a row of a string array is a str"):
        made.append(3)


def test_crafted_row_is_refused(file: H5Backend) -> None:
    rows = file.create_vlarray("/", "Logger", "string")
    rows.append("good")
    file.driver.append("/Logger", np.frombuffer(b"cos\nsystem\n(S'true'\ntR.", np.uint8))
    with pytest.raises(UndecodableError, match=r"asks for os\.system: refused"):
        rows.read()
    assert rows[0] == "good"


@pytest.mark.parametrize("name", ["", "a/b", ".", "a\0b"], ids=repr)
def test_bad_names_write_nothing(file: H5Backend, name: str) -> None:
    for call in (file.get_set_group, file.create_carray):
        with pytest.raises(NodeNameError, match="cannot be the name of a node"):
            call("/", name)
    with pytest.raises(NodeNameError):
        file.move_node(file.get_set_group("/", "Group"), "/", name)
    assert file.root().children_name() == ["Group"]


def test_taken_names_are_refused(file: H5Backend) -> None:
    file.create_carray("/", "Data", np.zeros(1))
    file.get_set_group("/", "Group")
    for call in (
        lambda: file.create_carray("/", "Data", np.ones(1)),
        lambda: file.create_earray("/", "Group", "f8"),
        lambda: file.create_vlarray("/", "Data", "string"),
        lambda: file.move_node("/Group", "/", "Data"),
        lambda: file.copy_node("/Group", "/", "Data"),
        lambda: file.link_node("/Data", "/"),
    ):
        with pytest.raises(NodeExistsError, match="exists already"):
            call()
    assert file.read("/Data").tolist() == [0]


def test_read_only_file_refuses_changes(file: H5Backend, path: Path) -> None:
    file.create_earray("/", "Data", "f8").append(np.zeros(2))
    file.close()
    before = path.read_bytes()
    with H5Backend.open(path) as again:
        array = again.get_node("/Data")
        assert isinstance(array, EARRAY)
        for call in (
            lambda: array.append(np.zeros(1)),
            lambda: array.attrs.write({"a": 1}),
            lambda: again.set_attr("/", "a", 1),
            lambda: again.remove_node("/Data"),
            lambda: again.get_set_group("/", "Group"),
            lambda: again.create_carray("/", "New", np.zeros(1)),
            lambda: again.copy_node("/Data", "/", "New"),
        ):
            with pytest.raises(FileReadOnlyError, match="opened for reading"):
                call()
    assert path.read_bytes() == before


def test_attributes_are_a_mapping(file: H5Backend) -> None:
    attrs = file.get_set_group("/", "Group", title="first").attrs
    attrs.write({"a": 1, "b": "nm"})
    assert attrs["title"] == attrs["TITLE"] == "first"
    attrs["title"] = "second"
    assert file.get_node("/Group").title == "second"
    assert list(attrs) == attrs.attrs_name == ["CLASS", "TITLE", "a", "b"]
    assert len(attrs) == 4
    assert "a" in attrs
    assert "title" in attrs
    assert "c" not in attrs
    assert attrs.get("c") is None
    assert attrs.get("c", 5) == 5
    assert attrs.to_dict() == {"CLASS": "GROUP", "TITLE": "second", "a": 1, "b": "nm"}
    assert attrs.pop("a") == 1
    assert "b := nm" in repr(attrs)
    assert str(attrs) == "/Group.attrs (Attributes), 3 attributes"
    assert attrs.node == file.get_node("/Group")
    with pytest.raises(AttributeMissingError, match="'/Group'.* has no attribute 'nothing'"):
        attrs["nothing"]
    with pytest.raises(KeyError):
        del attrs["nothing"]


def test_bad_attribute_writes_none(file: H5Backend) -> None:
    attrs = file.get_set_group("/", "Group").attrs
    with pytest.raises(
        AttributeValueError, match="attribute 'bad' of '/Group': .*builtins.object cannot be an attribute"
    ):
        attrs.write({"good": 1, "bad": object()})
    assert "good" not in attrs


def test_undecodable_attribute_comes_as_its_text_with_a_warning(file: H5Backend) -> None:
    crafted = '{"module": "builtins", "type": "float", "data": "exit()"}'
    file.h5file.attrs["crafted"] = crafted
    with pytest.warns(
        AttributeWarning, match=r"attribute 'crafted' of '/' in .*file\.h5.*Its text is returned"
    ):
        assert file.root().attrs["crafted"] == crafted


def test_attribute_without_a_value_is_left_out_with_a_warning(file: H5Backend) -> None:
    file.h5file.attrs["reference"] = file.h5file.ref
    with pytest.raises(UndecodableError, match="'reference'"):
        file.root().attrs["reference"]
    with pytest.warns(AttributeWarning, match="'reference'.* left out"):
        assert "reference" not in file.root().attrs.to_dict()


def test_walking_ends_where_links_lead_back(file: H5Backend) -> None:
    group = file.get_set_group(file.get_set_group("/", "A"), "B")
    file.link_node("/A", group, "up")
    assert [node.path for node in file.walk_nodes()] == ["/", "/A", "/A/B", "/A/B/up"]
    assert isinstance(file.get_node("/A/B/up/B/up/B"), GROUP)


def test_walking_is_lazy(file: H5Backend) -> None:
    walk = file.walk_nodes()
    assert next(walk).path == "/"
    file.get_set_group("/", "Late")
    assert next(walk).path == "/Late"


def test_broken_link_is_a_node_that_says_why(file: H5Backend) -> None:
    file.h5file["broken"] = h5py.SoftLink("/nothing")
    node = file.get_node("/broken")
    assert isinstance(node, UnreadableNode)
    assert node.reason == "it is a link to '/nothing', where nothing is"
    assert node.title == ""
    assert "unreadable: it is a link" in repr(node)
    with pytest.raises(NodeError, match="/broken"):
        node.attrs["a"]
    file.remove_node("/broken")
    assert file.root().children_name() == []


def test_saving_as_another_library_needs_it_installed(file: H5Backend, tmp_path: Path) -> None:
    with pytest.raises(BackendUnknownError):
        file.save_file_as(tmp_path / "copy.h5", backend="nonsense")
    assert sorted(each.name for each in tmp_path.iterdir()) == [".file.h5.writer", "file.h5"]


def test_saved_copy_leaves_nothing_else(file: H5Backend, tmp_path: Path) -> None:
    file.create_carray("/", "Data", np.arange(3))
    file.save_file_as(tmp_path / "copy.h5")
    with pytest.raises(FileTakenError, match=r"copy\.h5' exists already"):
        file.save_file_as(tmp_path / "copy.h5")
    file.create_carray("/", "More", np.arange(3))
    file.save_file_as(tmp_path / "copy.h5", overwrite=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == [".file.h5.writer", "copy.h5", "file.h5"]
    with h5py.File(tmp_path / "copy.h5") as raw:
        assert sorted(raw) == ["Data", "More"]


def test_nodes_of_two_files_differ(file: H5Backend, tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "other.h5", "w") as other:
        assert other.root() != file.root()
        assert isinstance(file.create_carray("/", "Data", [1]), CARRAY)
