"""What a signal is like, told once: everything about a `DataWithAxes` but its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from pymodaq_data.data import DataDistribution, DataWithAxes

from ._errors import DataAttributeError, DataMismatchError

LAYOUT_ATTRIBUTES = frozenset(
    "CLASS TITLE VERSION EXTDIM FLAVOR backend shape dtype subdtype size data_type data_dimension "
    "source distribution label origin nav_indexes timestamp units path".split()
)
"""Attributes of an array that the layout uses; all others are extra attributes of the data."""

FORBIDDEN_ATTRIBUTES = frozenset({"axes", "errors", "labels", "dim", "data", "name", "title", "signal"})
"""Attributes that PyMoDAQ's loader hands on to where they break it."""


@dataclass(frozen=True, slots=True)
class SignalDescription:
    """A signal without its values.

    Attributes
    ----------
    name, origin, dim, units, source, distribution, timestamp, labels
        As of the `DataWithAxes`; `dim`, `source` and `distribution` by name.
    nav_indexes
        The dimensions of the values that are navigation dimensions.
    shape, dtypes
        The shape of each channel's values, and the dtype of each.
    error_dtypes
        The dtype of each channel's error bars; None without error bars.
    extra
        The extra attributes.
    """

    name: str
    origin: str
    dim: str
    units: str
    source: str
    distribution: str
    timestamp: float
    labels: tuple[str, ...]
    nav_indexes: tuple[int, ...]
    shape: tuple[int, ...]
    dtypes: tuple[np.dtype[Any], ...]
    error_dtypes: tuple[np.dtype[Any], ...] | None
    extra: Mapping[str, Any]

    @classmethod
    def of(cls, data: DataWithAxes) -> Self:
        """Return the description of `data`.

        Raises
        ------
        DataAttributeError
            When an extra attribute has a name that the layout uses.
        """
        return cls(
            name=data.name,
            origin=data.origin,
            dim=data.dim.name,
            units=data.units,
            source=data.source.name,
            distribution=data.distribution.name,
            timestamp=float(data.timestamp),
            labels=tuple(data.labels),
            nav_indexes=tuple(int(index) for index in data.nav_indexes or ()),
            shape=tuple(data.shape),
            dtypes=tuple(values.dtype for values in data.data),
            error_dtypes=None if data.errors is None else tuple(values.dtype for values in data.errors),
            extra=_extra_attributes(data),
        )

    @property
    def point_shape(self) -> tuple[int, ...]:
        """The dimensions that a point of a scan adds to the scan's: none for one value."""
        return () if self.shape == (1,) else self.shape

    def in_scan(self, dimensions: int, distribution: DataDistribution) -> Self:
        """Return the description of a scan of this signal, with that many dimensions in front."""
        moved = tuple(range(dimensions)) + tuple(index + dimensions for index in self.nav_indexes)
        return replace(self, nav_indexes=moved, distribution=distribution.name)

    def of_errors(self) -> Self:
        """Return the description of the error bars, as a signal of its own."""
        return replace(self, name=f"{self.name}_errors", source="calculated", extra={})

    def channel_attributes(self, channel: int) -> dict[str, Any]:
        """Return the attributes of the array that holds one channel."""
        return {
            "timestamp": self.timestamp,
            "label": self.labels[channel],
            "source": self.source,
            "distribution": self.distribution,
            "origin": self.origin,
            "units": self.units,
            "nav_indexes": self.nav_indexes,
            **self.extra,
        }

    def require(self, data: DataWithAxes) -> None:
        """Make sure that `data` is another measurement of this signal.

        Raises
        ------
        DataMismatchError
            When the number of channels, a shape, a dtype or the presence of error bars differs.
        """
        arrays = data.data
        if len(arrays) != len(self.dtypes):
            raise DataMismatchError(f"{self._label} has {len(self.dtypes)} channel(s), the point has {len(arrays)}.")
        for channel, (values, dtype) in enumerate(zip(arrays, self.dtypes, strict=True)):
            self._require_array(values, dtype, f"channel {channel}")
        errors = data.errors
        if (errors is None) is not (self.error_dtypes is None):
            raise DataMismatchError(f"{self._label}: error bars come with all points or with none.")
        if errors is not None and self.error_dtypes is not None:
            for channel, (values, dtype) in enumerate(zip(errors, self.error_dtypes, strict=True)):
                self._require_array(values, dtype, f"the error bars of channel {channel}")

    def _require_array(self, values: np.ndarray[Any, Any], dtype: np.dtype[Any], what: str) -> None:
        if values.shape != self.shape:
            raise DataMismatchError(f"{self._label}: {what} has shape {self.shape}, the point has {values.shape}.")
        if values.dtype != dtype:
            raise DataMismatchError(f"{self._label}: {what} holds {dtype}, the point has {values.dtype}.")

    @property
    def _label(self) -> str:
        return f"signal {self.name!r} of {self.origin!r}"


def _extra_attributes(data: DataWithAxes) -> dict[str, Any]:
    names = [name for name in data.extra_attributes if name != "path"]  # the loader's own: where the data came from
    taken = sorted(LAYOUT_ATTRIBUTES.union(FORBIDDEN_ATTRIBUTES).intersection(names))
    if taken:
        raise DataAttributeError(
            f"signal {data.name!r} of {data.origin!r} has extra attributes whose names the file layout uses: "
            f"{', '.join(taken)}; give them other names."
        )
    return {name: getattr(data, name) for name in names}
