"""The savers with settings, in a real Qt without a screen, beside PyMoDAQ's."""

from __future__ import annotations

import copy
import inspect
import logging
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport
from pymodaq_data.h5modules import backends as their_backends
from pymodaq_data.h5modules import data_saving
from pymodaq_gui.h5modules import saving as theirs
from pymodaq_gui.managers.parameter_manager import ParameterManager
from pymodaq_gui.parameter import ioxml
from pymodaq_gui.qt_utils import mkQApp
from pymodaq_gui.utils.custom_app import CustomApp
from pymodaq_gui.utils.widgets.window import make_window
from qtpy.QtCore import QObject

import h5modules.saving
from h5modules.backends import FileError, FileFormatError, SaveType, get_driver
from h5modules.saving import H5Saver, H5SaverBase, H5SaverLowLevel, last_dataset
from h5modules.saving.qt import dashboard_submodules_params

COMPRESSION = ("data_format", "compression_options")


@pytest.fixture(scope="session")
def qapp():
    return mkQApp("tests")


@pytest.fixture
def saver(qtbot, tmp_path):
    opened = H5Saver()
    opened.settings["base_path"] = str(tmp_path)
    yield opened
    opened.close_file()


def tree(parent) -> dict:
    return {child.name(): (child.opts["type"], tree(child)) for child in parent.children()}


def public_names(owner) -> set[str]:
    return {name for name in dir(owner) if not name.startswith("_")}


# Beside PyMoDAQ's


def test_the_settings_have_the_same_names_types_and_nesting(saver):
    ours = tree(saver.settings)
    assert ours["data_format"][1].pop("nexus") == ("bool", {})  # the one that is ours alone
    assert ours == tree(theirs.H5Saver().settings)
    assert saver.settings.name() == theirs.H5Saver().settings.name()
    ours = {each["name"]: each["type"] for each in dashboard_submodules_params}
    assert ours == {each["name"]: each["type"] for each in theirs.dashboard_submodules_params}


def test_each_setting_is_titled_and_hidden_as_there(saver):
    other = theirs.H5Saver(backend="tables").settings  # h5py shows settings of SWMR there
    other.child("backend", "swmr_options").setOpts(visible=False)
    for path in ioxml_paths(other):
        one, two = saver.settings.child(*path).opts, other.child(*path).opts
        assert (one.get("title"), one["visible"]) == (two.get("title"), two["visible"]), path


def ioxml_paths(parent, above=()) -> list[tuple[str, ...]]:
    found = []
    for child in parent.children():
        found += [(*above, child.name()), *ioxml_paths(child, (*above, child.name()))]
    return found


def test_every_name_of_the_classes_is_there(saver):
    missing = {"finalize_swmr", "reconcile_swmr_attrs"}  # nothing is written in SWMR mode
    assert public_names(theirs.H5Saver) - public_names(H5Saver) == missing
    assert public_names(theirs.H5SaverBase) - public_names(H5SaverBase) == missing
    assert issubclass(H5Saver, H5SaverLowLevel)
    assert issubclass(H5Saver, ParameterManager)
    assert issubclass(H5Saver, QObject)


OWN = [
    name
    for name, method in vars(theirs.H5SaverBase).items()
    if not name.startswith("_")
    and callable(getattr(theirs.H5SaverBase, name))
    and not isinstance(method, type)
]


@pytest.mark.parametrize("name", OWN)
def test_arguments_are_those_of_pymodaq(name):
    ours, other = (
        list(inspect.signature(getattr(kind, name)).parameters) for kind in (H5Saver, theirs.H5Saver)
    )
    assert ours == other


def test_signals_carry_the_same(saver):
    other = theirs.H5Saver()
    for name in ("status_sig", "new_file_sig", "file_changed_sig"):
        assert getattr(saver, name).signal == getattr(other, name).signal


def test_plots_in_other_programs_can_be_turned_off(saver, monkeypatch):
    assert saver.nexus
    saver.settings["data_format", "nexus"] = False
    assert not saver.nexus
    monkeypatch.setenv("H5MODULES_NEXUS", "0")
    assert not H5SaverLowLevel().nexus
    assert H5SaverLowLevel(nexus=True).nexus


def test_params_for_a_type_of_file():
    for kind in (SaveType.detector, their_backends.SaveType.detector):
        params = H5Saver.get_params_for_save_type(kind)
        assert params[0]["value"] == "detector"
    assert "value" not in H5Saver.params[0]


# Files


def test_dated_files(saver, tmp_path):
    with pytest.raises(ValueError, match="init_file first"):
        saver.add_scan_group()
    assert saver.init_file() is True
    first = saver.file_path
    assert first == last_dataset(tmp_path)
    assert saver.settings["current_h5_file"] == str(first)
    assert saver.settings["current_scan_name"] == saver.current_scan_name == "Scan000"
    saver.add_scan_group()
    assert saver.init_file() is False  # goes on in the same
    assert saver.file_path == first
    assert saver.current_scan_name == "Scan001"
    assert saver.init_file(update_h5=True, metadata={"author": "me"}) is True
    assert saver.file_path == first.with_name(first.name.replace("_000", "_001"))
    assert saver.raw_group.attrs["author"] == "me"
    assert saver.update_file_paths(True)[2].name == first.stem.replace("_000", "_002")


def test_files_of_other_types(saver, tmp_path):
    saver.settings["save_type"] = "detector"
    saver.settings["base_name"] = "Camera"
    assert saver.init_file() is True
    assert saver.file_path.name.startswith("Camera_2")
    assert saver.file_path.parent.parent.parent == tmp_path
    assert saver.raw_group.attrs["type"] == "detector"


def test_a_file_of_ones_own_choice(saver, tmp_path):
    assert saver.init_file(addhoc_file_path=tmp_path / "mine.h5") is True
    saver.add_scan_group()
    assert saver.init_file(addhoc_file_path=str(tmp_path / "mine.h5"), mode="r") is False
    assert saver.get_scan_groups() == [saver.get_last_scan()]
    assert saver.init_file(True, addhoc_file_path=tmp_path / "other.h5", mode="r") is True
    assert saver.init_file(addhoc_file_path=tmp_path / "mine.h5", mode="r") is False
    assert saver.get_scan_index() == 0
    saver.load_file(file_path=tmp_path / "mine.h5")
    assert saver.file_loaded
    saver.save_file(tmp_path / "copy.h5")
    with H5Saver.from_file(tmp_path / "copy.h5", backend="tables") as copied:
        assert copied.raw_group.children_name() == ["Logger", "Scan000"]
        assert copied.settings["backend", "backend_type"] == "tables"
        assert copied.settings["current_h5_file"] == str(tmp_path / "copy.h5")


@pytest.mark.parametrize("chosen", ["", "asked"])
def test_a_name_that_is_asked_for(saver, tmp_path, monkeypatch, chosen):
    path = str(tmp_path / f"{chosen}.h5") if chosen else ""
    answer = lambda *_args, **_options: (path, "")  # noqa: E731 - what the user would choose
    monkeypatch.setattr("qtpy.QtWidgets.QFileDialog.getSaveFileName", answer)
    monkeypatch.setattr("qtpy.QtWidgets.QFileDialog.getOpenFileName", answer)
    saver.init_file()
    before = saver.file_path
    saver.settings["custom_name"] = True
    assert saver.init_file(update_h5=True) is bool(chosen)
    assert str(saver.file_path) == (path or str(before))
    assert saver.isopen()
    saver.load_file()
    assert str(saver.file_path) == (path or str(before))


def test_a_file_that_is_asked_for_and_there_is_replaced_only_when_a_new_one_is_to_be(saver, monkeypatch):
    saver.init_file()
    saver.add_scan_group()
    answer = lambda *_args, **_options: (str(saver.file_path), "")  # noqa: E731 - what the user would choose
    monkeypatch.setattr("qtpy.QtWidgets.QFileDialog.getSaveFileName", answer)
    assert saver.init_file(custom_naming=True) is False
    assert saver.get_scan_index() == 0
    assert saver.get_last_scan() is not None
    assert saver.init_file(update_h5=True, custom_naming=True) is True
    assert saver.get_last_scan() is None


def test_a_copy_whose_name_is_asked_for(saver, tmp_path, monkeypatch):
    names = [tmp_path / "copy.h5", tmp_path / "copy.h5", ""]
    monkeypatch.setattr(
        "qtpy.QtWidgets.QFileDialog.getSaveFileName", lambda *_args, **_options: (str(names.pop(0)), "")
    )
    saver.init_file()
    saver.add_scan_group()
    for _ in range(3):  # the second replaces the first: the dialog asked; the third is cancelled
        saver.save_file()
    with H5SaverLowLevel.from_file(tmp_path / "copy.h5", mode="r") as copied:
        assert copied.raw_group.children_name() == ["Logger", "Scan000"]


# Settings do what they say


def test_another_file_among_the_settings(saver, tmp_path, qtbot):
    H5SaverLowLevel.from_file(tmp_path / "other.h5").close_file()
    saver.init_file()
    with qtbot.waitSignal(saver.file_changed_sig) as changed:
        saver.settings["current_h5_file"] = str(tmp_path / "other.h5")
    assert changed.args == [str(tmp_path / "other.h5")]
    assert saver.h5_file_name == "other.h5"


@pytest.mark.parametrize("name", ["missing.h5", "text.h5"])
def test_a_file_that_cannot_be_opened_leaves_the_one_before(saver, tmp_path, qtbot, caplog, name):
    (tmp_path / "text.h5").write_text("not HDF5, but long enough for a signature to be looked for")
    saver.init_file()
    before = str(saver.file_path)
    saver.add_scan_group()
    with qtbot.waitSignal(saver.status_sig) as told, caplog.at_level(logging.WARNING):
        saver.settings["current_h5_file"] = str(tmp_path / name)
    assert (told.args[0].command, name in told.args[0].attribute[0]) == ("Update_Status", True)
    assert name in caplog.text
    qtbot.waitUntil(lambda: saver.settings["current_h5_file"] == before)
    assert saver.isopen()
    assert saver.raw_group.children_name() == ["Logger", "Scan000"]
    assert not (tmp_path / "missing.h5").exists()


def test_a_file_that_cannot_be_opened_and_one_before_that_is_gone(qtbot, tmp_path):
    saver = H5Saver(backend="memory")  # where an open file can be deleted, on any system
    saver.init_file(addhoc_file_path=tmp_path / "gone.h5")
    told = []
    saver.status_sig.connect(lambda command: told.extend(command.attribute))
    get_driver("memory").delete_file(tmp_path / "gone.h5")
    saver.settings["current_h5_file"] = str(tmp_path / "missing.h5")
    assert ["missing.h5" in told[0], "gone.h5" in told[1], len(told)] == [True, True, 2]
    assert not saver.isopen()


def test_a_file_for_reading_stays_so_when_another_cannot_be_opened(saver, tmp_path):
    H5SaverLowLevel.from_file(tmp_path / "read.h5").close_file()
    saver.init_file(addhoc_file_path=tmp_path / "read.h5", mode="r")
    saver.settings["current_h5_file"] = str(tmp_path / "missing.h5")
    assert saver.h5_file_name == "read.h5"
    assert not saver.driver.writable


def test_a_base_path_that_cannot_be(saver, tmp_path, qtbot):
    saver.settings["base_path"] = str(tmp_path / "new" / "base")
    assert (tmp_path / "new" / "base").is_dir()
    (tmp_path / "file").touch()
    with qtbot.waitSignal(saver.status_sig):
        saver.settings["base_path"] = str(tmp_path / "file")
    with pytest.raises(FileError, match="choose another"):
        saver.init_file()
    qtbot.waitUntil(lambda: saver.settings["base_path"] == str(tmp_path / "new" / "base"))
    saver.init_file()
    assert saver.file_path.is_relative_to(tmp_path / "new" / "base")


def test_compression_packs_from_the_start(saver):
    assert saver.settings[(*COMPRESSION, "h5comp_level")] == 0
    saver.init_file()
    plain = saver.add_array("/RawData", "Data00", "data", np.zeros(1000))
    assert plain.info.compression is None
    saver.settings[(*COMPRESSION, "h5comp_level")] = 6
    packed = saver.add_array("/RawData", "Data01", "data", np.zeros(1000))
    scan = saver.add_array("/RawData", "Data02", "data", None, (1000,), float, None, None, (3,), True)
    assert packed.info.compression.level == scan.info.compression.level == 6
    assert "packed" in saver.settings.child(*COMPRESSION, "h5comp_level").opts["tip"]


def with_level(params: list[dict], level: int) -> list[dict]:
    """Describe the settings with another level of compression to begin with."""
    changed = copy.deepcopy(params)
    (data_format,) = [each for each in changed if each["name"] == "data_format"]
    (compression,) = [each for each in data_format["children"] if each["name"] == "compression_options"]
    (wanted,) = [each for each in compression["children"] if each["name"] == "h5comp_level"]
    wanted["value"] = level
    return changed


class PackingSaver(H5Saver):
    """A program's own settings."""

    params: ClassVar[list[dict]] = with_level(H5Saver.params, 5)


def test_compression_in_the_settings_counts_without_being_touched(qtbot):
    saver = PackingSaver()
    assert saver.compression.level == 5


def test_what_a_script_chooses_is_shown(saver):
    saver.define_compression("gzip", 3)
    assert saver.settings[(*COMPRESSION, "h5comp_level")] == 3
    assert saver.settings[(*COMPRESSION, "h5comp_library")] == "gzip"
    assert (saver.compression.name, saver.compression.level) == ("gzip", 3)
    saver.set_backend("tables")
    assert saver.settings["backend", "backend_type"] == "tables"
    saver.fill_value = np.nan
    assert np.isnan(saver.settings["data_format", "fill_value"])
    saver.fill_value = -1.0
    assert saver.settings["data_format", "fill_value"] == saver.fill_value == -1
    saver.fill_value = None
    assert saver.settings["data_format", "fill_value"] == 0
    assert saver.fill_value is None
    assert list(saver.settings.child("data_format", "fill_value").opts["limits"]) == [
        "nan up to 1 MiB, else 0",
        "nan",
        "-1",
    ]


def test_the_fill_value_fills_scans(saver):
    saver.init_file()
    scan = {"data_shape": (2,), "array_type": float, "scan_shape": (2,), "add_scan_dim": True}
    assert not saver.add_array("/RawData", "Data00", "data", **scan).read().any()
    saver.settings["data_format", "fill_value"] = np.nan
    assert np.isnan(saver.add_array("/RawData", "Data01", "data", **scan).read()).all()


def test_another_backend(saver):
    saver.init_file()
    saver.settings["backend", "backend_type"] = "tables"
    assert (saver.backend, saver.isopen()) == ("tables", False)
    assert "lz4" not in saver.settings.child(*COMPRESSION, "h5comp_library").opts["limits"]
    saver.init_file()
    assert saver.add_scan_group().name == "Scan000"
    assert "memory" not in saver.settings.child("backend", "backend_type").opts["limits"]


def test_a_backend_that_is_not_offered_can_be_chosen_by_a_script(qtbot, tmp_path):
    saver = H5Saver(backend="memory")
    assert saver.settings["backend", "backend_type"] == saver.backend == "memory"
    saver.settings["base_path"] = str(tmp_path / "base")
    assert saver.init_file() is True
    saver.close_file()
    assert list(tmp_path.iterdir()) == []


def test_settings_that_are_restored_keep_the_file_open(saver):
    saver.init_file()
    saver.settings.restoreState(saver.settings.saveState())
    assert saver.isopen()


def test_saving_to_a_server(saver, hsds_server, qtbot):
    saver.settings["backend", "backend_type"] = "h5pyd"
    server = saver.settings.child("backend", "hsds_options")
    assert server.opts["visible"]
    server["endpoint"], server["user"] = hsds_server.endpoint, hsds_server.username
    server["password"] = hsds_server.password
    saver.settings["base_path"] = f"{hsds_server.folder}qt"
    assert saver.init_file() is True
    assert saver.settings["current_h5_file"].startswith(f"{hsds_server.folder}qt/20")
    qtbot.waitUntil(lambda: server["password"] == "")
    assert hsds_server.password.encode() not in ioxml.parameter_to_xml_string(saver.settings)
    assert saver.init_file(addhoc_file_path=saver.settings["current_h5_file"]) is False
    saver.settings["backend", "backend_type"] = "h5py"
    assert not server.opts["visible"]


# Buttons and signals


def test_the_button_for_a_new_file(saver):
    saver.init_file()
    first = saver.file_path
    saver.settings.child("new_file").activate()
    assert saver.file_path != first
    assert saver.isopen()


def test_who_is_connected_makes_the_new_file(saver, tmp_path):
    saver.init_file()
    saver.new_file_sig.connect(lambda: saver.init_file(addhoc_file_path=tmp_path / "theirs.h5"))
    saver.settings.child("new_file").activate()
    assert saver.h5_file_name == "theirs.h5"


def test_who_is_connected_may_make_none(saver, qtbot):
    saver.init_file()
    first = saver.file_path
    with qtbot.waitSignal(saver.new_file_sig):
        saver.settings.child("new_file").activate()
    assert saver.file_path == first


def test_a_new_file_that_cannot_be_made(saver, tmp_path, qtbot):
    (tmp_path / "file").touch()
    saver.settings["base_path"] = str(tmp_path / "file")
    with qtbot.waitSignal(saver.status_sig) as told:
        saver.settings.child("new_file").activate()
    assert "No new file" in told.args[0].attribute[0]


def test_there_is_no_file_to_show_yet(saver, qtbot):
    with qtbot.waitSignal(saver.status_sig):
        saver.settings.child("show_file").activate()


SHOW = """
import os, sys
from pymodaq_gui.qt_utils import mkQApp
app = mkQApp("show")
from h5modules.saving import H5Saver
saver = H5Saver()
saver.init_file(addhoc_file_path=sys.argv[1])
saver.add_scan_group()
for is_open in (True, False):
    if not is_open:
        saver.close_file()
    saver.settings.child("show_file").activate()
    app.processEvents()
    browser = saver.analysis_prog
    print(browser.h5utils.get_node("/RawData/Scan000").name, saver.shared_ui.mainwindow.isVisible())
    browser.quit_fun()
    print(saver.isopen())
sys.stdout.flush()
os._exit(0)  # pyqtgraph's plots do not always survive the end of the program
"""


def test_the_button_that_shows_the_file(tmp_path):
    # In a program of its own: what is left of the browser's plots would end the tests.
    told = subprocess.run(
        [sys.executable, "-c", SHOW, str(tmp_path / "shown.h5")], capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.split() == ["Scan000", "True", "True", "Scan000", "True", "False"]


def test_the_widget(saver, qtbot):
    qtbot.addWidget(saver.settings_tree)
    saver.show_settings()
    assert saver.settings_tree.isVisible()
    saver.show_settings(False)
    assert not saver.settings_tree.isVisible()
    saver.init_file()
    saver.close()
    assert not saver.isopen()


# In PyMoDAQ's hands


def test_pymodaqs_manager_of_files_takes_it(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("pymodaq_gui.managers.h5manager.H5Saver", H5Saver)
    window, _ = make_window(area=False)
    qtbot.addWidget(window)
    manager = CustomApp(window)._h5_manager
    saver = manager._init_h5_saver()
    assert isinstance(saver, H5Saver)
    saver.settings["base_path"] = str(tmp_path)
    assert manager.h5saver is saver
    assert saver.isopen()
    first = saver.file_path
    saver.settings.child("new_file").activate()
    assert saver.file_path.name == first.name.replace("_000", "_001")
    manager.close_file()
    assert not saver.isopen()
    assert manager.get_h5saver().isopen()
    manager.flush()
    manager.close_file()


@pytest.mark.filterwarnings("ignore")  # PyMoDAQ warns of points not acquired, and of much else
def test_pymodaqs_data_savers_write_through_it(saver, tmp_path):
    saver.init_file(addhoc_file_path=tmp_path / "theirs.h5")

    def spectrum() -> DataRaw:  # PyMoDAQ's savers change the axes of what they save
        axis = Axis("wavelength", "nm", np.arange(5.0), index=0)
        return DataRaw("spectrum", units="V", data=[np.arange(5.0)], labels=["left"], axes=[axis])

    snapshot = saver.add_det_group("/RawData", "Snapshot")
    data_saving.DataSaverLoader(saver).add_data(snapshot, spectrum())
    log = saver.add_det_group("/RawData", "Log")
    data_saving.DataToExportTimedSaver(saver).add_data(log, DataToExport("point", data=[spectrum()]))
    scan = saver.add_scan_group()
    extended = data_saving.DataToExportExtendedSaver(saver, extended_shape=(3,))
    extended.add_nav_axes(scan, [Axis("delay", "ps", np.arange(3.0), index=0)])
    extended.add_data(scan, DataToExport("point", data=[spectrum()]), indexes=(1,))
    saver.close_file()
    loader = data_saving.DataLoader(tmp_path / "theirs.h5")
    assert np.array_equal(loader.load_data("/RawData/Detector000/Data00")[0], np.arange(5.0))
    assert np.array_equal(loader.load_data("/RawData/Scan000/Data1D/CH00/Data00")[0][1], np.arange(5.0))
    loader.close_file()


# What has no counterpart


def test_a_file_that_is_none(saver, tmp_path):
    (tmp_path / "text.h5").write_text("not HDF5, but long enough for a signature to be looked for")
    with pytest.raises(FileFormatError, match="text.h5"):
        saver.load_file(file_path=tmp_path / "text.h5")


def test_the_names_are_handed_on_lazily():
    assert h5modules.saving.H5SaverBase is H5SaverBase
    with pytest.raises(AttributeError, match="H5Server"):
        _ = h5modules.saving.H5Server


def test_folders_as_pymodaq_names_them(tmp_path):
    assert H5Saver.find_part_in_path_and_subpath(tmp_path, "2026", create=True) == tmp_path / "2026"
    assert H5Saver.find_part_in_path_and_subpath(tmp_path / "2026", "2026") == tmp_path / "2026"
    assert H5Saver.find_part_in_path_and_subpath(tmp_path, "2025", increment=False) == tmp_path
    for update in (False, True):
        ours = H5Saver.set_current_scan_path(tmp_path, "Scan", update, 3)
        assert ours == theirs.H5Saver.set_current_scan_path(tmp_path, "Scan", update, 3)
        Path(f"{ours[0]}.h5").touch()
