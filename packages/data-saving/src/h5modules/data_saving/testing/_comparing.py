"""Whether two data objects are the same, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pymodaq_data.data import Axis, DataToExport, DataWithAxes

Array = np.ndarray[Any, Any]

_FIELDS = ("name", "units", "origin", "labels", "timestamp")
_ENUMERATED = ("source", "dim", "distribution")


def assert_same_data(saved: DataWithAxes | DataToExport, loaded: DataWithAxes | DataToExport) -> None:
    """Check that data are the same in every field.

    The values are compared bit for bit, but for the order of bytes; the ``path`` that a loader adds is not.

    Raises
    ------
    AssertionError
        When they differ: it tells every field that does.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw
    >>> saved = DataRaw('power', units='mW', data=[np.array([0.5])])
    >>> loaded = saved.deepcopy()
    >>> loaded.force_units('W')
    >>> assert_same_data(saved, loaded)
    Traceback (most recent call last):
    AssertionError: 'power': the data loaded are not those saved:
      units: saved 'mW', loaded 'W'
    """
    found = list(differences(saved, loaded))
    if found:
        raise AssertionError(f"{saved.name!r}: the data loaded are not those saved:\n  " + "\n  ".join(found))


def assert_same_axis(saved: Axis, loaded: Axis) -> None:
    """Check that two axes are the same in every field.

    Raises
    ------
    AssertionError
        When they differ: it tells every field that does.
    """
    found = list(_axis_differences("axis", saved, loaded))
    if found:
        raise AssertionError(f"{saved.label!r}: not the axis that was saved:\n  " + "\n  ".join(found))


def differences(saved: DataWithAxes | DataToExport, loaded: DataWithAxes | DataToExport) -> Iterator[str]:
    """Yield a line for each field in which two data objects differ.

    Two `DataToExport` are compared signal by signal, found by name and origin.
    """
    if isinstance(saved, DataWithAxes):
        yield from _signal_differences(saved, loaded)
        return
    before = {(signal.name, signal.origin): signal for signal in saved.data}
    after = {(signal.name, signal.origin): signal for signal in loaded.data}
    yield from _differing("signals", sorted(before), sorted(after))
    yield from _differing("number of signals", len(saved.data), len(loaded.data))
    for key in before.keys() & after.keys():
        for line in _signal_differences(before[key], after[key]):
            yield f"{key}: {line}"


def _signal_differences(saved: DataWithAxes, loaded: DataWithAxes) -> Iterator[str]:
    for name in _FIELDS:
        yield from _differing(name, getattr(saved, name), getattr(loaded, name))
    for name in _ENUMERATED:
        yield from _differing(name, getattr(saved, name).name, getattr(loaded, name).name)
    yield from _differing("nav_indexes", tuple(saved.nav_indexes), tuple(loaded.nav_indexes))
    yield from _array_differences("data", saved.data, loaded.data)
    yield from _array_differences("errors", saved.errors, loaded.errors)
    yield from _differing("number of axes", len(saved.axes), len(loaded.axes))
    for number, (before, after) in enumerate(zip(saved.axes, loaded.axes, strict=False)):
        yield from _axis_differences(f"axes[{number}]", before, after)
    yield from _differing("extra attributes", _extra(saved), _extra(loaded))


def _extra(data: DataWithAxes) -> dict[str, str]:
    # As text: it tells types apart, and a NaN is a NaN.
    own = sorted(name for name in data.extra_attributes if name != "path")
    return {name: f"{type(getattr(data, name)).__name__} {getattr(data, name)!r}" for name in own}


def _array_differences(name: str, saved: list[Array] | None, loaded: list[Array] | None) -> Iterator[str]:
    before, after = _several(saved), _several(loaded)
    yield from _differing(f"number of {name}", before and len(before), after and len(after))
    for number, (one, other) in enumerate(zip(before or (), after or (), strict=False)):
        yield from _values_differing(f"{name}[{number}]", one, other)


def _several(arrays: Any) -> list[Array] | None:
    return None if arrays is None else list(arrays)


def _axis_differences(name: str, saved: Axis, loaded: Axis) -> Iterator[str]:
    for field in ("label", "units", "index", "spread_order", "size"):
        yield from _differing(f"{name}.{field}", getattr(saved, field), getattr(loaded, field))
    yield from _values_differing(f"{name}.data", saved.get_data(), loaded.get_data())


def _values_differing(name: str, saved: Array, loaded: Array) -> Iterator[str]:
    yield from _differing(f"{name}.shape", saved.shape, loaded.shape)
    yield from _differing(f"{name}.dtype", saved.dtype.newbyteorder("="), loaded.dtype.newbyteorder("="))
    if saved.shape == loaded.shape and not np.array_equal(saved, loaded, equal_nan=saved.dtype.kind in "fc"):
        yield f"{name}: saved {saved!r}, loaded {loaded!r}"


def _differing(name: str, saved: Any, loaded: Any) -> Iterator[str]:
    if saved != loaded:
        yield f"{name}: saved {saved!r}, loaded {loaded!r}"
