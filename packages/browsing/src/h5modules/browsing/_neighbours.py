"""Whether the nodes of a file fit together: arrays and their axes, backgrounds, records; the numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from h5modules.backends import CARRAY, EARRAY, GROUP, Node
from h5modules.saving import NAV_AXES, RECORD_NAME, DataType, counting_key, number_of

from ._details import read_attributes
from ._deviation import Deviation, Severity
from ._scan_view import nearest_node

_COUNTED = ("Data", "EnlData", "Axis", "CH", "Scan", "Detector", "Actuator", "Datalogger", "Optimizer")
_MEASURED = (DataType.data.name, DataType.data_enlargeable.name)
_OF_ONE_SIGNAL = ("TITLE", "origin", "timestamp")


def numbering(group: GROUP) -> Iterator[Deviation]:
    """Yield where names that count up leave a number out."""
    numbers: dict[str, set[int]] = defaultdict(set)
    digits: dict[str, int] = {}
    for name in group.children_name():
        prefix, number, _ = counting_key(name)
        if prefix in _COUNTED and number >= 0:
            numbers[prefix].add(number)
            digits[prefix] = min(digits.get(prefix, 9), len(name) - len(prefix))
    for prefix, found in numbers.items():
        missing = sorted(set(range(max(found))) - found)
        if missing:
            told = ", ".join(f"{prefix}{number:0{digits[prefix]}d}" for number in missing[:5])
            more = " and more" if len(missing) > 5 else ""
            yield Deviation(group.path, Severity.NOTE, f"the numbers leave out {told}{more}")


def channels(group: GROUP) -> Iterator[Deviation]:
    """Yield the channels in the group of a signal that are not those of one signal."""
    if number_of(group.name, "CH") is None:
        return
    first: tuple[CARRAY, dict[str, Any]] | None = None
    for array, values in _measured(group.children().values()):
        if first is None:
            first = array, values
            continue
        unlike = [name for name in _OF_ONE_SIGNAL if values.get(name) != first[1].get(name)]
        if array.shape != first[0].shape and not isinstance(array, EARRAY):
            unlike.append("shape")
        if unlike:
            told = f"{', '.join(unlike)} not as in {first[0].name}: loaders take them as two signals"
            yield Deviation(array.path, Severity.WARNING, told)


def axes(group: GROUP) -> Iterator[Deviation]:
    """Yield the axes in a group that fit no dimension of the arrays they belong to."""
    is_nav = group.name == NAV_AXES
    around = group.parent_node if is_nav else group
    if around is None:
        return
    below = around.to_h5_backend().walk_nodes(around) if is_nav else iter(group.children().values())
    arrays = [(array, values) for array, values in _measured(below) if not isinstance(array, EARRAY)]
    for node in group.children().values() if arrays else ():
        values = read_attributes(node)[0] if isinstance(node, CARRAY) else {}
        index = values.get("index")
        if isinstance(node, CARRAY) and values.get("data_type") == "axis" and isinstance(index, int):
            yield from _axis(node, index, arrays, is_nav=is_nav)


def _axis(
    axis: CARRAY, index: int, arrays: list[tuple[CARRAY, dict[str, Any]]], *, is_nav: bool
) -> Iterator[Deviation]:
    length = int(np.prod(axis.shape))
    for array, values in arrays:
        nav = values.get("nav_indexes")
        if is_nav and not (isinstance(nav, tuple) and index in nav):
            continue
        if index < array.ndim and array.shape[index] == length:
            return
    first = arrays[0][0]
    if is_nav and not any(index in (values.get("nav_indexes") or ()) for _, values in arrays):
        told = f"no array around it is scanned along dimension {index}: PyMoDAQ loads none of them"
        yield Deviation(axis.path, Severity.ERROR, told)
        return
    told = f"it has {length} values for dimension {index}; {first.path} has the shape {first.shape}"
    yield Deviation(axis.path, Severity.WARNING, f"{told}: loaders leave it out")


def spread(array: CARRAY, values: dict[str, Any]) -> Iterator[Deviation]:
    """Yield what is wrong with a list of points."""
    if values.get("distribution") == "spread" and values.get("nav_indexes") not in ((0,), ()):
        told = f"a spread scan lists its points along dimension 0; nav_indexes is {values.get('nav_indexes')}"
        yield Deviation(array.path, Severity.ERROR, told)


def record(array: CARRAY, values: dict[str, Any]) -> Iterator[Deviation]:
    """Yield how a channel and the record of points done differ."""
    nav = values.get("nav_indexes")
    found = nearest_node(array, RECORD_NAME) if isinstance(nav, tuple) and nav else None
    if not isinstance(found, CARRAY) or found.dtype.kind != "u":
        return
    shape = array.shape[: found.ndim]
    if isinstance(found, EARRAY) and isinstance(array, EARRAY):
        if shape and len(found) > shape[0]:
            told = f"it has {shape[0]} rows, fewer than its record {found.path} counts ({len(found)})"
            yield Deviation(array.path, Severity.ERROR, told)
    elif shape != found.shape:
        told = f"its shape is {array.shape}; its record {found.path} is of a scan of {found.shape}"
        yield Deviation(array.path, Severity.ERROR, told)


def background(array: CARRAY, channel: CARRAY) -> Iterator[Deviation]:
    """Yield that a background has neither the shape of its channel nor that of one point."""
    nav = channel.attrs.get("nav_indexes", ())
    point = channel.shape[len(nav) :] if isinstance(nav, tuple) else channel.shape
    if array.shape not in (channel.shape, point or (1,)):
        told = (
            f"its shape is {array.shape}; that of its channel is {channel.shape}, of a point {point or (1,)}"
        )
        yield Deviation(array.path, Severity.ERROR, told)


def point_axis(array: CARRAY, values: dict[str, Any], number: int) -> Iterator[Deviation]:
    """Yield what is wrong with the values of an axis at each point."""
    group = array.parent_node
    missing = [name for name in ("label", "units", "index") if name not in values]
    if missing:
        yield Deviation(array.path, Severity.WARNING, f"attributes are missing: {', '.join(missing)}")
    if "data_type" in values:
        told = "the values of an axis at each point have no data_type: loaders would take them as data"
        yield Deviation(array.path, Severity.ERROR, told)
    name = f"{DataType.axis.value}{number:02d}"
    axis = None if group is None else group.find(name)
    if not isinstance(axis, CARRAY):
        yield Deviation(array.path, Severity.ERROR, f"there is no {name} beside it")
        return
    found = nearest_node(array, RECORD_NAME)
    if isinstance(found, CARRAY) and not isinstance(array, EARRAY):
        expected = (*found.shape, *axis.shape)
        if array.shape != expected:
            told = f"its shape is {array.shape}, not that of the scan and of {name}: {expected}"
            yield Deviation(array.path, Severity.ERROR, told)
    elif array.shape[-1:] != axis.shape[-1:]:
        yield Deviation(
            array.path, Severity.ERROR, f"a point has {array.shape[-1:]} values, {name} {axis.shape}"
        )


def _measured(nodes: Iterable[Node]) -> Iterator[tuple[CARRAY, dict[str, Any]]]:
    for node in nodes:
        if isinstance(node, CARRAY):
            values = read_attributes(node)[0]
            if values.get("data_type") in _MEASURED:
                yield node, values
