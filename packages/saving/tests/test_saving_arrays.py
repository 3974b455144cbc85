from __future__ import annotations

import enum

import h5py
import numpy as np
import pytest

from h5modules.backends import (
    CARRAY,
    EARRAY,
    GROUP,
    ArrayShapeError,
    ArrayTypeError,
    AttributeValueError,
    GroupType,
    NodeError,
    NodeExistsError,
    UnknownNameError,
)
from h5modules.saving import DataType, FileType, H5SaverLowLevel


class Dim(enum.Enum):
    Data1D = 1


@pytest.fixture
def saver(tmp_path, backend):
    with H5SaverLowLevel.from_file(tmp_path / "arrays.h5", backend=backend) as opened:
        yield opened


@pytest.mark.parametrize("dtype", ["?", "u1", "<i4", ">f8", "c16", "f2", "S5"])
def test_values(saver, dtype):
    values = np.arange(6).reshape(2, 3).astype(dtype)
    array = saver.add_array("/RawData", "data00", "data", values, data_dimension=Dim.Data1D, title="mine")
    assert (array.path, array.title) == ("/RawData/Data00", "mine")
    assert array.read().dtype == values.dtype
    assert array.read().tolist() == values.tolist()
    assert (array.attrs["data_type"], array.attrs["data_dimension"]) == ("data", "Data1D")
    assert (array.attrs["shape"], array.attrs["dtype"]) == ((2, 3), values.dtype.name)


def test_a_list_is_taken_for_an_array(saver):
    array = saver.add_array("/RawData", "Data00", DataType.data, [1.5, 2.5])
    assert array.read().tolist() == [1.5, 2.5]


@pytest.mark.parametrize(
    ("data_shape", "shape"), [((16,), (3, 4, 16)), ((1,), (3, 4)), ((), (3, 4)), ((1, 2), (3, 4, 1, 2))]
)
def test_room_for_a_scan(saver, data_shape, shape):
    array = saver.add_array(
        "/RawData",
        "Data00",
        "data",
        data_shape=data_shape,
        array_type="f4",
        scan_shape=(3, 4),
        add_scan_dim=True,
    )
    assert type(array) is CARRAY
    assert array.shape == shape
    assert array.info.chunks is None
    assert not np.any(array.read())


@pytest.mark.parametrize(
    ("data_shape", "scan_shape", "chunks"),
    [((64, 32), (3, 4), (1, 1, 64, 32)), ((16,), (30, 40), None), ((1,), (30, 40), None), ((800,), (), None)],
    ids=str,
)
def test_room_is_packed_where_packing_is_asked_for(saver, data_shape, scan_shape, chunks):
    saver.define_compression("gzip", 4)
    room = saver.add_array(
        "/RawData", "Data00", "data", None, data_shape, float, scan_shape=scan_shape, add_scan_dim=True
    )
    assert (room.info.compression.name, room.info.compression.level) == ("gzip", 4)
    assert chunks is None or room.info.chunks == chunks
    room[...] = np.ones(room.shape)
    assert np.all(room.read() == 1)


def test_level_0_packs_nothing(saver):
    saver.define_compression("zlib", 0)
    room = saver.add_array("/RawData", "Data00", "data", data_shape=(100,), array_type=float)
    values = saver.add_array("/RawData", "Data01", "data", np.zeros(100))
    assert room.info.chunks is None
    assert values.info.compression is None or values.info.compression.level == 0


@pytest.mark.parametrize(("dtype", "unwritten"), [("f4", np.nan), ("c16", np.nan), ("i4", 0), ("?", False)])
def test_what_is_usual_in_scans(saver, dtype, unwritten):
    saver.fill_value = np.nan
    arguments = {"data_shape": (3,), "array_type": dtype, "scan_shape": (2,), "add_scan_dim": True}
    usual = saver.add_array("/RawData", "Data00", "data", **arguments)
    told = saver.add_array("/RawData", "Data01", "data", fill_value=np.ones((), dtype)[()], **arguments)
    alone = saver.add_array("/RawData", "Data02", "data", data_shape=(3,), array_type=dtype)
    assert np.array_equal(usual.read(), np.full((2, 3), unwritten, dtype), equal_nan=dtype in ("f4", "c16"))
    assert told.read().tolist() == np.ones((2, 3), dtype).tolist()
    assert not alone.read().any()


def test_room_that_is_filled(saver):
    array = saver.add_array(
        "/RawData", "Data00", "data", data_shape=(3,), array_type=float, fill_value=np.nan
    )
    assert np.isnan(array.read()).all()


def test_an_array_that_grows(saver):
    array = saver.add_array("/RawData", "Data00", "data_enlargeable", np.zeros(2), (2,), enlargeable=True)
    assert isinstance(array, EARRAY)
    assert array.shape == (0, 2)
    array.append(np.array([1.0, 2.0]))
    assert array.read().tolist() == [[1.0, 2.0]]


def test_a_list_of_texts(saver):
    array = saver.add_string_array("/RawData", "Notes", "notes", {"by": "me"})
    array.append("first")
    assert (array.read(), array.title, array.attrs["by"]) == (["first"], "notes", "me")
    with pytest.raises(AttributeValueError, match="by"):
        saver.add_string_array("/RawData", "More", metadata={"by": object()})
    assert "More" not in saver.raw_group


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"data_type": "movie", "array_to_save": np.ones(2)}, UnknownNameError, "movie"),
        ({"data_type": "data"}, ArrayTypeError, "array_type"),
        ({"data_type": "data", "array_to_save": np.array(["a"])}, ArrayTypeError, "holds numbers"),
        ({"data_type": "data", "array_to_save": np.array([None])}, ArrayTypeError, "holds numbers"),
        ({"data_type": "data", "array_type": float, "data_shape": (-1,)}, ArrayShapeError, "-1"),
        (
            {"data_type": "data", "array_type": float, "scan_shape": (2, -3), "add_scan_dim": True},
            ArrayShapeError,
            "-3",
        ),
        ({"data_type": "data", "array_type": "i4", "fill_value": np.nan}, ArrayTypeError, "fill value"),
        (
            {"data_type": "data", "array_to_save": np.ones(2), "metadata": {"x": object()}},
            AttributeValueError,
            "'x'",
        ),
        ({"data_type": "data", "array_to_save": np.ones(2), "name": "Taken"}, NodeExistsError, "Taken"),
        ({"data_type": "data", "array_to_save": np.ones(2), "where": "/Nowhere"}, NodeError, "Nowhere"),
        ({"data_type": "data", "array_to_save": np.ones(2), "name": "Logger/Data00"}, ValueError, "name"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_bad_input_leaves_nothing(saver, arguments, error, match):
    saver.add_array("/RawData", "Taken", "data", np.ones(2))
    with pytest.raises(error, match=match):
        saver.add_array(**{"where": "/RawData", "name": "Data00", **arguments})
    assert saver.raw_group.children_name() == ["Logger", "Taken"]


def test_groups_of_all_kinds(saver):
    scan = saver.add_scan_group(title="First", settings_as_xml=b"<a/>", metadata={"points": 3})
    assert (scan.title, scan.attrs["settings"], scan.attrs["points"]) == ("First", "<a/>", 3)
    assert (scan.attrs["type"], scan.attrs["description"]) == ("scan", "")
    assert saver.add_det_group(scan, "Camera").attrs["type"] == "detector"
    assert saver.add_act_group(scan).path.endswith("Scan000/Actuator000")
    assert saver.add_move_group(scan).name == "Actuator001"
    assert saver.add_ch_group(scan).attrs["type"] == ""
    assert saver.add_generic_group(group_type="OPTIMIZER").name == "Optimizer000"
    data = saver.add_data_group(scan, Dim.Data1D, "spectra", "<b/>", {"more": 1})
    assert (data.name, data.title, data.attrs["settings"], data.attrs["more"]) == (
        "Data1D",
        "spectra",
        "<b/>",
        1,
    )
    assert saver.add_data_group(scan, "Data1D").title == "spectra"
    assert saver.add_data_group(scan, "Data2D", group_name="Frames").name == "Frames"


def test_a_group_with_a_title_among_its_metadata(saver):
    assert saver.add_scan_group(metadata={"name": "x", "where": "here"}).attrs["where"] == "here"


@pytest.mark.parametrize("kind", ["add_scan_group", "add_data_group"])
def test_a_group_whose_attributes_cannot_be_kept(saver, kind):
    arguments = () if kind == "add_scan_group" else ("/RawData", "Data1D")
    with pytest.raises(AttributeValueError, match="driver"):
        getattr(saver, kind)(*arguments, metadata={"driver": object()})
    assert saver.raw_group.children_name() == ["Logger"]


def test_finding_groups_and_nodes(saver):
    scans = [saver.add_scan_group(title=f"scan {number}") for number in range(3)]
    detector = saver.add_det_group(scans[1], "Camera", metadata={"roi": np.array([1, 2])})
    assert saver.get_groups("/RawData", "SCAN") == scans
    assert saver.get_groups("/RawData", GroupType.detector) == []
    assert saver.get_last_group("/RawData", GroupType.detector) is None
    assert saver.get_node_from_title("/", "Camera") == detector
    assert saver.get_node_from_title("/", "Nothing") is None
    assert saver.get_node_from_attribute_match("/", "roi", np.array([1, 2])) == detector
    assert saver.get_node_from_attribute_match("/", "roi", np.array([1, 3])) is None
    assert isinstance(saver.get_node_from_attribute_match("/RawData", "type", "detector"), GROUP)


def test_a_broken_link_is_passed_by(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "links.h5") as saver:
        saver.h5file["RawData/Broken"] = h5py.SoftLink("/nowhere")
        assert saver.get_groups("/RawData", "scan") == []
        assert saver.get_last_group("/RawData", "scan") is None
        assert saver.get_node_from_title("/", "Nothing") is None


def test_the_names_that_pymodaq_knows():
    assert DataType.parse("ERROR").value == "ErrorBar"
    assert FileType.names() == ["detector", "actuator", "axis", "scan"]
