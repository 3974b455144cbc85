"""What is saved opens with a plot in programs that know NeXus: silx and nexusformat are asked, and the rules.

The rules are those of NXdata in the NeXus manual: `broken_rules` holds a group against them.
"""

from __future__ import annotations

import os
import re
import shutil
import warnings

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymodaq_data.data import Axis, DataDistribution, DataRaw, DataToExport

from h5modules.backends import H5Backend
from h5modules.data_saving import (
    DataEnlargeableSaver,
    DataExtendedSaver,
    DataLoader,
    DataMismatchError,
    DataNodeError,
    DataSaverLoader,
    DataToExportEnlargeableSaver,
    DataToExportExtendedSaver,
    DataToExportSaver,
    DataToExportTimedSaver,
    DataWarning,
    ErrorSaverLoader,
    make_axis,
)
from h5modules.data_saving.nexus import add_view, remove_view
from h5modules.data_saving.testing import assert_same_data, points, signals
from h5modules.saving import H5SaverLowLevel, arrays_at, pack, recover

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what they say of Python while they are imported
    from nexusformat.nexus import nxload
    from silx.io import nxdata

EXAMPLES = int(os.environ.get("H5MODULES_EXAMPLES", "15"))

several = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

NAME = re.compile(r"[a-zA-Z0-9_]([a-zA-Z0-9_.]*[a-zA-Z0-9_])?\Z")


@pytest.fixture(params=["h5py", "tables"])
def new_file(request, tmp_path):
    """Give what opens a new file."""

    def new(**options):
        return H5SaverLowLevel.from_file(
            tmp_path / "data.h5", new_file=True, backend=request.param, **options
        )

    return new


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data.h5"


def plots(file):
    """Return the groups of class NXdata in a file."""
    found = []
    if "NeXus" in file:
        file["NeXus"].visititems(
            lambda _, node: found.append(node) if node.attrs.get("NX_class") == "NXdata" else None
        )
    return found


def broken_rules(plot):
    """Yield what of a group is not as the NeXus manual wants it."""
    signal = plot[plot.attrs["signal"]]
    others = [plot[name] for name in plot.attrs.get("auxiliary_signals", ())]
    if any(other.shape != signal.shape for other in others):
        yield "auxiliary signals have the shape of the signal"
    if signal.ndim:
        axes = list(plot.attrs["axes"])
        is_cloud = signal.ndim == 1 and len(axes) == 2 and "." not in axes
        if len(axes) != signal.ndim and not is_cloud:
            yield "there is an axis for each dimension"
        for dimension, name in enumerate(axes):
            length = signal.shape[0 if is_cloud else dimension]
            if name != "." and plot[name].shape != (length,):
                yield f"the axis {name} has one dimension, of {length} values"
            if name != "." and list(plot.attrs[f"{name}_indices"]) != [0 if is_cloud else dimension]:
                yield f"{name}_indices is the dimension of {name}"
    for name in [each.removesuffix("_indices") for each in plot.attrs if each.endswith("_indices")]:
        indices = plot.attrs[f"{name}_indices"]
        if plot[name].shape != tuple(signal.shape[index] for index in indices):
            yield f"{name} has the lengths of its dimensions {indices}"
    for name in plot:
        if not NAME.match(name):
            yield f"{name!r} is a name"
        if name.endswith("_errors") and plot[name].shape != plot[name.removesuffix("_errors")].shape:
            yield f"{name} has the shape of what it is the error of"


def assert_opens_with_a_plot(path):
    """Check that silx finds a plot in a file, and that all keep the rules; return the path of the first."""
    with h5py.File(path) as file:
        assert file.attrs["NX_class"] == "NXroot"
        default = nxdata.get_default(file)
        assert default is not None
        for plot in plots(file):
            assert list(broken_rules(plot)) == []
            assert nxdata.NXdata(plot).issues == []
        return default.group.name


def stage(length=3, index=0, order=0, label="Stage"):
    return make_axis(label, "um", np.linspace(0, 1, length) ** 2, index, order)


def power(number=0.0, **options):
    return DataRaw("power", origin="Diode", units="mW", data=[np.array([number])], **options)


def spectrum(number=0.0, shift=0.0):
    wavelength = make_axis("wavelength", "nm", np.linspace(500, 515, 16) + shift)
    return DataRaw("spectrum", origin="Spectrometer", data=[np.full(16, number)], axes=[wavelength])


def scan_of(saver, signal, axes, shape, name="", distribution="uniform"):
    """Save a scan of a signal in a group, whose last point is left out."""
    where = saver.get_set_group("/RawData", name) if name else "/RawData"
    writer = DataToExportExtendedSaver(saver, shape)
    writer.add_nav_axes(where, axes)
    for index in list(np.ndindex(shape))[:-1]:
        point = DataToExport("point", data=[signal(float(sum(index)))])
        writer.add_data(where, point, index, DataDistribution[distribution])


def test_a_map_of_a_scan(new_file, path):
    with new_file() as saver:
        scan_of(saver, power, [stage(3), stage(4, 1, label="2θ")], (3, 4))
    assert assert_opens_with_a_plot(path) == "/NeXus/RawData/Diode_power"
    with h5py.File(path) as file:
        found = nxdata.get_default(file)
        assert (found.title, found.signal_name) == ("RawData: power of Diode", "power (mW)")
        assert found.axes_dataset_names == ["Stage", "2theta"]
        assert found.axes_names == ["Stage (um)", "2θ (um)"]
        np.testing.assert_array_equal(found.axes[1], np.linspace(0, 1, 4) ** 2)
        assert np.isnan(found.signal[2, 3])
        # One array, two names.
        assert found.signal == file["RawData/Data0D/CH00/Data00"]
    plotted = nxload(str(path)).plottable_data
    assert (plotted.nxpath, plotted.plot_rank) == ("/NeXus/RawData/Diode_power", 2)
    assert [axis.nxname for axis in plotted.nxaxes] == ["Stage", "2theta"]


def test_channels_are_curves_with_error_bars(new_file, path):
    arrays = [np.linspace(0, 1, 5), np.linspace(1, 2, 5)]
    data = DataRaw(
        "power",
        origin="Diode",
        data=arrays,
        labels=["left", "right"],
        errors=[array / 10 for array in arrays],
        axes=[stage(5)],
    )
    with new_file() as saver:
        DataSaverLoader(saver).add_data("/RawData", data)
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        found = nxdata.get_default(file)
        assert [found.signal_name, *found.auxiliary_signals_names] == ["left ()", "right"]
        np.testing.assert_array_equal(found.errors, arrays[0] / 10)
        np.testing.assert_array_equal(found.auxiliary_signal_errors[0], arrays[1] / 10)
    assert nxload(str(path)).plottable_data.nxerrors is not None


def test_error_bars_that_come_later(new_file, path):
    with new_file() as saver:
        DataSaverLoader(saver).add_data("/RawData", power(1.0))
        ErrorSaverLoader(saver).add_data("/RawData", power(0.1))
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        assert list(nxdata.get_default(file).errors) == [0.1]


def test_listed_points_are_a_cloud(new_file, path):
    axes = [
        make_axis(label, "um", np.random.default_rng(1).random(6), 0, order)
        for order, label in enumerate(["x", "y"])
    ]
    with new_file() as saver:
        scan_of(saver, power, axes, (6,), "Power", "spread")
        scan_of(saver, spectrum, axes, (6,), "Spectra", "spread")
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        cloud = nxdata.NXdata(file["NeXus/Power/Diode_power"])
        assert (cloud.axes_dataset_names, cloud.signal.shape) == (["x", "y"], (6,))
        # A spectrum at each of them: no single axis tells where, both are there.
        spectra = file["NeXus/Spectra/Spectrometer_spectrum"]
        assert list(spectra.attrs["axes"]) == [".", "wavelength"]
        assert (list(spectra.attrs["x_indices"]), list(spectra.attrs["y_indices"])) == ([0], [0])


def test_what_a_point_holds_is_shown_first(new_file, path):
    frame = DataRaw("frame", origin="Camera", data=[np.ones((4, 5))])
    with new_file() as saver:
        scan_of(saver, spectrum, [stage(2), stage(3, 1)], (2, 3), "Map")
        scan_of(saver, spectrum, [stage(3)], (3,), "Line")
        scan_of(saver, lambda number: frame, [stage(3)], (3,), "Frames")
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        told = {
            name: nxdata.get_default(file[f"NeXus/{name}"]).interpretation
            for name in ("Map", "Line", "Frames")
        }
    assert told == {"Map": "spectrum", "Line": None, "Frames": "image"}


def test_a_log_is_a_curve_against_time_also_while_it_runs(new_file, path):
    with new_file() as saver:
        log = DataToExportTimedSaver(saver)
        for number in range(5):
            log.add_data("/RawData", DataToExport("row", data=[power(float(number))]))
        if saver.backend == "h5py":  # any program may read it while it is written
            assert_opens_with_a_plot(path)
            with h5py.File(path) as file:
                assert list(nxdata.get_default(file).signal[:5]) == [0, 1, 2, 3, 4]
                assert np.isnan(nxdata.get_default(file).signal[5:]).all()
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        found = nxdata.get_default(file)
        assert (found.signal.shape, found.axes_names) == ((5,), ["time (s)"])
    assert nxload(str(path)).plottable_data.plot_rank == 1


def test_logs_of_spectra_end_alike(new_file, path):
    with new_file() as saver:
        log = DataToExportEnlargeableSaver(saver, ["delay"], ["ps"])
        for number in range(5):
            wide = DataRaw("wide", origin="Spectrometer", data=[np.full(64, float(number))])
            log.add_data("/RawData", DataToExport("row", data=[wide, power(number)]), [number])
        if saver.backend == "h5py":  # any program may read it while it is written
            with h5py.File(path) as file:
                running = nxdata.NXdata(file["NeXus/RawData/Spectrometer_wide"])
                assert running.group["delay"].shape[0] > running.group["wide"].shape[0]
                assert (running.is_valid, running.axes_names) == (True, [None, None])
                np.testing.assert_array_equal(running.signal[:5, 0], np.arange(5.0))
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        closed = nxdata.NXdata(file["NeXus/RawData/Spectrometer_wide"])
        assert closed.axes_names == ["delay (ps)", None]
        np.testing.assert_array_equal(closed.axes[0], np.arange(5.0))


def test_logs_of_a_killed_writer_are_shown_when_they_were_recovered(tmp_path, path):
    with H5SaverLowLevel.from_file(path, new_file=True) as saver:
        log = DataEnlargeableSaver(saver, ["delay"], ["ps"])
        for number in range(5):
            log.add_data("/RawData", spectrum(number), [number])
        shutil.copy(path, tmp_path / "killed.h5")
    recover(tmp_path / "killed.h5")
    assert_opens_with_a_plot(tmp_path / "killed.h5")
    assert told(tmp_path / "killed.h5")[0] == told(path)[0]


def test_an_axis_that_moves_is_counted_and_there_at_each_point(new_file, path):
    with new_file() as saver:
        scan_of(saver, lambda number: spectrum(number, shift=number), [stage(3)], (3,))
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        plot = nxdata.get_default(file).group
        assert list(plot.attrs["axes"]) == ["Stage", "."]
        assert list(plot.attrs["wavelength_indices"]) == [0, 1]
        np.testing.assert_allclose(plot["wavelength"][1], np.linspace(500, 515, 16) + 1)


def test_points_to_come_are_nan_while_a_scan_runs(tmp_path, path):
    counts = DataRaw("counts", origin="Counter", data=[np.array([7])])
    with H5SaverLowLevel.from_file(path) as saver:
        writer = DataToExportExtendedSaver(saver, (4,))
        point = DataToExport("point", data=[power(2.0), spectrum(), counts])
        writer.add_data("/RawData", point, (0,))
        with h5py.File(path) as file:  # as any other program
            shown = {name: plot[plot.attrs["signal"]][...] for name, plot in file["NeXus/RawData"].items()}
    np.testing.assert_array_equal(shown["Diode_power"], [2.0, np.nan, np.nan, np.nan])
    assert np.isnan(shown["Spectrometer_spectrum"][1:]).all()
    assert list(shown["Counter_counts"]) == [7, 0, 0, 0]  # integers have no NaN: the record tells


def test_axes_of_the_scan_may_come_after_its_first_point(new_file, path):
    with new_file() as saver:
        writer = DataToExportExtendedSaver(saver, (2,))
        writer.add_data("/RawData", DataToExport("point", data=[power()]), (0,))
        writer.add_nav_axes("/RawData", [stage(2)])
        single = DataExtendedSaver(saver, (2,))
        single.add_data(saver.get_set_group("/RawData", "Alone"), power(), (0,))
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        assert list(file["NeXus/RawData/Diode_power"].attrs["axes"]) == ["Stage"]
        assert list(file["NeXus/Alone/Diode_power"].attrs["axes"]) == ["Stage"]


def test_signals_of_one_name_have_plots_of_their_own(new_file, path):
    with new_file() as saver:
        for number in range(3):
            DataSaverLoader(saver).add_data("/RawData", power(float(number)))
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        values = {name: plot["power"][0] for name, plot in file["NeXus/RawData"].items()}
    names = ["Diode_power", "Diode_power_RawData_Data01", "Diode_power_RawData_Data02"]
    assert values == dict(zip(names, [0.0, 1.0, 2.0], strict=True))


def test_positions_are_not_what_a_scan_shows_first(new_file, path):
    with new_file() as saver:
        scan = saver.add_scan_group()
        for group in (saver.add_act_group(scan), saver.add_det_group(scan)):
            position = DataRaw("value", origin=group.name, data=[np.array([1.0])])
            DataToExportSaver(saver).add_data(group, DataToExport("point", data=[position]))
    assert assert_opens_with_a_plot(path) == "/NeXus/Scan000/Detector000_value"


def scan_of_modules(saver, shape, further=()):
    """Save the first point of a scan of a stage, a diode and a spectrometer, each in a group of its own."""
    scan = saver.add_scan_group(title="A scan")
    axes = [stage(length, index, label=f"Stage {index}") for index, length in enumerate(shape)]
    position = DataRaw("Stage 0", origin="Stage 0", units="um", data=[np.array([0.1])])
    modules = [
        (saver.add_act_group(scan, "Stage 0"), [position]),
        (saver.add_det_group(scan, "Diode"), [power(1.0, errors=[np.array([0.1])])]),
        (saver.add_det_group(scan, "Spectromètre 1"), [power(), spectrum(), *further]),
    ]
    writer = DataToExportExtendedSaver(saver, shape)
    for group, signals_of_module in modules:
        writer.add_nav_axes(group, axes)
        writer.add_data(group, DataToExport("point", data=signals_of_module), (0,) * len(shape))


def parts(path, entry="Scan000"):
    """Return the parts of an instrument: their classes, and where each of their arrays was saved."""
    with h5py.File(path) as file:
        first_names = {}
        file["RawData"].visititems(lambda name, node: first_names.update({node.id.__hash__(): name}))
        instrument = file[f"NeXus/{entry}"].get("instrument", {})
        return {
            name: (part.attrs["NX_class"], {key: first_names[hash(node.id)] for key, node in part.items()})
            for name, part in instrument.items()
        }


def test_modules_are_parts_of_an_instrument(new_file, path):
    with new_file() as saver:
        scan_of_modules(saver, (3,))
        scan_of_modules(saver, (3, 2))
    assert assert_opens_with_a_plot(path) == "/NeXus/Scan001/Diode_power"
    channel = "Data0D/CH00/Data00"
    found = parts(path)
    assert found == {
        "Diode": (
            "NXdetector",
            {
                "data": f"Scan000/Detector000/{channel}",
                "data_errors": "Scan000/Detector000/Data0D/CH00/ErrorBar00",
            },
        ),
        "Spectrometre_1": (
            "NXdetector",
            {
                "data_power": f"Scan000/Detector001/{channel}",
                "data_spectrum": "Scan000/Detector001/Data1D/CH00/Data00",
            },
        ),
        "Stage_0": (
            "NXpositioner",
            {"value": f"Scan000/Actuator000/{channel}", "target_value": "Scan000/Actuator000/NavAxes/Axis00"},
        ),
    }
    # Where it was at each point of a map is no list, as NeXus wants one.
    assert list(parts(path, "Scan001")["Stage_0"][1]) == ["target_value"]
    root = nxload(str(path))
    instrument = root["NeXus/Scan000/instrument"]
    assert [each.nxclass for each in instrument.NXdetector] == ["NXdetector"] * 2
    assert [each.nxname for each in instrument.NXpositioner] == ["Stage_0"]
    np.testing.assert_array_equal(instrument["Stage_0/target_value"].nxvalue, np.linspace(0, 1, 3) ** 2)
    assert root.plottable_data.nxpath == "/NeXus/Scan001/Diode_power"


def test_only_an_axis_of_its_name_is_where_an_actuator_was_sent(new_file, path):
    with new_file() as saver:
        scan = saver.add_scan_group()
        for title in ("Stage 0", "Shutter", ""):
            group = saver.add_act_group(scan, title)
            writer = DataToExportExtendedSaver(saver, (3,))
            writer.add_nav_axes(group, [stage(3, label="Stage 0")])
            where = DataRaw("position", origin=title, data=[np.array([1.0])])
            writer.add_data(group, DataToExport("point", data=[where]), (0,))
        other = saver.add_act_group(scan, "Nothing told")
        DataToExportSaver(saver).add_data(other, DataToExport("point", data=[spectrum(), power()]))
    named = {name: list(links) for name, (_, links) in parts(path).items()}
    assert named == {"Stage_0": ["target_value", "value"], "Shutter": ["value"], "Actuator002": ["value"]}


def test_modules_of_one_name_are_parts_of_their_own(new_file, path):
    with new_file() as saver:
        scan = saver.add_scan_group()
        for number in range(2):
            group = saver.add_det_group(scan, "Diode")
            data = DataToExport("point", data=[power(float(number))])
            DataToExportSaver(saver).add_data(group, data)
        named_so = DataRaw("instrument", data=[np.array([1.0])])
        DataSaverLoader(saver).add_data(saver.get_set_group(scan, "CH00"), named_so)
    assert {name: links["data"] for name, (_, links) in parts(path).items()} == {
        "Diode": "Scan000/Detector000/Data0D/CH00/Data00",
        "Diode_Detector001": "Scan000/Detector001/Data0D/CH00/Data00",
    }
    assert_opens_with_a_plot(path)


def test_parts_of_an_instrument_are_of_what_is_there(new_file, path):
    file_name = DataRaw("file", origin="Spectrometer", data=[np.array([1.0])])
    with new_file() as saver:
        scan_of_modules(saver, (3,), [file_name])
        before = told(path) if saver.backend == "h5py" else None
    assert "data_file_1" in parts(path)["Spectrometre_1"][1]  # data_file means another thing
    add_view(path)
    assert before in (None, told(path))
    with H5SaverLowLevel.from_file(path) as saver:
        saver.remove_node("/RawData/Scan000/Detector001/Data1D")
        saver.remove_node("/RawData/Scan000/Actuator000/NavAxes")
        saver.remove_node("/RawData/Scan000/Detector000/Data0D/CH00/ErrorBar00")
    found = {name: list(links) for name, (_, links) in parts(path).items()}
    assert found == {"Diode": ["data"], "Spectrometre_1": ["data_file_1", "data_power"], "Stage_0": ["value"]}
    with H5SaverLowLevel.from_file(path) as saver:
        saver.remove_node("/RawData/Scan000/Actuator000")
        saver.remove_node("/RawData/Scan000/Detector001")
    assert list(parts(path)) == ["Diode"]
    with H5SaverLowLevel.from_file(path) as saver:
        late = saver.get_set_group("/RawData/Scan000", "Detector000")
        DataToExportSaver(saver).add_data(late, DataToExport("late", data=[spectrum()]))
    assert list(parts(path)["Diode"][1]) == ["data_power", "data_spectrum"]
    with H5SaverLowLevel.from_file(path) as saver:
        saver.remove_node("/RawData/Scan000/Detector000")
    with h5py.File(path) as file:
        assert "NeXus" not in file


def test_it_can_be_turned_off(new_file, path):
    with new_file(nexus=False) as saver:
        scan_of(saver, power, [stage(3)], (3,))
    with h5py.File(path) as file:
        assert "NeXus" not in file
        assert not {"default", "NX_class"} & set(file.attrs)
        assert "long_name" not in file["RawData/NavAxes/Axis00"].attrs


def test_a_group_of_that_name_that_is_somebodys_is_left_alone(new_file, path):
    with new_file() as saver:
        saver.get_set_group("/", "NeXus", "mine")
        with pytest.warns(DataWarning, match="a group 'NeXus' of its own"):
            DataSaverLoader(saver).add_data("/RawData", power())
    with h5py.File(path) as file:
        assert (list(file["NeXus"]), "default" in file.attrs) == ([], False)


def test_what_is_loaded_is_the_same(new_file, path, make_point):
    loaded = []
    for nexus in (True, False):
        with new_file(nexus=nexus) as saver:
            DataToExportSaver(saver).add_data("/RawData", make_point(1.0))
            scan_of(saver, spectrum, [stage(3)], (3,), "Scan")
            titled = saver.get_node_from_title("/", "spectrum").path
        with DataLoader(path) as loader:
            paths = [node.path for node in loader.walk_nodes("/")]
            loaded.append((loader.load_all("/"), paths, titled))
    (shown, shown_paths, shown_title), (plain, plain_paths, plain_title) = loaded
    assert (shown_paths, shown_title) == (plain_paths, plain_title)
    assert len(shown.data) == len(plain.data)
    for one, other in zip(shown.data, plain.data, strict=True):
        other.timestamp = one.timestamp
        assert_same_data(one, other)


def test_what_is_deleted_is_gone_from_the_plots(new_file, path):
    with new_file() as saver:
        for name in ("Scan000", "Scan001"):
            scan_of(saver, power, [stage(3)], (3,), name)
        saver.remove_node("/RawData/Scan001")
    assert assert_opens_with_a_plot(path) == "/NeXus/Scan000/Diode_power"
    with H5SaverLowLevel.from_file(path) as saver:
        saver.remove_node("/RawData/Scan000/NavAxes/Axis00")
    with h5py.File(path) as file:
        assert list(file["NeXus"]) == ["Scan000"]
        assert list(file["NeXus/Scan000/Diode_power"].attrs["axes"]) == ["."]
        assert list(file["NeXus/Scan000/Diode_power"]) == ["power"]
    with H5SaverLowLevel.from_file(path) as saver:
        saver.remove_node("/RawData/Scan000")
        assert "NeXus" not in saver.root()
        DataSaverLoader(saver).add_data("/RawData", power())
    assert assert_opens_with_a_plot(path) == "/NeXus/RawData/Diode_power"


def _scan_named(saver, title, number):
    scan = saver.add_scan_group(title=title)
    writer = DataToExportExtendedSaver(saver, (2,))
    detector = saver.add_det_group(scan, title="Lamp")
    writer.add_nav_axes(detector, [stage(2)])
    for index in range(2):
        writer.add_data(detector, DataToExport("point", data=[power(number + index)]), (index,))
    return scan


def _shown(path):
    """Return the title of each entry and what it shows first; all it holds is of the group of its name."""
    with h5py.File(path) as file:
        found = {}
        for name, entry in file["NeXus"].items():
            plot = entry[entry.attrs["default"]]
            arrays = []
            file["RawData"][name].visititems(lambda _, node, arrays=arrays: arrays.append(node))
            for each in entry.values():
                assert all(node in arrays for node in each.values() if isinstance(node, h5py.Dataset))
            found[name] = entry.attrs["TITLE"], plot[plot.attrs["signal"]][()].ravel().tolist()
        return found


def test_what_is_moved_is_shown_under_its_new_name(new_file, path):
    with new_file() as saver:
        first, second = _scan_named(saver, "first", 0), _scan_named(saver, "second", 50)
        saver.move_node(second, saver.raw_group, "Scan005")
        saver.move_node(first, saver.raw_group, "Scan001")
        _scan_named(saver, "third", 100)
    expected = {
        "Scan001": ("first", [0, 1]),
        "Scan005": ("second", [50, 51]),
        "Scan006": ("third", [100, 101]),
    }
    assert _shown(path) == expected
    with H5SaverLowLevel.from_file(path) as saver:
        before = arrays_at(saver, "/NeXus/Scan001")
        saver.move_node("/RawData/Scan001/Detector000", "/RawData/Scan006", "Detector001")
        assert arrays_at(saver, "/NeXus/Scan006") > before
        assert saver.driver.kind("/NeXus/Scan001") is None
    assert _shown(path)["Scan006"] == ("third", [100, 101])


def test_what_is_copied_is_shown_too(new_file, path):
    with new_file() as saver:
        scan = _scan_named(saver, "first", 0)
        saver.copy_node(scan, saver.raw_group, "Scan007")
    assert _shown(path) == dict.fromkeys(("Scan000", "Scan007"), ("first", [0, 1]))
    with H5SaverLowLevel.from_file(path) as saver:
        saver.remove_node("/RawData/Scan000")
    assert_opens_with_a_plot(path)
    assert _shown(path) == {"Scan007": ("first", [0, 1])}


def test_what_others_deleted_is_not_shown_under_the_name_of_what_comes(new_file, path):
    with new_file() as saver:
        _scan_named(saver, "first", 0)
    with H5Backend.open(path, "r+") as file:  # which knows nothing of the plots
        file.remove_node("/RawData/Scan000")
    with H5SaverLowLevel.from_file(path) as saver:
        _scan_named(saver, "second", 50)
    assert _shown(path) == {"Scan000": ("second", [50, 51])}


def test_a_channel_that_is_deleted_is_no_curve(new_file, path):
    data = DataRaw("power", origin="Diode", data=[np.zeros(3), np.ones(3), np.zeros(3)], labels=list("abc"))
    with new_file() as saver:
        DataSaverLoader(saver).add_data("/RawData", data)
        saver.remove_node("/RawData/Data02")
        saver.remove_node("/RawData/Data01")
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        assert list(file["NeXus/RawData/Diode_power"]) == ["a"]


def test_what_cannot_be_saved_is_not_shown(new_file, path):
    with new_file() as saver:
        DataSaverLoader(saver).add_data("/RawData", power())
        two = DataToExport("point", data=[power(), power()])
        with pytest.raises(DataMismatchError):
            DataToExportExtendedSaver(saver, (2,)).add_data("/RawData", two, (0,))
        lost = DataToExport("point", data=[spectrum(), DataRaw("x", origin="y", data=[np.ones(2)])])
        lost.data[1].add_extra_attribute(device=object())
        with pytest.raises(TypeError):
            DataToExportSaver(saver).add_data("/RawData", lost)
    assert assert_opens_with_a_plot(path) == "/NeXus/RawData/Diode_power"
    with h5py.File(path) as file:
        assert list(file["NeXus/RawData"]) == ["Diode_power"]


@pytest.mark.parametrize("backend", ["h5py", "tables"])
def test_copies_share_what_has_two_names(new_file, path, tmp_path, backend):
    with new_file() as saver:
        DataSaverLoader(saver).add_data("/RawData", DataRaw("noise", data=[np.random.random((100, 1000))]))
        saver.save_file_as(tmp_path / "copy.h5", backend)
    assert_opens_with_a_plot(tmp_path / "copy.h5")
    assert (tmp_path / "copy.h5").stat().st_size < 1_000_000
    pack(path)
    assert_opens_with_a_plot(path)
    with h5py.File(path) as file:
        assert nxdata.get_default(file).signal == file["RawData/Data00"]


@pytest.mark.parametrize("name", ["v4_h5py", "v4_tables", "v5_h5py", "v5_tables"])
def test_files_of_pymodaq_get_plots(corpus, tmp_path, name):
    path = corpus(name)
    before = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        count = add_view(path, tmp_path / "shown.h5")
        assert path.read_bytes() == before
        assert_opens_with_a_plot(tmp_path / "shown.h5")
        with DataLoader(path) as plain, DataLoader(tmp_path / "shown.h5") as shown:
            expected, found = plain.load_all("/"), shown.load_all("/")
            assert [node.path for node in plain.walk_nodes()] == [node.path for node in shown.walk_nodes()]
        assert_same_data(expected, found)
    with h5py.File(tmp_path / "shown.h5") as file:
        assert len(plots(file)) == count
        units = [
            str(node.attrs["units"])
            for plot in plots(file)
            for node in plot.values()
            if "units" in node.attrs
        ]
    assert units
    assert not any("{" in each for each in units)


def test_the_tree_is_made_anew_and_taken_away(new_file, path):
    with new_file(nexus=False) as saver:
        scan_of(saver, power, [stage(3)], (3,))
        paths = [node.path for node in saver.walk_nodes()]
    assert not remove_view(path)
    assert [add_view(path), add_view(path)] == [1, 1]
    assert_opens_with_a_plot(path)
    assert remove_view(path)
    with H5Backend.open(path) as file:
        assert [node.path for node in file.walk_nodes()] == paths
        assert not {"default", "NX_class"} & set(file.root().attrs)


def told(path):
    """Return what the tree for other programs says: attributes by path, and which array is behind a name."""
    with h5py.File(path) as file:
        found = {"": dict(file.attrs)}
        file["NeXus"].visititems(lambda name, node: found.update({name: dict(node.attrs)}))
        addresses = {name: h5py.h5o.get_info(file["NeXus"][name].id).addr for name in found if name}
    groups = {name: attrs for name, attrs in found.items() if "NX_class" in attrs}
    return {name: {key: str(value) for key, value in attrs.items()} for name, attrs in groups.items()}, {
        name: address for name, address in addresses.items() if name not in groups
    }


def test_what_was_just_made_is_shown_as_the_file_tells_it(new_file, path):
    arrays = [np.ones(16), np.zeros(16)]
    both = spectrum(1)
    both = DataRaw("both", origin="S", data=arrays, errors=arrays, labels=["left", "right"], axes=both.axes)
    frame = DataRaw("frame", origin="Camera", data=[np.ones((4, 5), np.uint8)])
    signals = [power(1.0), both, frame]
    with new_file() as saver:
        spread = [make_axis(label, "um", np.arange(3.0) ** 2, 0, order) for order, label in enumerate("xy")]
        for name, axes, distribution in (("Line", [stage(3)], "uniform"), ("Cloud", spread, "spread")):
            group = saver.get_set_group("/RawData", name)
            writer = DataToExportExtendedSaver(saver, (3,))
            writer.add_nav_axes(group, axes)
            point = DataToExport("point", data=signals)
            writer.add_data(group, point, (0,), DataDistribution[distribution])
        log = DataToExportTimedSaver(saver)
        log.add_data(saver.get_set_group("/RawData", "Log"), DataToExport("row", data=signals))
        single = DataExtendedSaver(saver, (2, 3))
        single.add_data(saver.get_set_group("/RawData", "Alone"), both, (0, 0))
        rows = DataEnlargeableSaver(saver, ["delay"], ["ps"])
        rows.add_data(saver.get_set_group("/RawData", "Rows"), both, [1.0])
    made = told(path)
    assert len(made[1]) > 30
    add_view(path)
    assert told(path) == made


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(3)
    before = path.read_bytes()
    with pytest.raises(DataNodeError, match="no group 'RawData'"):
        add_view(path)
    assert path.read_bytes() == before


def test_naming_modules_costs_little_when_a_scan_is_made(calls, path):
    made = []
    for nexus in (False, True):
        with H5SaverLowLevel.from_file(path, new_file=True, nexus=nexus) as saver:
            scan_of_modules(saver, (3,))
            calls.clear()
            scan_of_modules(saver, (3,))
        made.append(calls.copy())
    more = made[1] - made[0]
    with h5py.File(path) as file:
        groups = [file["NeXus/Scan001"]]
        for group in groups:
            groups += [child for child in group.values() if isinstance(child, h5py.Group)]
        links = sum(isinstance(child, h5py.Dataset) for group in groups for child in group.values())
    # A group is made for each plot and part, a link for each array: nothing twice, and nothing is walked.
    assert (more["create_group"], more["link"]) == (len(groups), links)
    assert more["iter_children"] == 0
    assert more["kind"] <= 4 * (len(groups) + links)


def test_points_cost_nothing_more(calls, path):
    for nexus in (True, False):
        with H5SaverLowLevel.from_file(path, new_file=True, nexus=nexus) as saver:
            writer = DataToExportExtendedSaver(saver, (5,))
            writer.add_data("/RawData", DataToExport("point", data=[power()]), (0,))
            calls.clear()
            for index in range(1, 5):
                writer.add_data("/RawData", DataToExport("point", data=[power()]), (index,))
            assert calls == {"writer.write": 8}


@several
@given(data=signals())
def test_whatever_is_saved_opens_with_a_plot(new_file, path, data):
    with new_file() as saver:
        DataSaverLoader(saver).add_data("/RawData", data)
    assert_opens_with_a_plot(path)


@several
@given(
    point=points(with_navigation=False),
    shape=st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple),
    is_spread=st.booleans(),
)
def test_whatever_is_scanned_opens_with_a_plot(new_file, path, point, shape, is_spread):
    axes = [
        Axis("s", "um", index=index, size=size, offset=0.0, scaling=1.0) for index, size in enumerate(shape)
    ]
    with new_file() as saver:
        writer = DataToExportExtendedSaver(saver, shape)
        writer.add_nav_axes("/RawData", axes)
        distribution = "spread" if is_spread and len(shape) == 1 else "uniform"
        writer.add_data("/RawData", point, (0,) * len(shape), DataDistribution[distribution])
        log = DataToExportTimedSaver(saver)
        for _ in range(2):
            log.add_data(saver.get_set_group("/RawData", "Log"), point)
    assert_opens_with_a_plot(path)
