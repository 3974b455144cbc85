"""What of several nodes can be compared, and what each is called; nothing here is of Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from h5modules.backends import CARRAY, H5ModulesError
from h5modules.browsing._scan_view import ScanAxis, ScanSignal
from h5modules.browsing._units import Convert, conversion
from h5modules.saving import units_text

from ._reading import (
    Plane,
    axis_of,
    cleaning,
    cut_of,
    long_dimensions,
    overview_name,
    read_overview,
    read_plane,
    read_point_overview,
    value_name,
)
from ._signal_view import signal_name
from ._view import Subject

_MOST_POINTS = 200
"""How many points are read one by one: of more, all are read at once."""


class CannotCompareError(H5ModulesError, ValueError):
    """Nodes are of different units, shapes or places."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A signal that several nodes have.

    Attributes
    ----------
    name
        What it is.
    signals
        One of each node.
    """

    name: str
    signals: tuple[ScanSignal, ...]


def find_compared(subject: Subject, takes: Callable[[ScanSignal], bool]) -> list[Compared]:
    """Return what a node and its others have in common: of groups, the channels of the same name."""
    found = [_channels(each, takes) for each in (subject, *subject.others)]
    groups = [each for each in found if None not in each]
    shared = [name for name in groups[0] if all(name in each for each in groups)] if groups else [None]
    if not all(found):
        return []
    return [
        Compared(name or "", tuple(each[name] if name in each else each[None] for each in found))
        for name in shared
    ]


def _channels(subject: Subject, takes: Callable[[ScanSignal], bool]) -> dict[str | None, ScanSignal]:
    """Return the channels of a group by name; an array has one, which is compared whatever its name."""
    signals = subject.signals
    if isinstance(subject.node, CARRAY):
        return {None: signals[0][0]} if signals and takes(signals[0][0]) else {}
    return {signal_name(each): each for channels in signals for each in channels if takes(each)}


def distinct_names(subject: Subject) -> list[str]:
    """Return what a node and its others are called: the parts of file and path that are not the same."""
    nodes = (subject, *subject.others)
    return distinct_parts([(*PurePath(each.file.filename).parts, *_parts(each.path)) for each in nodes])


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def distinct_parts(paths: Sequence[Sequence[str]]) -> list[str]:
    """Return the parts of each path that differ from those of others.

    Examples
    --------
    >>> distinct_parts([('a.h5', 'Scan000', 'Data00'), ('a.h5', 'Scan001', 'Data00')])
    ['Scan000', 'Scan001']
    >>> distinct_parts([('a.h5', 'Scan000'), ('a.h5', 'Scan000', 'Data00')])
    ['Scan000', 'Data00']
    """
    columns = list(zip(*paths, strict=False))
    if len({len(path) for path in paths}) == 1:
        kept = [number for number, column in enumerate(columns) if len(set(column)) > 1]
        return ["/".join(path[number] for number in kept) for path in paths]
    same = next((number for number, column in enumerate(columns) if len(set(column)) > 1), len(columns))
    return ["/".join(path[same:]) or path[-1] for path in paths]


def converting(names: tuple[str, str], units: tuple[str, str], what: str) -> Convert:
    """Return what makes of values of the second node those in the units of the first.

    Parameters
    ----------
    names
        What the two nodes are called.
    units
        The units of each.
    what
        What the values are.

    Raises
    ------
    CannotCompareError
        When there is no such thing: it says which units they are.

    Examples
    --------
    >>> converting(('Scan000', 'Scan001'), ('V', 'mV'), 'values')(np.array([500.0]))
    array([0.5])
    >>> converting(('Scan000', 'Scan001'), ('V', 'mW'), 'values')
    Traceback (most recent call last):
    ...
    h5modules.browsing.qt.views._compared.CannotCompareError: 'Scan000' and 'Scan001' cannot be compared:
    their values are in V and in mW.
    """
    found = conversion(units[1], units[0])
    if found is None:
        told = " and ".join(f"in {units_text(each)}" if each else "without units" for each in units)
        raise CannotCompareError(
            f"{names[0]!r} and {names[1]!r} cannot be compared: their {what} are {told}."
        )
    return found


def converted_text(units: str, into: str, what: str) -> str:
    """Return what to tell of values that were converted; nothing where they were not.

    Examples
    --------
    >>> converted_text('um', 'mm', 'places'), converted_text('um', 'um', 'places')
    ('places from µm to mm', '')
    """
    written = units_text(units), units_text(into)
    return "" if written[0] == written[1] else f"{what} from {written[0]} to {written[1]}"


def told_of(name: str, texts: Sequence[str]) -> list[str]:
    """Return the sentence that tells what was converted of a node; none where nothing was.

    Examples
    --------
    >>> told_of('Scan001', ['places from µm to mm', '', 'values from mV to V'])
    ['Scan001 is converted: places from µm to mm, values from mV to V.']
    """
    known = [text for text in texts if text]
    return [f"{name} is converted: {', '.join(known)}."] if known else []


@dataclass(frozen=True, slots=True)
class Image:
    """A plane of a signal, with what is written beside it.

    Attributes
    ----------
    plane
        The values.
    axes
        The axis of the rows and that of the columns.
    name, units
        What the values are.
    size
        How many rows and columns there are; of a large image the plane has not all of them.
    """

    plane: Plane
    axes: tuple[ScanAxis | None, ScanAxis | None]
    name: str
    units: str
    size: tuple[int, int]


def is_image(signal: ScanSignal) -> bool:
    """Tell whether `read_image` can show a signal."""
    scan, inner = long_dimensions(signal)
    return not signal.is_spread and (len(scan) + len(inner) == 2 or len(scan) == 2)


def read_image(signal: ScanSignal) -> Image:
    """Return a signal of two dimensions as an image; of a map of spectra or frames, what their mean is."""
    scan, inner = long_dimensions(signal)
    down, across = [*scan, *inner][:2]
    axes = axis_of(signal, down), axis_of(signal, across)
    if len(scan) == 2 and inner:
        rows, columns = (signal.scan_shape[number] for number in scan)
        values = read_overview(signal).reshape(rows, columns)
        plane = Plane(np.arange(rows), np.arange(columns), values)
        return Image(plane, axes, overview_name(signal), signal.units, (rows, columns))
    cut = cut_of(signal, [down, across])
    plane = read_plane(signal.array, cut, clean=cleaning(signal))
    size = signal.array.shape[down], signal.array.shape[across]
    return Image(plane, axes, value_name(signal), signal.units, size)


def with_points(image: Image, signal: ScanSignal, indexes: Sequence[tuple[int, ...]]) -> Image | None:
    """Return an image of what the means of a scan are, with points that came; None to read it all again."""
    scan, inner = long_dimensions(signal)
    is_of_means = len(scan) == 2 and bool(inner)
    if not is_of_means or len(indexes) > _MOST_POINTS:
        return None
    values = image.plane.values.copy()
    for index in indexes:
        values[index[scan[0]], index[scan[1]]] = read_point_overview(signal, index)
    return replace(image, plane=replace(image.plane, values=values))


def converted(names: tuple[str, str], first: Image, other: Image) -> tuple[Image, list[str]]:
    """Return the second of two images in the units of the first, and what to tell of it.

    Raises
    ------
    CannotCompareError
        When its values, or its axes, have units that cannot be converted.
    """
    convert = converting(names, (first.units, other.units), "values")
    told = [converted_text(other.units, first.units, "values")]
    plane = replace(other.plane, values=convert(other.plane.values))
    axes: list[ScanAxis | None] = []
    for axis, its in zip(first.axes, other.axes, strict=True):
        if axis is not None and its is not None:
            what = f"places along {axis.label or 'an axis'}"
            values = converting(names, (axis.units, its.units), what)(its.values)
            told.append(converted_text(its.units, axis.units, axis.label or "places"))
            axes.append(ScanAxis(its.label, axis.units, values))
        else:
            axes.append(its)
    shown = replace(other, plane=plane, axes=(axes[0], axes[1]), units=first.units)
    return shown, told_of(names[1], told)


def difference_of(names: tuple[str, str], first: Image, other: Image) -> Plane:
    """Return an image less the first, both in the same units.

    Raises
    ------
    CannotCompareError
        When they have not the same size, or their pixels lie elsewhere.
    """
    if first.size != other.size:
        told = " and of ".join(" x ".join(map(str, each.size)) for each in (first, other))
        raise CannotCompareError(
            f"{names[0]!r} and {names[1]!r} cannot be subtracted: they are images of {told}."
        )
    for axis, its in zip(first.axes, other.axes, strict=True):
        if axis is None or its is None:
            continue
        if not np.allclose(axis.values, its.values, rtol=1e-6, atol=1e-3 * _step(axis), equal_nan=True):
            raise CannotCompareError(
                f"{names[0]!r} and {names[1]!r} cannot be subtracted: their places along "
                f"{axis.label or 'an axis'} are not the same."
            )
    return replace(other.plane, values=other.plane.values - first.plane.values)


def _step(axis: ScanAxis) -> float:
    return float(np.nanmedian(np.abs(np.diff(axis.values)))) if len(axis.values) > 1 else 0.0
