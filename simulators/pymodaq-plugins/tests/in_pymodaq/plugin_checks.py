"""The plugins, by PyMoDAQ's own checkers and as its Dashboard calls them."""

from __future__ import annotations

import numpy as np
import pytest
from pymodaq.utils.plugin_testing import (
    PluginPackageChecks,
    assert_units,
    grab_and_wait,
    make_actuator,
    make_detector,
    move_abs_and_wait,
    move_home_and_wait,
    move_rel_and_wait,
)
from pymodaq_utils.plugin_tools.checks import main as check_plugin

from h5modules_simulators import BENCH
from pymodaq_plugins_simulated.daq_move_plugins.daq_move_SimulatedGrating import DAQ_Move_SimulatedGrating
from pymodaq_plugins_simulated.daq_move_plugins.daq_move_SimulatedStage import DAQ_Move_SimulatedStage
from pymodaq_plugins_simulated.daq_viewer_plugins.plugins_0D.daq_0Dviewer_SimulatedPhotodiode import (
    DAQ_0DViewer_SimulatedPhotodiode,
)
from pymodaq_plugins_simulated.daq_viewer_plugins.plugins_1D.daq_1Dviewer_SimulatedSpectrometer import (
    DAQ_1DViewer_SimulatedSpectrometer,
)
from pymodaq_plugins_simulated.daq_viewer_plugins.plugins_2D.daq_2Dviewer_SimulatedCamera import (
    DAQ_2DViewer_SimulatedCamera,
)
from pymodaq_plugins_simulated.daq_viewer_plugins.plugins_ND.daq_NDviewer_SimulatedCounter import (
    DAQ_NDViewer_SimulatedCounter,
)

VIEWERS = {
    DAQ_0DViewer_SimulatedPhotodiode: ((1,), "V", []),
    DAQ_1DViewer_SimulatedSpectrometer: ((1024,), "counts", ["nm"]),
    DAQ_2DViewer_SimulatedCamera: ((128, 128), "counts", ["um", "um"]),
    DAQ_NDViewer_SimulatedCounter: ((2, 8, 64), "counts", ["deg", "nm", "ns"]),
}


@pytest.fixture(autouse=True)
def fresh_bench():
    BENCH.clear()
    yield
    BENCH.clear()


class TestPackage(PluginPackageChecks):
    package_name = "pymodaq_plugins_simulated"
    fail_on = "todo"
    strict_imports = True


def test_command_check_plugin_finds_nothing():
    assert check_plugin(["pymodaq_plugins_simulated", "--fail-on", "todo", "--strict-imports"]) == 0


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda each: each.__name__)
def test_detector_reads_its_shape_units_and_axes(viewer):
    shape, units, axis_units = VIEWERS[viewer]
    detector = make_detector(viewer)
    assert detector.initialized
    dte = grab_and_wait(detector)
    assert_units(dte)
    (signal,) = dte
    assert (signal.shape, signal.units) == (shape, units)
    assert [axis.units for axis in sorted(signal.axes, key=lambda axis: axis.index)] == axis_units


def test_stage_moves_under_the_photodiode():
    stage = make_actuator(DAQ_Move_SimulatedStage)
    detector = make_detector(DAQ_0DViewer_SimulatedPhotodiode)
    microscope = BENCH.microscope()
    assert move_abs_and_wait(stage, -10.0).value() == -10.0
    assert move_rel_and_wait(stage, 2.5).value() == -7.5
    assert microscope.stage.position == (-7.5, 0.0)
    read = grab_and_wait(detector)[0][0]
    np.testing.assert_allclose(read, microscope.photodiode.read()[0], rtol=0.2)
    assert move_home_and_wait(stage).value() == 0.0


def test_second_axis_is_a_slave_of_the_first():
    first = make_actuator(DAQ_Move_SimulatedStage, seed=3)
    second = make_actuator(DAQ_Move_SimulatedStage, controller=first.controller)
    second.axis_name = "Y"
    move_abs_and_wait(second, 4.0)
    assert BENCH.microscope(3).stage.position == (0.0, 4.0)


def test_slaves_go_along_to_another_microscope():
    first = make_actuator(DAQ_Move_SimulatedStage, seed=3)
    second = make_actuator(DAQ_Move_SimulatedStage, controller=first.controller)
    second.axis_name = "Y"
    first.settings.child("seed").setValue(5)
    first.commit_settings(first.settings.child("seed"))
    move_abs_and_wait(first, 1.0)
    move_abs_and_wait(second, 4.0)
    assert BENCH.microscope(5).stage.position == (1.0, 4.0)
    assert BENCH.microscope(3).stage.position == (0.0, 0.0)


def test_positions_are_told_and_taken_in_the_scaling_of_the_user():
    stage = make_actuator(DAQ_Move_SimulatedStage)
    scaling = stage.settings.child("scaling")
    for name, value in {"use_scaling": True, "scaling": 2.0, "offset": 1.0}.items():
        scaling.child(name).setValue(value)
    told = move_abs_and_wait(stage, 6.0)
    assert (told.value(), told.units) == (pytest.approx(6.0), "um")
    assert BENCH.microscope().stage.position == pytest.approx((4.0, 0.0))
    assert move_rel_and_wait(stage, -2.0).value() == pytest.approx(4.0)
    assert BENCH.microscope().stage.position == pytest.approx((3.0, 0.0))
    assert move_home_and_wait(stage).value() == pytest.approx(-2.0)
    assert BENCH.microscope().stage.position == (0.0, 0.0)


def test_home_lies_within_the_bounds_of_the_user():
    stage = make_actuator(DAQ_Move_SimulatedStage)
    for name, value in {"min_bound": 2.0, "max_bound": 8.0}.items():
        stage.settings.child("bounds", name).setValue(value)
    assert move_home_and_wait(stage).value() == 2.0


def test_slave_without_master_is_not_initialized():
    stage = DAQ_Move_SimulatedStage()
    stage.settings.child("controller", "controller_status").setValue("Slave")
    text, initialized = stage.ini_stage(None)
    assert not initialized
    assert "master" in text


def test_stage_stays_within_its_limits():
    stage = make_actuator(DAQ_Move_SimulatedStage)
    assert move_abs_and_wait(stage, 70.0).value() == 50.0


def test_grating_turns_the_spectrometer():
    grating = make_actuator(DAQ_Move_SimulatedGrating)
    detector = make_detector(DAQ_1DViewer_SimulatedSpectrometer)
    move_abs_and_wait(grating, 600.0)
    axis = grab_and_wait(detector)[0].get_axis_from_index(0)[0]
    assert axis.get_data().mean() == pytest.approx(600.0)
