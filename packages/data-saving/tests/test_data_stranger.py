"""A reader that was written from the page about the file layout, with h5py and nothing of ours."""

from __future__ import annotations

import ast
import json
import re

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.data_saving import (
    DataLoader,
    DataToExportExtendedSaver,
    DataToExportSaver,
    DataToExportTimedSaver,
)
from h5modules.saving import H5SaverLowLevel

# The stranger's reader


def attribute(node, name, otherwise=None):
    value = node.attrs.get(name, otherwise)
    if isinstance(value, str) and value.startswith("{"):
        envelope = json.loads(value)
        return ast.literal_eval(envelope["data"])
    return value


def is_module(group):
    kind = str(attribute(group, "type", ""))
    return bool(kind) and re.fullmatch(rf"{kind.capitalize()}\d+", group.name.rpartition("/")[2]) is not None


def look_up(group, name):
    """Find a child of that name in the group or those around it, up to the outermost module."""
    inside = False
    while True:
        if inside and not is_module(group):
            return None
        if name in group:
            return group[name]
        if group.name == "/":
            return None
        inside = inside or is_module(group)
        group = group.parent


def axes_in(group):
    nodes = [node for _, node in sorted(group.items()) if attribute(node, "data_type") == "axis"]
    return [
        {
            "label": attribute(node, "label"),
            "units": attribute(node, "units"),
            "index": attribute(node, "index"),
            "order": attribute(node, "spread_order"),
            "values": node[...].ravel(),
        }
        for node in nodes
    ]


def read(node):
    group, values = node.parent, np.atleast_1d(node[...])
    is_log = attribute(node, "data_type") == "data_enlargeable"
    navigation = attribute(node, "nav_indexes")
    axes, record, nav_group = axes_in(group), look_up(group, "Acquired"), look_up(group, "NavAxes")
    if navigation and nav_group is not None:
        axes += axes_in(nav_group)
    if is_log and record is not None:
        rows = np.count_nonzero(record)
        values = values[:rows]
        for axis in axes:
            axis["values"] = axis["values"][:rows] if axis["index"] == 0 else axis["values"]
    if is_log and values.shape[1:] == (1,):
        values = values[:, 0]
    elif record is not None and navigation and values.dtype.kind in "fc":
        values[record[...][: len(values)] == 0] = np.nan
    fits = [axis for axis in axes if axis["index"] < values.ndim]
    return {
        "name": attribute(node, "TITLE"),
        "units": attribute(node, "units"),
        "label": attribute(node, "label"),
        "origin": attribute(node, "origin"),
        "timestamp": attribute(node, "timestamp"),
        "nav_indexes": navigation,
        "values": values,
        "axes": [axis for axis in fits if len(axis["values"]) == values.shape[axis["index"]]],
    }


# The test


@pytest.fixture
def path(tmp_path, make_point):
    with H5SaverLowLevel.from_file(tmp_path / "all.h5") as saver:
        plain = saver.add_det_group(saver.raw_group, "Plain")
        DataToExportSaver(saver).add_data(plain, make_point(2))
        dark = DataRaw("counter", origin="Diode", data=[np.array([1], np.uint16)])
        DataToExportSaver(saver).add_bkg(plain, DataToExport("dark", data=[dark]))
        scan = saver.add_scan_group()
        detector = saver.add_det_group(scan, "Scanned")
        writer = DataToExportExtendedSaver(saver, (2, 3))
        axes = [Axis(f"nav {n}", "um", np.arange(float(k)) ** 2, index=n) for n, k in enumerate((2, 3))]
        writer.add_nav_axes(detector, axes)
        for number in range(5):
            writer.add_data(detector, make_point(number), divmod(number, 3))
        log = DataToExportTimedSaver(saver)
        group = saver.add_det_group(saver.raw_group, "Log")
        for number in range(3):
            log.add_data(group, make_point(number))
    with h5py.File(tmp_path / "all.h5", "r+") as raw:  # a row of which a process did not live to finish
        times = raw["RawData/Detector001/NavAxes/Axis00"]
        times.resize(4, axis=0)
    return tmp_path / "all.h5"


def test_a_stranger_reads_what_we_read(path):
    with DataLoader(path) as loader:
        ours = [
            (signal.path, signal)
            for where in [
                node.path for node in loader.walk_nodes() if re.match(r"(Enl)?Data\d+\Z", node.name)
            ]
            for signal in [loader.load_data(where)]
        ]
        backgrounds = [node.path for node in loader.walk_nodes() if node.name.startswith("Bkg")]
    assert len(ours) == 18
    assert backgrounds == ["/RawData/Detector000/Data0D/CH01/Bkg00"]
    with h5py.File(path) as file:
        for where, data in ours:
            theirs = read(file[where])
            np.testing.assert_array_equal(theirs["values"], data[0], err_msg=where)
            assert (theirs["name"], theirs["units"], theirs["origin"]) == (data.name, data.units, data.origin)
            assert (theirs["label"], theirs["timestamp"]) == (data.labels[0], data.timestamp)
            assert theirs["nav_indexes"] == data.nav_indexes
            assert len(theirs["axes"]) == len(data.axes)
            for left, right in zip(theirs["axes"], data.axes, strict=True):
                assert (left["label"], left["units"], left["index"], left["order"]) == (
                    right.label,
                    right.units,
                    right.index,
                    right.spread_order,
                )
                np.testing.assert_allclose(left["values"], right.get_data())
