from __future__ import annotations

import copy
import datetime

import numpy as np
import pytest
from pymodaq_data.data import Axis, DataCalculated, DataRaw, DataToExport, DataWithAxes
from pymodaq_data.h5modules.data_saving import DataLoader as PeerLoader

from h5modules.backends import ArrayTypeError, AttributeValueError, FileClosedError
from h5modules.data_saving import (
    BkgSaver,
    DataAttributeError,
    DataLoader,
    DataMismatchError,
    DataMissingError,
    DataNodeError,
    DataSaverLoader,
    DataToExportSaver,
    DataWarning,
)


def axis_told(axis):
    return axis.label, axis.units, axis.index, axis.spread_order, axis.get_data().tolist()


def told(data):
    """Tell everything about some data, as plain values."""
    return {
        "name": data.name,
        "source": data.source.name,
        "dim": data.dim.name,
        "distribution": data.distribution.name,
        "arrays": [(array.dtype.str, array.shape, array.tolist()) for array in data.data],
        "errors": None
        if data.errors is None
        else [(array.dtype.str, array.tolist()) for array in data.errors],
        "labels": data.labels,
        "units": data.units,
        "origin": data.origin,
        "timestamp": data.timestamp,
        "nav_indexes": tuple(data.nav_indexes),
        "axes": [axis_told(axis) for axis in data.axes],
        "extra": {name: getattr(data, name) for name in data.extra_attributes if name != "path"},
    }


def axis(size, index, **options):
    return Axis(f"axis {index}", "um", np.arange(float(size)) ** 2, index=index, **options)


SIGNALS = {
    "one value": DataRaw("d", data=[np.array([1.5])], units="mW"),
    "1D": DataRaw("d", data=[np.arange(5.0)], axes=[axis(5, 0)], origin="Det"),
    "1D without axis": DataRaw("d", data=[np.arange(5.0)]),
    "2D": DataRaw("d", data=[np.ones((4, 5))], axes=[axis(4, 0), axis(5, 1)]),
    "2D with one axis": DataRaw("d", data=[np.ones((4, 5))], axes=[axis(5, 1)]),
    "a row": DataRaw("d", data=[np.ones((1, 5))], axes=[axis(5, 1)]),
    "3D": DataRaw(
        "d", data=[np.ones((2, 3, 4))], nav_indexes=(0,), axes=[axis(2, 0), axis(3, 1), axis(4, 2)]
    ),
    "navigation last": DataRaw("d", data=[np.ones((3, 4))], nav_indexes=(1,), axes=[axis(3, 0), axis(4, 1)]),
    "4D": DataRaw("d", data=[np.ones((2, 2, 2, 2))], nav_indexes=(0, 1)),
    "spread": DataRaw(
        "d",
        distribution="spread",
        data=[np.ones((3, 5))],
        nav_indexes=(0,),
        axes=[
            Axis("x", "um", np.array([0.3, 0.1, 0.9]), index=0, spread_order=0),
            Axis("y", "um", np.array([1.3, 1.1, 9.9]), index=0, spread_order=1),
            axis(5, 1),
        ],
    ),
    "calculated": DataCalculated("d", data=[np.ones(3)]),
    "channels": DataRaw("d", data=[np.ones(3), np.zeros(3, "i4")], labels=["left", "right"]),
    "errors": DataRaw("d", data=[np.ones(3), np.ones(3)], errors=[np.full(3, 0.1), np.full(3, 0.2, "f4")]),
    "no values": DataRaw("d", data=[np.zeros((0, 3))]),
    "many": DataRaw("d", data=[np.array([float(n)]) for n in range(105)]),
    "extra": DataRaw(
        "d",
        data=[np.ones(3)],
        exposure=0.5,
        gain=3,
        is_on=True,
        mode="1",
        roi=(1, 2),
        nothing=None,
        when=datetime.datetime(2026, 1, 2, 3, 4),
        do_save=True,
    ),
}
DTYPES = "? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16 >f8 >i2".split()


@pytest.mark.parametrize("data", SIGNALS.values(), ids=SIGNALS)
def test_what_is_saved_comes_back(saver, data):
    before = copy.deepcopy(told(data))
    DataSaverLoader(saver).add_data("/RawData", data)
    loaded = DataLoader(saver).load_data("/RawData/Data00", load_all=True)
    assert told(loaded) == before
    assert told(data) == before
    assert told(DataSaverLoader(saver).load_data("/RawData/Data00", load_all=True)) == before
    (of_all,) = DataLoader(saver).load_all().data
    assert told(of_all)["arrays"] == before["arrays"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(saver, dtype):
    values = np.array([0, 1, 100]).astype(dtype)
    DataSaverLoader(saver).add_data("/RawData", DataRaw("d", data=[values]))
    (loaded,) = DataLoader(saver).load_data("/RawData/Data00").data
    assert loaded.dtype == values.dtype
    np.testing.assert_array_equal(loaded, values)


def test_special_values(saver):
    values = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324])
    DataSaverLoader(saver).add_data("/RawData", DataRaw("d", data=[values]))
    np.testing.assert_array_equal(DataLoader(saver).load_data("/RawData/Data00")[0], values)


def test_a_unit_that_pint_does_not_know(saver):
    data = DataRaw("d", data=[np.ones(3)])
    data.force_units("arb. u. (")
    DataSaverLoader(saver).add_data("/RawData", data)
    assert DataLoader(saver).load_data("/RawData/Data00").units == "arb. u. ("


def test_one_channel_of_several(saver):
    DataSaverLoader(saver).add_data("/RawData", SIGNALS["errors"])
    loaded = DataLoader(saver).load_data("/RawData/Data01")
    assert (len(loaded), loaded.errors[0].dtype) == (1, np.float32)
    errors = DataLoader(saver).load_data("/RawData/ErrorBar01")
    assert (errors.name, errors.source.name) == ("d_errors", "calculated")


def test_signals_that_share_a_group(saver):
    loader = DataSaverLoader(saver)
    first = DataRaw("a", data=[np.array([1.0])], units="V")
    second = DataRaw("b", data=[np.array([2.0]), np.array([3.0])], errors=[np.ones(1), np.zeros(1)])
    for data in (first, second, first):
        loader.add_data("/RawData", data)
    assert len(loader.get_array_nodes("/RawData")) == 4
    assert DataLoader(saver).load_data("/RawData/Data00").errors is None
    assert DataLoader(saver).load_data("/RawData/Data02").errors[0][0] == 0.0
    all_of_it = DataLoader(saver).load_all("/RawData").data
    assert [(data.name, len(data)) for data in all_of_it] == [("a", 1), ("b", 2), ("a", 1)]


def test_signals_with_other_axes_do_not_share_a_group(saver):
    loader = DataSaverLoader(saver)
    loader.add_data("/RawData", SIGNALS["1D"])
    before = saver.raw_group.children_name()
    for other in ("2D", "one value", "1D without axis"):
        with pytest.raises(DataMismatchError, match="in another group"):
            loader.add_data("/RawData", SIGNALS[other])
    loader.add_data("/RawData", SIGNALS["1D"])
    assert saver.raw_group.children_name() == [*before[:1], "Data00", "Data01", "Logger"]
    assert len(DataLoader(saver).load_data("/RawData/Data01").axes) == 1
    saver.get_set_group("/RawData", "Bare")
    loader.add_data("/RawData/Bare", SIGNALS["one value"])
    with pytest.raises(DataMismatchError, match="axis 0"):
        loader.add_data("/RawData/Bare", SIGNALS["1D"])


def test_axes_can_be_left_out(saver):
    DataSaverLoader(saver).add_data("/RawData", SIGNALS["2D"], save_axes=False)
    assert DataLoader(saver).load_data("/RawData/Data00").axes == []


@pytest.mark.parametrize("name", ["shape", "units", "axes", "errors", "title", "x_axis", "label"])
def test_extra_attributes_that_the_layout_uses(saver, name):
    with pytest.raises(DataAttributeError, match=name):
        DataSaverLoader(saver).add_data("/RawData", SIGNALS["1D"], **{name: 1})
    assert saver.raw_group.children_name() == ["Logger"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (DataRaw("d", data=[np.ones(2), np.array(["a", "b"])]), ArrayTypeError),
        (DataRaw("d", data=[np.ones(2)], errors=[np.array([None, None])]), ArrayTypeError),
        (DataRaw("d", data=[np.ones(2)], driver=object()), AttributeValueError),
        (DataRaw("d", data=[np.ones(2)], axes=[Axis("x", index=0, size=2)]), DataMismatchError),
    ],
    ids=["text", "objects as errors", "an object as attribute", "an axis without values"],
)
def test_bad_data_leave_nothing(saver, data, error):
    with pytest.raises(error):
        DataSaverLoader(saver).add_data("/RawData", data)
    point = DataToExport("point", data=[SIGNALS["2D"], data])
    with pytest.raises(error):
        DataToExportSaver(saver).add_data("/RawData", point)
    assert saver.raw_group.children_name() == ["Logger"]


def test_further_attributes(saver):
    DataSaverLoader(saver).add_data("/RawData", SIGNALS["1D"], operator="me")
    assert DataLoader(saver).load_data("/RawData/Data00").operator == "me"


def test_attributes_of_others_do_no_harm(saver):
    DataSaverLoader(saver).add_data("/RawData", SIGNALS["1D"])
    node = saver.get_node("/RawData/Data00")
    node.attrs.write(
        {"axes": "x", "signal": 1, "length": 3, "dim": "Data7D", "errors": "none", "n_averaged": 4}
    )
    loaded = DataLoader(saver).load_data(node)
    assert (loaded.length, loaded.n_averaged, len(loaded.axes)) == (1, 4, 1)


def test_an_axis_that_does_not_fit_is_left_out(saver):
    DataSaverLoader(saver).add_data("/RawData", SIGNALS["1D"], save_axes=False)
    saver.add_array("/RawData", "Axis00", "axis", np.arange(7.0), metadata={"label": "x", "index": 0})
    with pytest.warns(DataWarning, match="comes without the axis 'x'"):
        assert DataLoader(saver).load_data("/RawData/Data00").axes == []


def test_rows_that_came_while_reading(saver):
    rows = saver.add_array("/RawData", "EnlData00", "data_enlargeable", np.zeros(1), (1,), enlargeable=True)
    rows.attrs.write({"nav_indexes": (0,), "distribution": "spread", "label": "a"})
    times = saver.add_array("/RawData", "Axis00", "axis", np.zeros(1), enlargeable=True)
    for number in range(3):
        times.append(np.array([float(number) ** 2]))
        if number < 2:
            rows.append(np.array([5.0 + number]))
    loaded = DataLoader(saver).load_data(rows)
    assert loaded[0].tolist() == [5.0, 6.0]
    assert loaded.axes[0].get_data().tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("signal", "background", "difference"),
    [
        ([10, 20], [3, 25], [7, -5]),
        (np.array([10, 20], "u1"), np.array([3, 25], "u1"), [7, -5]),
        (np.array([10, 20], "u8"), np.array([3, 25], "u8"), [7, -5]),
        (np.array([True, False]), np.array([False, True]), [1, -1]),
        (np.array([1.5, 2.5]), np.array([1, 2], "i4"), [0.5, 0.5]),
    ],
    ids=["int64", "uint8", "uint64", "bool", "mixed"],
)
def test_backgrounds(saver, signal, background, difference):
    arrays = [np.asarray(signal), np.asarray(signal) * 1]
    DataSaverLoader(saver).add_data("/RawData", DataRaw("d", data=arrays))
    zeros = np.zeros_like(np.asarray(background))
    BkgSaver(saver).add_data("/RawData", DataRaw("d", data=[np.asarray(background), zeros]))
    loaded = DataLoader(saver).load_data("/RawData/Data00", with_bkg=True, load_all=True)
    assert loaded[0].tolist() == difference
    assert loaded[1].tolist() == arrays[1].tolist()
    assert DataLoader(saver).load_data("/RawData/Data00")[0].tolist() == arrays[0].tolist()
    assert [node.name for node in DataSaverLoader(saver).get_bkg_nodes("/RawData")] == ["Bkg00", "Bkg01"]


def test_backgrounds_that_do_not_fit(saver):
    loader = DataSaverLoader(saver)
    loader.add_data("/RawData", DataRaw("d", data=[np.ones((2, 3))]))
    before = saver.raw_group.children_name()
    with pytest.raises(DataMismatchError, match=r"\(3,\).*/RawData/Data00.*\(2, 3\)"):
        BkgSaver(saver).add_data("/RawData", DataRaw("d", data=[np.ones(3)]))
    assert saver.raw_group.children_name() == before
    with pytest.warns(DataWarning, match="without its error bars"):
        BkgSaver(saver).add_data("/RawData", DataRaw("d", data=[np.ones((2, 3))], errors=[np.ones((2, 3))]))
    with pytest.raises(DataMismatchError, match="a background already"):
        BkgSaver(saver).add_data("/RawData", DataRaw("d", data=[np.ones((2, 3))]))
    saver.remove_node("/RawData/Bkg00")
    saver.add_array("/RawData", "Bkg00", "bkg", np.ones(1))
    with pytest.raises(DataMismatchError, match=r"/RawData/Bkg00.*\(1,\).*/RawData/Data00.*\(2, 3\)"):
        DataLoader(saver).load_data("/RawData/Data00", with_bkg=True)


def test_many_signals(saver, make_point):
    point = make_point(3.0)
    before = [copy.deepcopy(told(data)) for data in point.data]
    exporter = DataToExportSaver(saver)
    exporter.add_data("/RawData", point, settings_as_xml="<a/>", operator="me")
    assert [told(data) for data in point.data] == before
    assert saver.raw_group.attrs["settings"] == "<a/>"
    loaded = {data.name: data for data in DataLoader(saver).load_all("/RawData").data}
    for data in before:
        again = told(loaded[data["name"]])
        assert again.pop("extra") == {**data.pop("extra"), "operator": "me"}
        assert again == data
    backgrounds = DataToExport("bkg", data=[DataRaw("spectrum", origin="Spectrometer", data=[np.ones(16)])])
    exporter.add_bkg("/RawData", backgrounds)
    spectrum = DataLoader(saver).load_data_from_name_origin("spectrum", "Spectrometer", with_bkg=True)
    np.testing.assert_array_equal(spectrum[0], point.data[2][0] - 1)
    with pytest.raises(DataMismatchError, match="holds no signal 'ghost'"):
        exporter.add_bkg("/RawData", DataToExport("bkg", data=[DataRaw("ghost", data=[np.ones(1)])]))


def test_other_signals_in_the_same_groups(saver):
    exporter = DataToExportSaver(saver)
    exporter.add_data("/RawData", DataToExport("p", data=[DataRaw("a", origin="A", data=[np.ones(1)])]))
    for other in (
        DataRaw("b", origin="A", data=[np.ones(1)]),
        DataRaw("a", origin="B", data=[np.ones(1)]),
    ):
        point = DataToExport("p", data=[DataRaw("2D", data=[np.ones((2, 2))]), other])
        with pytest.raises(DataMismatchError, match="holds signal 'a' of 'A'"):
            exporter.add_data("/RawData", point)
    assert saver.raw_group.children_name() == ["Data0D", "Logger"]


def test_finding_by_name_and_origin(saver, make_point):
    for number in range(2):
        DataToExportSaver(saver).add_data(saver.add_scan_group(), make_point(number))
    loader = DataLoader(saver)
    assert len(loader.load_all()) == 10
    told = "several signals .*'power' of origin 'Diode': .*Scan000/Data0D/CH00/Data00'.*'/RawData/Scan001'"
    with pytest.warns(DataWarning, match=told) as warned:
        assert loader.load_data_from_name_origin("power", "Diode")[0][0] == 0.0
    assert warned[0].filename == __file__
    one = loader.load_data_from_name_origin("power", "Diode", where="/RawData/Scan001", load_all=False)
    assert (len(one), one[0][0]) == (1, 1.0)
    node = saver.get_node("/RawData/Scan001/Data0D/CH00/Data00")
    assert loader.load_data_from_name_origin("power", "Diode", where=node)[1][0] == -1.0
    for name, origin in (("power", "Camera"), ("ghost", "Diode")):
        with pytest.raises(NameError, match=name) as caught:
            loader.load_data_from_name_origin(name, origin)
        assert isinstance(caught.value, DataMissingError)
        assert str(caught.value).count("'power' of origin 'Diode'") == 1
    with pytest.raises(
        DataMissingError, match="no data named 'power' without an origin; it holds 'power' of"
    ):
        loader.load_data_from_name_origin("power", where="/RawData/Scan001")
    with pytest.raises(DataMissingError, match="it holds no data"):
        loader.load_data_from_name_origin("power", where=saver.add_scan_group())
    with pytest.raises(DataNodeError, match="below it '/RawData/Scan001/Data0D/CH00/Data00' does"):
        loader.load_data("/RawData/Scan001")
    more = DataToExport("mine")
    assert loader.load_all("/RawData/Scan000", more) is more
    loader.load_all(node, more)
    assert len(more) == 6
    assert list(loader.walk_nodes("/RawData/Scan000", only_groups=True))


def test_what_holds_no_data(saver):
    loader = DataLoader(saver)
    for path in ("/RawData", "/RawData/Logger", "/"):
        with pytest.raises(DataNodeError, match="does not hold data"):
            loader.load_data(path)
    with pytest.raises(LookupError, match="Nowhere"):
        loader.load_data("/Nowhere")
    assert loader.load_acquired("/RawData") is None
    assert loader.get_nav_group("/RawData") is None


def test_an_axis_as_data(saver):
    DataSaverLoader(saver).add_data("/RawData", SIGNALS["1D"])
    loaded = DataLoader(saver).load_data("/RawData/Axis00", load_all=True)
    assert (loaded.name, loaded.units, loaded.labels, loaded.axes) == ("axis 0", "um", ["axis 0"], [])
    assert loaded[0].tolist() == [0.0, 1.0, 4.0, 9.0, 16.0]


def test_a_file_of_its_own(tmp_path):
    path = tmp_path / "own.h5"
    with DataSaverLoader(path, metadata={"by": "me"}) as saver:
        saver.add_data(saver.raw_group, SIGNALS["1D"])
        saver.flush()
        assert saver.isopen()
    assert not saver.isopen()
    with pytest.raises(FileClosedError, match="was closed"):
        saver.add_data("/RawData", SIGNALS["1D"])
    with DataLoader(path) as loader:
        assert loader.raw_group.attrs["by"] == "me"
        assert isinstance(loader.load_data("/RawData/Data00"), DataWithAxes)
        with pytest.raises(PermissionError, match="opened for reading"):
            DataSaverLoader(loader.h5saver).add_data("/RawData", SIGNALS["1D"])
    loader.close()


def test_the_five_hundredth_array_costs_what_the_first_did(calls, tmp_path):
    data = DataRaw("d", data=[np.array([1.5])])
    with DataSaverLoader(tmp_path / "many.h5") as saver:
        costs = []
        for _ in range(502):
            before = calls.total()
            saver.add_data("/RawData", data)
            costs.append(calls.total() - before)
    assert max(costs[2:]) == costs[2]
    assert costs[501] <= costs[1]


def test_error_bars_that_come_by_themselves(saver, make_point):
    point, errors = make_point(1), make_point(3)
    plain = DataToExport("plain", data=[data for data in point.data if data.errors is None])
    bars = DataToExport("bars", data=[data for data in errors.data if data.errors is None])
    exporter = DataToExportSaver(saver)
    exporter.add_data("/RawData", plain)
    exporter.add_error("/RawData", bars)
    loader = DataLoader(saver)
    for data, bar in zip(plain.data, bars.data, strict=True):
        loaded = loader.load_data_from_name_origin(data.name, data.origin)
        for left, right in zip(loaded.errors, bar.data, strict=True):
            np.testing.assert_array_equal(left, right)
    with pytest.raises(DataMismatchError, match="error bars already"):
        exporter.add_error("/RawData", bars)
    with pytest.raises(DataMismatchError, match="no signal 'unknown'"):
        exporter.add_error("/RawData", DataToExport("x", data=[DataRaw("unknown", data=[np.ones(2)])]))


@pytest.mark.parametrize("labels", [["left", "right"], ["same", "same"]])
def test_a_signal_that_is_saved_several_times_comes_back_as_often(saver, labels):
    def noise(value):
        data = [np.full(3, value), np.full(3, -value)]
        signal = DataRaw("noise", data=data, errors=[np.ones(3), np.ones(3)], labels=labels)
        signal.timestamp = 12.5
        return signal

    other = DataRaw("other", data=[np.zeros(3)])
    data = DataSaverLoader(saver)
    for signal in (noise(1.0), noise(2.0), noise(3.0), other, noise(4.0)):
        data.add_data("/RawData", signal)
    with DataLoader(saver) as loader:
        found = loader.load_all("/RawData").data
        assert [(each.name, each.length, each[0][0]) for each in found] == [
            ("noise", 2, 1), ("noise", 2, 2), ("noise", 2, 3), ("other", 1, 0), ("noise", 2, 4),
        ]  # fmt: skip
        assert [len(each.errors or ()) for each in found] == [2, 2, 2, 0, 2]
        assert not any("saved_again" in each.extra_attributes for each in found)
        second = loader.load_data("/RawData/Data03", load_all=True)
        assert (second.length, second[0][0], second[1][0]) == (2, 2, -2)
        again = saver.get_node("/RawData/Data04").attrs
        assert (again["saved_again"], "saved_again" in saver.get_node("/RawData/Data01").attrs) == (2, False)


def test_pymodaq_reads_a_signal_that_is_saved_twice(tmp_path):
    axis = Axis("x", "um", np.array([0.0, 1.0, 4.0]), index=0)
    signal = DataRaw("noise", data=[np.arange(3.0)], axes=[axis])
    with DataSaverLoader(tmp_path / "twice.h5") as saver:
        saver.add_data("/RawData", signal)
        saver.add_data("/RawData", signal)
    with PeerLoader(tmp_path / "twice.h5") as loader:
        loaded = loader.load_data("/RawData/Data01")
    np.testing.assert_array_equal(loaded[0], [0, 1, 2])
