from __future__ import annotations

import warnings
from dataclasses import dataclass

import h5py
import numpy as np
import pytest
from pymodaq_data.data import DataRaw, DataToExport
from pymodaq_data.h5modules.data_saving import DataLoader as PeerLoader

from h5modules.backends import FileError, H5Backend, NodeError
from h5modules.data_saving import DataBundle, DataLoader, DataMismatchError
from h5modules.module_saving import (
    ActuatorEnlargeableSaver,
    ActuatorTimeSaver,
    DetectorEnlargeableSaver,
    DetectorSaver,
    DetectorTimeSaver,
    LoggerSaver,
    OptimizerSaver,
    settings_to_xml,
)
from h5modules.saving import H5SaverLowLevel


@dataclass
class Device:
    title: str

    def settings_xml(self):
        return settings_to_xml({"of": self.title})


@dataclass
class Lab(Device):
    detectors: tuple[Device, ...] = (Device("Diode"), Device("Camera"))
    actuators: tuple[Device, ...] = (Device("X"),)


@pytest.fixture
def saver(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "modules.h5", save_type="logger") as opened:
        yield opened


def diode(number, time=0.0):
    dte = DataToExport(
        "Diode", data=[DataRaw("power", origin="Diode", units="mW", data=[np.array([float(number)])])]
    )
    dte.timestamp = time
    return dte


def everything(number, time):
    frame = DataRaw("frame", origin="Camera", data=[np.full((2, 3), number, np.uint16)])
    position = DataRaw("X", origin="X", units="um", data=[np.array([number + 0.25])])
    dte = DataToExport("all", data=[*diode(number).data, frame, position])
    dte.timestamp = time
    return dte


def test_a_logger_keeps_rows_of_their_own_for_each_module(saver, tmp_path):
    logger = LoggerSaver(Lab("Night"), saver)
    group = logger.get_set_node(new=True)
    assert (group.name, group.attrs["type"], group.title) == ("Datalogger000", "datalogger", "Night")
    assert sorted(node.name for node in logger.current_nodes.values()) == [
        "Actuator000",
        "Detector000",
        "Detector001",
    ]
    logger.add_data(everything(0, 10.0))
    logger.add_data(diode(1, 11.0))
    logger.add_data_bundle(DataBundle(everything(2, 12.5)))
    loader = DataLoader(saver)
    power = loader.load_data_from_name_origin("power", "Diode")
    assert (power[0].tolist(), power.units) == ([0, 1, 2], "mW")
    assert power.axes[0].get_data().tolist() == [10, 11, 12.5]
    frame = loader.load_data_from_name_origin("frame", "Camera")
    assert (frame.shape, frame[0].dtype) == ((2, 2, 3), np.uint16)
    assert loader.load_data_from_name_origin("X", "X")[0].tolist() == [0.25, 2.25]
    assert "Diode" in group.get_child("Detector000").attrs["settings"]
    for module in ("Detector000", "Detector001", "Actuator000"):
        assert "Acquired" in group.get_child(module)
    path = saver.filename
    saver.close_file()
    with PeerLoader(path) as peer, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it makes up axes, and tells
        theirs = {data.name: data for data in peer.load_all("/RawData")}
    assert theirs["power"][0].tolist() == [0, 1, 2]
    assert theirs["power"].units == "mW"
    np.testing.assert_array_equal(theirs["frame"][0], frame[0])


def test_a_logger_goes_on_in_the_same_group(tmp_path):
    path = tmp_path / "night.h5"
    for start in (0, 2):
        with H5SaverLowLevel.from_file(path) as saver:
            logger = LoggerSaver(Lab("Night"), saver)
            logger.get_set_node()
            for number in range(start, start + 2):
                logger.add_data(everything(number, float(number)))
    with DataLoader(path) as loader:
        assert loader.load_data_from_name_origin("power", "Diode")[0].tolist() == [0, 1, 2, 3]
        assert loader.raw_group.children_name() == ["Datalogger000", "Logger"]


def test_an_optimizer_saves_where_it_went(saver):
    optimizer = OptimizerSaver(Lab("Best"), ["x", "y"], ["um", "mm"], saver)
    optimizer.get_set_node()
    for number, place in enumerate([(0.0, 0.0), (4.0, 2.0), (1.0, 5.0)]):
        optimizer.add_data(diode(number), axis_values=place)
    power = DataLoader(saver).load_data_from_name_origin("power", "Diode")
    assert power[0].tolist() == [0, 1, 2]
    places = {axis.label: (axis.units, axis.get_data().tolist()) for axis in power.axes}
    assert places == {"x": ("um", [0, 4, 1]), "y": ("mm", [0, 2, 5])}
    with pytest.raises(DataMismatchError, match="2 were given|1 were given"):
        optimizer.add_data(diode(3), axis_values=[1.0])
    optimizer.add_data_bundle(DataBundle(diode(3), axis_values=[9.0, 9.0]))
    assert DataLoader(saver).load_data_from_name_origin("power", "Diode").shape == (4,)


def test_what_a_logger_does_not_know(saver):
    logger = LoggerSaver(Lab("Night"), saver)
    with pytest.raises(DataMismatchError, match="call get_set_node first"):
        logger.add_data(diode(0))
    with pytest.raises(NodeError, match="call get_set_node first"):
        logger.create_module_group()
    logger.get_set_node()
    unknown = DataToExport("all", data=[*diode(0).data, DataRaw("other", origin="Nobody", data=[np.ones(1)])])
    with pytest.raises(DataMismatchError, match="Nobody"):
        logger.add_data(unknown)
    assert not [node for node in saver.walk_nodes() if "EnlData" in node.name]


@pytest.mark.parametrize(
    ("kind", "where"), [(DetectorTimeSaver, "Detector000"), (ActuatorTimeSaver, "Actuator000")]
)
def test_one_module_against_the_time(saver, kind, where):
    module = kind(Device("Diode"), saver)
    group = module.get_set_node()
    for number in range(3):
        module.add_data(group, diode(number, 5.0 + number))
    assert saver.get_node(f"/RawData/{where}/NavAxes/Axis00").read().tolist() == [5, 6, 7]
    background = DataToExport("b", data=[DataRaw("power", origin="Diode", data=[np.ones(1)])])
    module.add_bkg(group, background)
    data = DataLoader(saver).load_data(f"{group.path}/Data0D/CH00/EnlData00", with_bkg=True)
    assert data[0].tolist() == [-1, 0, 1]


@pytest.mark.parametrize("kind", [DetectorEnlargeableSaver, ActuatorEnlargeableSaver])
def test_one_module_row_by_row(tmp_path, kind):
    module = kind(Device("Diode"), ["power"], ["mW"])
    for name in ("one.h5", "two.h5"):  # the file is changed on the way
        with H5SaverLowLevel.from_file(tmp_path / name) as saver:
            module.h5saver = saver
            group = module.get_set_node()
            module.add_data(group, diode(1), [2.5])
            (data,) = DataLoader(saver).load_all(group).data
            assert (data[0].tolist(), data.axes[0].get_data().tolist()) == ([1], [2.5])


def test_a_file_of_a_module_of_its_own_is_taken_along(saver, tmp_path):
    other = tmp_path / "camera.h5"
    with h5py.File(other, "w") as raw:
        raw["frames"] = np.arange(6).reshape(2, 3)
        raw["more/again"] = raw["frames"]
    before = other.read_bytes()
    module = DetectorSaver(Device("Camera"), saver)
    with pytest.raises(NodeError, match="call get_set_node first"):
        module.add_external_h5(other)
    group = module.get_set_node()
    module.add_external_h5(other)
    external = group.get_child("External_data")
    assert external.attrs["type"] == "external_h5"
    assert external.get_child("frames").read().tolist() == [[0, 1, 2], [3, 4, 5]]
    assert saver.get_node(external, "more").children_name() == ["again"]
    assert other.read_bytes() == before
    with pytest.raises(FileError):
        DetectorSaver(Device("Other"), saver).get_set_node() and module.add_external_h5(tmp_path / "none.h5")
    with H5Backend.open(other) as opened:
        second = DetectorSaver(Device("Second"), saver)
        second.get_set_node()
        second.add_external_h5(opened)
        assert opened.isopen()


def of_another_shape(number):
    frame = DataRaw("frame", origin="Camera", data=[np.full((4, 4), number, np.uint16)])
    return DataToExport("all", data=[*diode(number).data, frame])


def test_a_module_that_cannot_be_saved_leaves_no_row_of_the_others(saver):
    logger = LoggerSaver(Lab("Night"), saver)
    logger.get_set_node(new=True)
    logger.add_data(everything(0, 10.0))
    with pytest.raises(DataMismatchError, match="frame"):
        logger.add_data(of_another_shape(1))
    optimizer = OptimizerSaver(Lab("Best"), ["X"], ["um"], saver)
    optimizer.get_set_node(new=True)
    optimizer.add_data(everything(0, 10.0), [0.0])
    with pytest.raises(DataMismatchError, match="frame"):
        optimizer.add_data(of_another_shape(1), [1.0])
    for group in ("Datalogger000", "Optimizer000"):
        assert saver.get_node(f"/RawData/{group}/Detector000/Data0D/CH00/EnlData00").shape == (1,)


def test_a_log_made_after_the_last_was_deleted_is_kept(saver):
    logger = LoggerSaver(Lab("Night"), saver)
    first = logger.get_set_node(new=True)
    logger.add_data(everything(0, 10.0))
    saver.remove_node(first)
    with pytest.raises(NodeError, match="no node"):
        logger.add_data(everything(1, 11.0))
    second = logger.get_set_node(new=True)
    assert second.path == first.path
    for number in range(4):
        logger.add_data(everything(number, float(number)))
    power = DataLoader(saver).load_data_from_name_origin("power", "Diode")
    assert power[0].tolist() == [0, 1, 2, 3]


def test_a_row_of_which_nothing_is_to_be_saved_is_refused_and_binds_nothing(saver):
    logger = LoggerSaver(Lab("Night"), saver)
    group = logger.get_set_node(new=True)
    unwanted = diode(0)
    unwanted.data[0].add_extra_attribute(do_save=False)
    with pytest.raises(DataMismatchError, match="nothing to save"):
        logger.add_data(unwanted)
    assert saver.get_node(group, "Detector000").children_name() == []
    logger.add_data(diode(1))
    with pytest.raises(DataMismatchError, match="nothing to save"):
        logger.add_data(unwanted)
    logger.add_data(diode(2))
    assert DataLoader(saver).load_data_from_name_origin("power", "Diode")[0].tolist() == [1, 2]
