from __future__ import annotations

import numpy as np
import pytest
from pymodaq_data.data import Axis

from h5modules.data_saving import AxisSaverLoader, DataMismatchError, DataNodeError, DataWarning, make_axis

AXES = {
    "linear": Axis("time", "s", np.linspace(-1, 3, 17), index=0),
    "descending": Axis("time", "s", np.linspace(3, -1, 17), index=1),
    "irregular": Axis("delay", "ps", np.array([0.0, 1.0, 10.0, 100.0]), index=2),
    "integers": Axis("number", "", np.array([1, 2, 4, 8])),
    "equally spaced integers": Axis("number", "", np.arange(5)),
    "constant": Axis("angle", "deg", np.full(4, 0.25)),
    "two values": Axis("x", "um", np.array([0.1, 0.3])),
    "spread": Axis("x", "um", np.array([0.3, 0.1, 0.7]), index=0, spread_order=1),
    "with a hole": Axis("x", "um", np.array([0.3, np.nan, 0.7])),
    "percent": Axis("filling", "%", np.linspace(0, 100, 7)),
    "single precision": Axis("x", "", np.array([0.1, 0.5, 0.6], np.float32)),
    "empty": Axis("rows", "", size=0, offset=0.0, scaling=1.0),
}


def told(axis):
    values = axis.get_data()
    return (
        axis.label,
        axis.units,
        axis.index,
        axis.spread_order,
        axis.size,
        values.tolist(),
        str(values.dtype),
    )


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_what_is_saved_comes_back(saver, axis):
    before = told(axis)
    loader = AxisSaverLoader(saver)
    loaded = loader.load_axis(loader.add_axis("/RawData", axis))
    np.testing.assert_equal(told(loaded), before)
    np.testing.assert_equal(told(axis), before)
    assert (loaded.offset, loaded.scaling) == (axis.offset, axis.scaling)


def test_an_axis_of_one_value(saver, one_value_axis):
    axis = one_value_axis("x", "um", np.array([2.5]), index=1)
    loader = AxisSaverLoader(saver)
    assert told(loader.load_axis(loader.add_axis("/RawData", axis))) == told(axis)


@pytest.mark.parametrize(
    "values",
    [
        np.array([5e-7, 5.07e-7, 5.01e-7]),
        np.array([0.0, 1e-12, 5e-12]),
        np.array([5, 4, 2], np.uint8),
        np.arange(0, 100, 10) + 2e-6 * np.cos(np.arange(10)),
        np.linspace(400, 800, 1024, dtype=np.float32),
        1_700_000_000_000_000_000 + 7 * np.arange(10),
    ],
    ids=["metres", "seconds", "unsigned", "an encoder's", "of single precision", "nanoseconds since 1970"],
)
def test_values_that_pymodaq_would_take_for_equally_spaced(saver, values):
    node = saver.add_array("/RawData", "Axis00", "axis", values, metadata={"label": "x", "units": "s"})
    np.testing.assert_array_equal(AxisSaverLoader(saver).load_axis(node).get_data(), values)
    axis = make_axis("x", "s", values, index=3, spread_order=2)
    np.testing.assert_array_equal(axis.get_data(), values)
    assert (axis.index, axis.spread_order) == (3, 2)
    np.testing.assert_array_equal(
        AxisSaverLoader(saver).load_axis(AxisSaverLoader(saver).add_axis("/RawData", axis)).get_data(), values
    )


def test_attributes_that_do_not_belong_to_the_values(saver):
    # PyMoDAQ leaves the offset and scaling that an axis had before it grew.
    attributes = {"label": "t", "units": "s", "offset": 0.0, "scaling": 1.0}
    node = saver.add_array("/RawData", "Axis00", "axis", np.array([2.0, 4.0, 6.0]), metadata=attributes)
    assert AxisSaverLoader(saver).load_axis(node).get_data().tolist() == [2.0, 4.0, 6.0]


@pytest.mark.parametrize("units", ["V)", "1/", "("])
def test_a_unit_that_cannot_be_parsed(saver, units):
    attributes = {"label": "x", "units": units}
    node = saver.add_array("/RawData", "Axis00", "axis", np.arange(3.0), metadata=attributes)
    with pytest.warns(DataWarning, match="cannot be parsed"):
        assert AxisSaverLoader(saver).load_axis(node).units == ""


def test_an_enlargeable_axis_is_empty(saver):
    node = AxisSaverLoader(saver).add_axis("/RawData", AXES["linear"], enlargeable=True)
    assert (node.shape, node.attrs["size"]) == ((0,), 0)


def test_names_count_up(saver):
    loader = AxisSaverLoader(saver)
    assert [loader.add_axis("/RawData", AXES["linear"]).name for _ in range(2)] == ["Axis00", "Axis01"]
    assert loader.get_last_node_name("/RawData") == "Axis01"
    assert loader.get_index_from_node_name("/RawData/Axis01") == 1
    assert loader.get_index_from_node_name("/RawData/Logger") is None
    assert [axis.label for axis in loader.get_axes("/RawData/Axis00")] == ["time", "time"]
    assert loader.get_node_from_index("/RawData", 1).name == "Axis01"
    with pytest.raises(LookupError, match="Axis07"):
        loader.get_node_from_index("/RawData", 7)
    saver.get_set_group("/RawData", "Axis08")
    with pytest.raises(DataNodeError, match="not an array"):
        loader.get_node_from_index("/RawData", 8)
    with pytest.raises(DataNodeError, match="not a group"):
        loader.get_last_node_name("/RawData/Axis00")
    assert loader.get_array_nodes("/") == []


def test_what_is_no_axis(saver):
    loader = AxisSaverLoader(saver)
    saver.add_array("/RawData", "Data00", "data", np.ones(2))
    saver.add_array("/RawData", "Axis00", "axis", np.array([b"a", b"b"]))
    for path in ("/RawData", "/RawData/Logger", "/RawData/Data00", "/RawData/Axis00"):
        with pytest.raises(DataNodeError, match="is not an axis"):
            loader.load_axis(path)
    before = saver.raw_group.children_name()
    with pytest.raises(DataMismatchError, match="has no values"):
        loader.add_axis("/RawData", Axis("bare"))
    assert saver.raw_group.children_name() == before


@pytest.mark.parametrize("values", [np.array([np.nan]), np.array([1e-20]), np.array([np.inf])])
def test_an_axis_of_one_value_is_itself_when_the_file_is_opened_again(tmp_path, one_value_axis, values):
    for _ in range(2):
        with AxisSaverLoader(tmp_path / "axes.h5") as loader:
            axis = make_axis("x", "um", values)
            loader.require_axes("/RawData", [axis], can_add=loader.next_index("/RawData") == 0)
            assert loader.next_index("/RawData") == 1


@pytest.mark.parametrize("start", [0.0, -1.0, 3.7e14, 1e-12])
def test_equal_steps_are_told_by_an_offset_and_a_step_whatever_their_rounding(start):
    for count in (2, 3, 101, 1024):
        values = np.linspace(start, start + 1e-3 * max(abs(start), 1e-12) * count, count)
        axis = make_axis("x", "s", values)
        assert axis.data is None
        np.testing.assert_allclose(axis.get_data(), values, rtol=0, atol=4 * np.spacing(np.abs(values).max()))
