"""What is remembered of a file that is written: it is asked again after every change, whoever makes it."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from h5modules.backends import CARRAY, GROUP, AttributeMissingError, H5Backend, NodeError, UnreadableNode
from h5modules.backends._h5py_known import Known


@pytest.fixture
def file(tmp_path):
    with H5Backend.open(tmp_path / "scan.h5", "w") as opened:
        group = opened.get_set_group("/", "Scan000", title="first")
        group.attrs["position"] = np.arange(2.0)
        opened.create_carray(group, "Data00", np.arange(3.0), title="power")
        look(opened)
        yield opened


def look(file):
    """Ask for all that is remembered, and return it."""
    nodes = [node for node in file.walk_nodes() if not isinstance(node, UnreadableNode)]
    values = {node.path: node.read().tolist() for node in nodes if isinstance(node, CARRAY)}
    return {node.path: (type(node), node.attrs.to_dict(), values.get(node.path)) for node in nodes}


def test_what_is_asked_again_is_remembered(file):
    look(file)
    known = file.driver._file.known.held
    assert {asked[0] for asked in known} == {"children", "kind", "attributes", "layout"}
    look(file)
    assert file.driver._file.known.held is known


def test_attributes_that_are_changed(file):
    attrs = file.get_node("/Scan000").attrs
    assert attrs["TITLE"] == "first"
    attrs["TITLE"] = "second"
    assert attrs["TITLE"] == "second"
    assert look(file)["/Scan000"][1]["TITLE"] == "second"
    del attrs["TITLE"]
    with pytest.raises(AttributeMissingError):
        attrs["TITLE"]


def test_nodes_that_are_changed(file):
    file.create_carray("/Scan000", "Data01", np.zeros(2))
    assert "/Scan000/Data01" in look(file)
    file.move_node("/Scan000/Data00", "/Scan000", "Data02")
    file.copy_node("/Scan000", "/", "Scan001")
    file.link_node("/Scan000/Data01", "/", "Linked")
    assert {"/Scan000/Data02", "/Scan001/Data02", "/Linked"} < look(file).keys()
    assert "/Scan000/Data00" not in look(file)
    file.remove_node("/Scan000/Data02")
    assert file.get_set_group("/Scan000", "Data02").children_name() == []
    assert look(file)["/Scan000/Data02"][0] is GROUP
    with pytest.raises(NodeError):
        file.get_node("/Scan000/Data00")


def test_values_are_read_each_time(file):
    array = file.get_node("/Scan000/Data00")
    array[0] = 5.0
    assert array.read().tolist() == [5, 1, 2]
    writer = array.writer()
    for value in (6.0, 7.0):
        writer.write((1,), np.array(value))
        assert array.read().tolist() == [5, value, 2]


def test_what_was_read_is_the_callers_own(file):
    for attrs in (file.get_node("/Scan000").attrs, file.get_node("/Scan000").attrs):
        for read in (lambda attrs=attrs: attrs["position"], lambda attrs=attrs: attrs.read()[0]["position"]):
            assert read().tolist() == [0, 1]
            read()[0] = 9.0
            assert read().tolist() == [0, 1]


def test_changes_by_the_librarys_own_objects(file):
    own = file.get_node("/Scan000").node
    look(file)
    own.attrs["TITLE"] = "third"
    own.create_dataset("Data01", data=np.zeros(2))
    assert look(file)["/Scan000"][1]["TITLE"] == "third"
    assert "/Scan000/Data01" in look(file)


def test_what_a_link_finds_in_another_file_is_read_each_time(file, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other.create_group("there").attrs["TITLE"] = "before"
    with h5py.File(tmp_path / "linking.h5", "w") as linking:
        linking["away"] = h5py.ExternalLink("other.h5", "/there")
        linking["broken"] = h5py.ExternalLink("later.h5", "/there")
    with H5Backend.open(tmp_path / "linking.h5", "r+") as linking:
        assert look(linking)["/away"][1] == {"TITLE": "before"}
        for name in ("other.h5", "later.h5"):
            with h5py.File(tmp_path / name, "a") as other:
                other.require_group("there").attrs["TITLE"] = "after"
        found = look(linking)
        assert found["/away"][1] == found["/broken"][1] == {"TITLE": "after"}


def test_what_was_read_during_a_change_is_not_kept(tmp_path):
    with h5py.File(tmp_path / "file.h5", "w") as h5:
        known = Known(h5, is_kept=True)
        before = known.held
        known.forget()
        known.keep(before, "asked", "answer", h5)
        assert not known.held
        known.keep(known.held, "asked", "answer", h5)
        known.keep(known.held, "large", "x" * 100_000, h5)
        assert known.held == {"asked": "answer"}
