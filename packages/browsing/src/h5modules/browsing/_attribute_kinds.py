"""Whether the attributes of arrays are what loaders take: the right words, texts and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from h5modules.backends import CARRAY, EARRAY
from h5modules.saving import NAV_AXES, number_of

from ._details import read_attributes
from ._deviation import Deviation, Severity
from ._scan_view import nearest_node

_WORDS = {"source": ("raw", "calculated"), "distribution": ("uniform", "spread")}
"""The names of PyMoDAQ's DataSource and DataDistribution, which take a second to import."""

_DIMENSIONS = ("Data0D", "Data1D", "Data2D", "DataND")


def of_channel(array: CARRAY, values: dict[str, Any]) -> Iterator[Deviation]:
    """Yield the attributes of a channel with which it is not loaded, or as something else."""
    for name, words in _WORDS.items():
        if name in values and values[name] not in words:
            told = f"{name} is {values[name]!r}, neither {words[0]} nor {words[1]}: nobody loads it"
            yield Deviation(array.path, Severity.ERROR, told)
    yield from _texts(array, values, ("label", "origin", "units"))
    timestamp = values.get("timestamp", 0.0)
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float | np.number):
        told = f"timestamp is {timestamp!r}, not a number of seconds"
        yield Deviation(array.path, Severity.ERROR, told)
    dimension, group = values.get("data_dimension"), array.path.split("/")[-3:-2]
    if dimension is not None and group and group[0] in _DIMENSIONS and dimension != group[0]:
        told = f"data_dimension is {dimension!r}, and it lies in a group {group[0]!r}"
        yield Deviation(array.path, Severity.WARNING, told)
    yield from _navigation(array, values.get("nav_indexes"))


def of_axis(array: CARRAY, values: dict[str, Any]) -> Iterator[Deviation]:
    """Yield the attributes of an axis with which it is not loaded, and that it is no list of values."""
    yield from _texts(array, values, ("label", "units"))
    if array.ndim > 1 and not isinstance(array, EARRAY):
        told = f"its shape is {array.shape}: PyMoDAQ loads axes of one dimension alone"
        yield Deviation(array.path, Severity.ERROR, told)


def _texts(array: CARRAY, values: dict[str, Any], names: tuple[str, ...]) -> Iterator[Deviation]:
    for name in names:
        if name in values and not isinstance(values[name], str):
            yield Deviation(array.path, Severity.ERROR, f"{name} is {values[name]!r}, not a text")


def _navigation(array: CARRAY, indexes: Any) -> Iterator[Deviation]:
    """Yield that nothing tells what the points of a scan are a function of."""
    group = array.parent_node
    if not isinstance(indexes, tuple) or not indexes or group is None:
        return
    beside = (read_attributes(node)[0] for node in group.children().values() if isinstance(node, CARRAY))
    is_along = any(each.get("data_type") == "axis" and each.get("index") in indexes for each in beside)
    if not is_along and nearest_node(array, NAV_AXES) is None and number_of(group.name, "CH") is not None:
        told = f"there is no group {NAV_AXES}: loaders count the points of the scan"
        yield Deviation(array.path, Severity.NOTE, told)
