from __future__ import annotations

import h5py
import numpy as np
import pytest

from h5modules.backends import (
    AttributeValueError,
    FileAccessError,
    FileClosedError,
    FileError,
    FileFormatError,
    FileMissingError,
    FileReadOnlyError,
    FileTakenError,
    H5Backend,
    NodeError,
    NodeNameError,
    SaveType,
    UnknownNameError,
)
from h5modules.saving import H5SaverLowLevel


def tree(path):
    names = []
    with h5py.File(path) as file:
        file.visit(names.append)
    return sorted(names)


def test_a_new_file(tmp_path):
    saver = H5SaverLowLevel(SaveType.detector)
    assert saver.init_file(tmp_path / "new", metadata={"author": "me", "points": 3}) is True
    assert (saver.h5_file_name, saver.h5_file_path) == ("new.h5", tmp_path)
    assert saver.raw_group.attrs["type"] == "detector"
    assert (saver.raw_group.attrs["author"], saver.raw_group.attrs["points"]) == ("me", 3)
    assert saver.root().attrs["file"] == "new.h5"
    assert saver.h5_file is not None
    saver.close_file()
    assert saver.h5_file is None
    assert tree(tmp_path / "new.h5") == ["RawData", "RawData/Logger"]


def test_a_saver_without_a_file():
    saver = H5SaverLowLevel()
    assert (saver.h5_file_name, saver.h5_file_path, saver.h5_file) == (None, None, None)
    with pytest.raises(FileClosedError, match="call init_file first"):
        saver.add_log("hello")
    with pytest.raises(FileClosedError, match="no file is open"):
        saver.add_scan_group()


@pytest.mark.parametrize("mode", ["a", "r+"])
def test_adding_to_a_file(tmp_path, mode):
    path = tmp_path / "old.h5"
    with H5SaverLowLevel.from_file(path, "scan", metadata={"author": "me"}) as saver:
        saver.add_scan_group()
    saver = H5SaverLowLevel("custom")
    assert saver.init_file(path, mode=mode, metadata={"author": "you"}) is False
    assert saver.raw_group.children_name() == ["Logger", "Scan000"]
    assert (saver.raw_group.attrs["type"], saver.raw_group.attrs["author"]) == ("scan", "me")
    saver.close_file()


@pytest.mark.parametrize(
    "options", [{"new_file": True}, {"mode": "w"}, {"new_file": True, "mode": "w"}], ids=str
)
def test_replacing_a_file(tmp_path, options):
    path = tmp_path / "old.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        saver.add_scan_group()
    with H5SaverLowLevel.from_file(path, **options) as saver:
        assert saver.raw_group.children_name() == ["Logger"]


@pytest.mark.parametrize("mode", ["r", "r+", "x"])
def test_replacing_and_keeping_contradict_each_other(tmp_path, mode):
    path = tmp_path / "old.h5"
    H5SaverLowLevel.from_file(path).close_file()
    before = path.read_bytes()
    with pytest.raises(FileError, match="give one of them"):
        H5SaverLowLevel.from_file(path, new_file=True, mode=mode)
    assert path.read_bytes() == before


def test_reading_changes_no_byte(tmp_path):
    path = tmp_path / "old.h5"
    H5SaverLowLevel.from_file(path).close_file()
    before = path.read_bytes()
    with H5SaverLowLevel.from_file(path, mode="r") as saver:
        assert saver.get_set_logger().read() == []
        with pytest.raises(FileReadOnlyError, match="opened for reading"):
            saver.add_scan_group()
        with pytest.raises(FileReadOnlyError, match="opened for reading"):
            saver.add_log("hello")
    assert path.read_bytes() == before


def test_reading_a_file_of_another_program(tmp_path):
    path = tmp_path / "foreign.nxs"
    with h5py.File(path, "w") as file:
        file["entry/data"] = np.arange(3)
    with H5SaverLowLevel.from_file(path, mode="r") as saver:
        assert saver.get_node("/entry/data").read().tolist() == [0, 1, 2]
        with pytest.raises(NodeError, match="RawData"):
            _ = saver.raw_group
    with H5SaverLowLevel.from_file(path) as saver:
        assert saver.h5_file_name == "foreign.nxs"
        saver.add_scan_group()
        assert saver.raw_group.attrs["type"] == "scan"
        assert "file" not in saver.root().attrs
    assert tree(path) == ["RawData", "RawData/Logger", "RawData/Scan000", "entry", "entry/data"]


def test_an_empty_file_is_a_new_one(tmp_path):
    path = tmp_path / "empty.h5"
    path.touch()
    saver = H5SaverLowLevel()
    try:
        assert saver.init_file(path) is True
    except FileFormatError:
        return  # HDF5 2 does not take it for a file
    saver.close_file()


@pytest.mark.parametrize(
    ("name", "options", "error"),
    [
        ("missing.h5", {"mode": "r"}, FileMissingError),
        ("missing.h5", {"mode": "r+"}, FileMissingError),
        ("no/folder.h5", {}, FileMissingError),
        ("text.h5", {}, FileFormatError),
        ("text.h5", {"mode": "r"}, FileFormatError),
        ("old.h5", {"mode": "x"}, FileTakenError),
        ("old.h5", {"mode": "q"}, FileError),
    ],
    ids=str,
)
def test_files_that_cannot_be_opened(tmp_path, name, options, error):
    (tmp_path / "text.h5").write_text("no HDF5 at all, but some text that is long enough")
    H5SaverLowLevel.from_file(tmp_path / "old.h5").close_file()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(error):
        H5SaverLowLevel.from_file(tmp_path / name, **options)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_that_is_open_elsewhere(tmp_path):
    with (
        H5SaverLowLevel.from_file(tmp_path / "old.h5"),
        pytest.raises(FileAccessError, match="open in another"),
    ):
        H5SaverLowLevel.from_file(tmp_path / "old.h5", new_file=True)


def test_the_file_is_closed_when_it_cannot_be_laid_out(tmp_path):
    path = tmp_path / "taken.h5"
    with h5py.File(path, "w") as file:
        file["RawData"] = 1.0
    saver = H5SaverLowLevel()
    with pytest.raises(NodeError, match="not a group"):
        saver.init_file(path)
    assert not saver.isopen()
    with pytest.raises(AttributeValueError, match="driver"):
        saver.init_file(tmp_path / "metadata.h5", metadata={"driver": object()})
    assert not saver.isopen()


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"metadata": {"driver": object()}}, AttributeValueError, "driver"),
        ({"raw_group_name": "Raw/Data"}, NodeNameError, "Raw/Data"),
        ({"raw_group_name": ""}, NodeNameError, "''"),
    ],
    ids=["attribute", "slash", "empty"],
)
def test_what_cannot_be_written_is_told_before_a_file_is_replaced(tmp_path, options, error, match):
    path = tmp_path / "old.h5"
    H5SaverLowLevel.from_file(path).close_file()
    before = path.read_bytes()
    saver = H5SaverLowLevel()
    with pytest.raises(error, match=match):
        saver.init_file(path, new_file=True, **options)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["folder", "folder.h5"])
def test_a_path_that_is_a_folder(tmp_path, name):
    (tmp_path / "folder.h5").mkdir()
    for new_file in (False, True):
        with pytest.raises(FileError, match="folder"):
            H5SaverLowLevel.from_file(tmp_path / name, new_file=new_file)
    with pytest.raises(FileError, match="folder"):
        H5SaverLowLevel.from_file("/")


def test_an_unknown_type_of_file():
    with pytest.raises(UnknownNameError, match="choose one of scan"):
        H5SaverLowLevel("movie")


def test_another_raw_group(tmp_path):
    saver = H5SaverLowLevel()
    saver.init_file(tmp_path / "mine.h5", raw_group_name="Mine")
    assert saver.raw_group.path == "/Mine"
    assert saver.add_scan_group().path == "/Mine/Scan000"
    saver.close_file()


def test_the_log(tmp_path):
    lines = ["scan started", "", "µ\n" * 3]
    with H5SaverLowLevel.from_file(tmp_path / "log.h5") as saver:
        for line in lines:
            saver.add_log(line)
        assert saver.get_set_logger().read() == lines
        assert saver.get_set_logger().attrs["shape"] == (3,)
        scan = saver.add_scan_group()
        saver.get_set_logger(scan).append("of the scan")
    with H5SaverLowLevel.from_file(tmp_path / "log.h5") as saver:
        saver.add_log("opened again")
        assert saver.get_set_logger().read() == [*lines, "opened again"]
        assert saver.get_set_logger("/RawData/Scan000").read() == ["of the scan"]


def test_a_log_that_is_none(tmp_path):
    path = tmp_path / "odd.h5"
    with H5Backend.open(path, "w") as file:
        file.create_carray(file.get_set_group("/", "RawData"), "Logger", np.arange(3))
    with H5SaverLowLevel.from_file(path) as saver, pytest.raises(NodeError, match="not a list of texts"):
        saver.add_log("hello")
