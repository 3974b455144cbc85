"""Whether a file keeps to the layout: the deviations of each node, as they are found."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import numpy as np

from h5modules.backends import (
    CARRAY,
    EARRAY,
    GROUP,
    VLARRAY,
    H5Backend,
    H5ModulesError,
    Node,
    StringARRAY,
    SupportsLinks,
    UnreadableNode,
    Where,
)
from h5modules.saving import LOST_VALUES, RECORD_NAME, DataType, number_of, walk_first_names

from . import _attribute_kinds as kinds
from . import _neighbours as neighbours
from ._details import read_attributes
from ._deviation import Deviation, Severity
from ._errors import SettingsError
from ._plots_kept import plots
from ._settings import read_settings

_MODULES = ("scan", "detector", "actuator", "logger", "optimizer")
_REFUSED = frozenset(
    "axes errors labels dim data name title signal nav_axes x_axis y_axis nav_x_axis nav_y_axis".split()
)
"""Attributes that make PyMoDAQ's loader stumble over a channel."""

_OF_CHANNEL = ("label", "origin", "units", "source", "distribution", "timestamp", "nav_indexes")
_OF_AXIS = ("label", "units", "index", "size")


def iter_deviations(file: H5Backend, where: Where = "/") -> Iterator[Deviation]:
    """Yield what in a file is not as the page on the file layout has it, node after node.

    Parameters
    ----------
    file
        An open file.
    where
        Where to start.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     group = file.get_set_group('/', 'RawData')
    ...     group.attrs['settings'] = 'gain=3'
    ...     for deviation in iter_deviations(file):
    ...         print(deviation.severity.value, deviation.path)
    error /RawData
    """
    for node in walk_first_names(file.get_node(where)):
        yield from _link(node)
        if isinstance(node, UnreadableNode):
            yield Deviation(node.path, Severity.ERROR, f"it cannot be shown: {node.reason}")
            continue
        values, remarks = read_attributes(node)
        yield from (Deviation(node.path, Severity.WARNING, remark) for remark in remarks.values())
        yield from _node(node, values)
        if LOST_VALUES in values:
            told = f"{values[LOST_VALUES]} of its values are gone: the file was cut off once"
            yield Deviation(node.path, Severity.WARNING, told)
        if isinstance(node, CARRAY):
            yield from _array(node, values)
        elif isinstance(node, GROUP):
            yield from _group(node, values)
            if node.path == "/":
                yield from plots(file)


def _link(node: Node) -> Iterator[Deviation]:
    target = node.driver.link_target(node.path) if isinstance(node.driver, SupportsLinks) else ""
    if target:
        told = f"it is a link to {target!r}: PyMoDAQ shows nothing of a file with one; make it a hard link"
        yield Deviation(node.path, Severity.ERROR, told)


def _node(node: Node, values: dict[str, Any]) -> Iterator[Deviation]:
    known = {"StringARRAY": "VLARRAY"}.get(type(node).__name__, type(node).__name__)
    if "CLASS" not in values:
        yield Deviation(node.path, Severity.WARNING, f"the attribute CLASS is missing; it is {known!r}")
    elif values["CLASS"] != known:
        yield Deviation(node.path, Severity.ERROR, f"CLASS is {values['CLASS']!r}; it is a {known!r}")
    if "TITLE" not in values:
        yield Deviation(node.path, Severity.WARNING, "the attribute TITLE is missing")
    try:
        read_settings(node)
    except SettingsError as error:
        yield Deviation(node.path, Severity.ERROR, str(error))


def _group(group: GROUP, values: dict[str, Any]) -> Iterator[Deviation]:
    if group.path == "/":
        missing = [name for name in ("pymodaq_version", "date", "time") if name not in values]
        if missing:
            yield Deviation("/", Severity.NOTE, f"attributes are missing: {', '.join(missing)}")
        if "RawData" not in group:
            yield Deviation("/", Severity.NOTE, "there is no group RawData: it is not a file of a saver")
    for name in ("plan", "recipe"):
        yield from _toml(group, name, values.get(name))
    yield from neighbours.numbering(group)
    yield from neighbours.channels(group)
    yield from neighbours.axes(group)
    for kind in _MODULES:
        if number_of(group.name, kind.capitalize()) is not None and values.get("type") != kind:
            told = f"its name is that of a {kind}; the attribute type is {values.get('type')!r}"
            yield Deviation(group.path, Severity.ERROR, told)


def _toml(group: GROUP, name: str, text: Any) -> Iterator[Deviation]:
    try:
        tomllib.loads(text if isinstance(text, str) else "")
    except tomllib.TOMLDecodeError as error:
        yield Deviation(group.path, Severity.ERROR, f"its {name} is not TOML: {error}")


def _array(array: CARRAY, values: dict[str, Any]) -> Iterator[Deviation]:
    if array.name == RECORD_NAME:
        yield from _record(array, values)
        return
    if isinstance(array, StringARRAY):
        yield from _lines(array)
        return
    if (number := number_of(array.name, "PointAxis")) is not None:
        yield from neighbours.point_axis(array, values, number)
        return
    if "data_type" not in values:
        yield Deviation(array.path, Severity.NOTE, "the attribute data_type is missing: loaders pass it by")
        return
    yield from _description(array, values)
    kind = values["data_type"]
    if kind == DataType.axis.name:
        yield from _axis(array, values)
    elif kind in (DataType.data.name, DataType.data_enlargeable.name):
        yield from _channel(array, values)
    elif kind in (DataType.bkg.name, DataType.error.name):
        yield from _companion(array, kind)
    elif kind not in (member.name for member in DataType):
        yield Deviation(array.path, Severity.ERROR, f"data_type {kind!r} is none of the layout's")


def _description(array: CARRAY, values: dict[str, Any]) -> Iterator[Deviation]:
    """Compare the attributes shape and dtype with what the array is."""
    info = array.info
    if "shape" in values and tuple(np.atleast_1d(values["shape"])) != info.shape:
        severity = Severity.NOTE if isinstance(array, EARRAY) else Severity.ERROR
        yield Deviation(array.path, severity, f"the attribute shape is {values['shape']}, not {info.shape}")
    if "dtype" in values and str(values["dtype"]) != str(info.dtype):
        told = f"the attribute dtype is {values['dtype']!r}, not {str(info.dtype)!r}"
        yield Deviation(array.path, Severity.WARNING, told)


def _channel(array: CARRAY, values: dict[str, Any]) -> Iterator[Deviation]:
    yield from _missing(array, values, _OF_CHANNEL)
    for name in sorted(_REFUSED & values.keys()):
        told = f"an attribute named {name!r} keeps PyMoDAQ from loading it"
        yield Deviation(array.path, Severity.ERROR, told)
    indexes = values.get("nav_indexes", ())
    if not isinstance(indexes, (tuple, list)):
        yield Deviation(array.path, Severity.ERROR, f"nav_indexes is {indexes!r}, not a tuple")
    elif not all(isinstance(index, int) and 0 <= index < array.ndim for index in indexes):
        told = f"nav_indexes {indexes} names dimensions that an array of shape {array.shape} has not"
        yield Deviation(array.path, Severity.ERROR, told)
    kind = DataType[values["data_type"]].value
    if number_of(array.name, kind) is None:
        yield Deviation(array.path, Severity.NOTE, f"its name is not {kind} and a number")
    yield from kinds.of_channel(array, values)
    yield from neighbours.record(array, values)
    yield from neighbours.spread(array, values)


def _axis(array: CARRAY, values: dict[str, Any]) -> Iterator[Deviation]:
    yield from _missing(array, values, _OF_AXIS)
    yield from kinds.of_axis(array, values)
    index = values.get("index", 0)
    if not isinstance(index, int) or index < 0:
        yield Deviation(array.path, Severity.ERROR, f"index is {index!r}, not a dimension's number")
    size, length = values.get("size"), int(np.prod(array.shape))
    if size is not None and size != length and not isinstance(array, EARRAY):
        yield Deviation(array.path, Severity.WARNING, f"size is {size}, and it holds {length} values")
    if not isinstance(array, EARRAY):
        yield from _linear(array, values.get("offset"), values.get("scaling"))


def _linear(array: CARRAY, offset: Any, scaling: Any) -> Iterator[Deviation]:
    """Compare the values of an axis with what its offset and scaling tell."""
    if isinstance(offset, float) and isinstance(scaling, float):
        values = np.asarray(array.read(), float).reshape(-1)
        told = offset + scaling * np.arange(len(values))
        if not np.allclose(told, values, rtol=1e-6, atol=abs(scaling) / 100):
            yield Deviation(array.path, Severity.WARNING, "offset and scaling do not give its values")


def _missing(array: CARRAY, values: dict[str, Any], names: tuple[str, ...]) -> Iterator[Deviation]:
    if missing := [name for name in names if name not in values]:
        yield Deviation(array.path, Severity.WARNING, f"attributes are missing: {', '.join(missing)}")


def _companion(array: CARRAY, kind: str) -> Iterator[Deviation]:
    """Look for the channel that a background or error bars belong to."""
    number, group = number_of(array.name, DataType[kind].value), array.parent_node
    if number is None or group is None:
        yield Deviation(array.path, Severity.WARNING, "its name has no number: it belongs to no channel")
        return
    names = (f"{start.value}{number:02d}" for start in (DataType.data, DataType.data_enlargeable))
    found = next((group.get_child(name) for name in names if name in group), None)
    if not isinstance(found, CARRAY):
        yield Deviation(array.path, Severity.WARNING, f"there is no channel {number:02d} that it belongs to")
    elif kind == DataType.error.name and found.shape != array.shape:
        told = f"its shape is {array.shape}, that of its channel {found.shape}"
        yield Deviation(array.path, Severity.ERROR, told)
    elif kind == DataType.bkg.name:
        yield from neighbours.background(array, found)


def _record(array: CARRAY, values: dict[str, Any]) -> Iterator[Deviation]:
    if array.dtype != np.uint32 or isinstance(array, VLARRAY):
        yield Deviation(array.path, Severity.ERROR, f"a record of points is of uint32, not {array.dtype}")
        return
    if "data_type" in values:
        yield Deviation(
            array.path, Severity.ERROR, "a record has no data_type: loaders would take it as data"
        )
    numbers = np.asarray(array.read())
    if isinstance(array, EARRAY) and np.any(numbers[1:][numbers[:-1] == 0]):
        told = f"row {int(np.argmin(numbers != 0))} is not there, and later ones are: loaders end before it"
        yield Deviation(array.path, Severity.ERROR, told)
    numbers = numbers[numbers > 0]
    if len(np.unique(numbers)) != len(numbers):
        yield Deviation(array.path, Severity.ERROR, "two points were acquired as the same number")


def _lines(array: StringARRAY) -> Iterator[Deviation]:
    for number in range(len(array)):
        try:
            _ = array[number]
        except H5ModulesError as error:
            yield Deviation(array.path, Severity.ERROR, f"line {number} cannot be read: {error}")
