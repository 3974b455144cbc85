"""What PyMoDAQ's users call is there, under the same names, with the same arguments in the same order."""

from __future__ import annotations

import inspect
from typing import Any

import pymodaq_data.h5modules.backends as their_backends
import pymodaq_data.h5modules.saving as their_saving
import pytest

import h5modules.backends
from h5modules.saving import DataType, FileType, H5SaverLowLevel

NOT_OFFERED = {
    "h5_library": "the library's module: ask `backend` for its name",
    "finalize_swmr": "nothing is written in SWMR mode, so nothing is to be repaired after it",
    "reconcile_swmr_attrs": "as finalize_swmr",
}
"""Names of PyMoDAQ's saver that ours does not have, and why."""

OTHER_ARGUMENTS = {
    "open_file": "what is given besides is called options",
    "get_set_group": "further attributes have another name, which no caller writes",
    "read": "further arguments were never looked at",
}
"""Methods whose arguments differ, and how."""

NODE_PARTS = {"append_backend", "array_to_string", "string_to_array"}
"""Steps of writing a row that PyMoDAQ's arrays show."""


def public_names(owner: Any) -> set[str]:
    return {name for name in dir(owner) if not name.startswith("_")}


def arguments(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_every_name_is_there_or_said_to_be_missing():
    theirs = public_names(their_saving.H5SaverLowLevel("scan", "h5py"))
    assert theirs - public_names(H5SaverLowLevel()) == set(NOT_OFFERED)


def methods() -> list[str]:
    ours, theirs = H5SaverLowLevel, their_saving.H5SaverLowLevel
    common = sorted(public_names(ours) & public_names(theirs))
    return ["__init__", *(name for name in common if callable(getattr(theirs, name)))]


@pytest.mark.parametrize("name", methods())
def test_arguments_have_the_same_names_in_the_same_order(name):
    theirs = arguments(getattr(their_saving.H5SaverLowLevel, name))
    ours = arguments(getattr(H5SaverLowLevel, name))
    assert (ours[: len(theirs)] != theirs) == (name in OTHER_ARGUMENTS)


def test_nodes_have_the_same_names():
    for name in ("Node", "GROUP", "CARRAY", "EARRAY", "VLARRAY", "StringARRAY", "Attributes"):
        theirs, ours = getattr(their_backends, name), getattr(h5modules.backends, name)
        assert public_names(theirs) - public_names(ours) <= NODE_PARTS, name


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (DataType, their_saving.DataType),
        (FileType, their_saving.FileType),
        (h5modules.backends.SaveType, their_backends.SaveType),
        (h5modules.backends.GroupType, their_backends.GroupType),
    ],
    ids=lambda value: value.__module__,
)
def test_enumerations_have_the_same_members(ours, theirs):
    assert {each.name: each.value for each in ours} == {each.name: each.value for each in theirs}
    for member in theirs:
        assert ours.parse(member).name == member.name


def test_calls_as_pymodaq_makes_them(tmp_path):
    saver = H5SaverLowLevel(their_backends.SaveType.detector, "h5py")
    saver.init_file(tmp_path / "calls.h5", "RawData", True, {"author": "me"}, True, "a")
    scan = saver.add_generic_group(
        saver.raw_group, "Scan", "<xml/>", {"by": "me"}, their_backends.GroupType.scan
    )
    detector = saver.add_det_group(where=scan, title="Camera", settings_as_xml="<xml/>", metadata=None)
    data = saver.add_data_group(detector, "Data1D", "", "", {}, None)
    saver.add_array(data, "Data00", their_saving.DataType.data, [1.0], None, None, None, "Data1D")
    assert saver.get_last_group(where="/RawData", group_type=their_backends.GroupType.scan) == scan
    assert saver.get_node("/RawData/Scan000/Detector000/Data1D/Data00").attrs["data_type"] == "data"
    saver.set_swmr_flush_interval(3)
    saver.tick_flush()
    asked = (saver.swmr_mode, saver.is_swmr_active, saver.is_swmr_capable, saver.is_swmr_compatible)
    assert asked == (False, False, False, False)
    with pytest.raises(h5modules.backends.UnsupportedError, match="without it"):
        saver.enable_swmr()
    saver.save_file("")
    saver.save_file(tmp_path / "copy.h5")
    saver.close_file()
    with H5SaverLowLevel.from_file(tmp_path / "copy.h5", mode="r") as copy:
        assert copy.raw_group.attrs["type"] == "detector"
