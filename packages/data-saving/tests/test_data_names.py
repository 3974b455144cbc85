"""Scripts that know PyMoDAQ's savers and loaders find the same names and arguments."""

from __future__ import annotations

import dataclasses
import inspect

import pymodaq_data.h5modules.data_saving as peer
import pytest

from h5modules import data_saving

CLASSES = [
    "DataManagement",
    "AxisSaverLoader",
    "DataSaverLoader",
    "BkgSaver",
    "ErrorSaverLoader",
    "DataExtendedSaver",
    "DataEnlargeableSaver",
    "DataToExportSaver",
    "DataToExportEnlargeableSaver",
    "DataToExportTimedSaver",
    "DataToExportExtendedSaver",
    "DataLoader",
]
ELSEWHERE = {
    ("DataManagement", "data_type"),  # each kind of array has its own; there is none for all
    ("DataManagement", "__init__"),  # PyMoDAQ's takes anything
}


@pytest.mark.parametrize("name", CLASSES)
def test_methods_and_arguments_are_those_of_pymodaq(name):
    ours, theirs = getattr(data_saving, name), getattr(peer, name)
    methods = [method for method in dir(theirs) if not method.startswith("_")] + ["__init__"]
    for method in methods:
        if (name, method) in ELSEWHERE:
            continue
        assert hasattr(ours, method), method
        left, right = getattr(ours, method), getattr(theirs, method)
        if callable(right):
            known = list(inspect.signature(right).parameters)
            assert list(inspect.signature(left).parameters)[: len(known)] == known, method


def test_bundles_have_the_same_fields():
    fields = [[field.name for field in dataclasses.fields(each.DataBundle)] for each in (data_saving, peer)]
    assert fields[0] == fields[1]
