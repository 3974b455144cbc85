"""What a signal is like, told once: everything about a `DataWithAxes` but its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from pymodaq_data.data import DataWithAxes

from ._errors import DataAttributeError, DataMismatchError
from ._fitting import can_hold, require_maskless

SAVED_AGAIN = "saved_again"
"""How often the very same signal was saved in the group before; not there at its first time."""

LAYOUT_ATTRIBUTES = frozenset(
    "CLASS TITLE VERSION EXTDIM FLAVOR FILTERS backend shape dtype subdtype size data_type data_dimension "
    "source distribution label origin nav_indexes timestamp units path saved_again".split()
)
"""Attributes of an array that the layout uses; all others are extra attributes of the data."""

FORBIDDEN_ATTRIBUTES = frozenset(
    "axes errors labels dim data name title signal nav_axes x_axis y_axis nav_x_axis nav_y_axis".split()
)
"""Attributes that PyMoDAQ's loader hands on to where they break it, or mean something else."""

SPREAD = "spread"
"""The distribution of data whose points are listed, not laid out on a grid."""


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
    again
        How often it was saved in its group before.
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
    again: int = 0

    @classmethod
    def of(cls, data: DataWithAxes, further: Mapping[str, Any] | None = None) -> Self:
        """Return the description of `data`, with `further` extra attributes.

        Raises
        ------
        DataAttributeError
            When an extra attribute has a name that the layout uses.
        ArrayTypeError
            When values are masked that cannot be NaN.
        """
        for values in (*data.data, *(data.errors or ())):
            require_maskless(values, f"signal {data.name!r} of {data.origin!r}")
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
            extra=_extra_attributes(data, further or {}),
        )

    @property
    def identity(self) -> tuple[str, str]:
        """What tells it from the other signals of a point: name and origin."""
        return self.name, self.origin

    @property
    def point_shape(self) -> tuple[int, ...]:
        """The dimensions that a point of a scan adds to the scan's: none for one value."""
        return () if self.shape == (1,) else self.shape

    def in_scan(self, dimensions: int, distribution: str) -> Self:
        """Return the description of a scan of this signal, with that many dimensions in front.

        A spread scan has one navigation dimension, the list of its points: PyMoDAQ's data can have no more.
        """
        own = self.nav_indexes if self.point_shape else ()  # one value adds no dimension
        moved = tuple(range(dimensions)) + tuple(index + dimensions for index in own)
        nav_indexes = moved[:1] if distribution == SPREAD else moved
        return replace(self, nav_indexes=nav_indexes, distribution=distribution)

    def of_errors(self) -> Self:
        """Return the description of the error bars, as a signal of its own."""
        dtypes = self.error_dtypes or ()
        name = f"{self.name}_errors"
        return replace(self, name=name, source="calculated", dtypes=dtypes, error_dtypes=None, extra={})

    def held_as(self, dtypes: Sequence[np.dtype[Any]], error_dtypes: Sequence[np.dtype[Any]]) -> Self:
        """Return the description of the signal as a file holds it, whose dtypes may be others."""
        told = None if self.error_dtypes is None else tuple(error_dtypes)
        return replace(self, dtypes=tuple(dtypes), error_dtypes=told)

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
            **({SAVED_AGAIN: self.again} if self.again else {}),
            **self.extra,
        }

    def require(self, data: DataWithAxes) -> None:
        """Make sure that `data` is another measurement of this signal.

        Raises
        ------
        DataMismatchError
            When its name, origin or unit differs; the number of channels; the label or shape of one; the
            presence of error bars; or when values of another dtype would lose something as values of the
            first.
        ArrayTypeError
            When values are masked that cannot be NaN.
        """
        if data.name != self.name or data.origin != self.origin:
            raise DataMismatchError(f"{self} is saved here, not signal {data.name!r} of {data.origin!r}.")
        if data.units != self.units:
            raise DataMismatchError(f"{self} is in {self.units!r}, the point in {data.units!r}.")
        arrays = data.data
        if len(arrays) != len(self.dtypes):
            raise DataMismatchError(f"{self} has {len(self.dtypes)} channel(s), the point has {len(arrays)}.")
        if tuple(data.labels) != self.labels:
            raise DataMismatchError(
                f"{self} has the channels {list(self.labels)}, the point {list(data.labels)}."
            )
        self._require_arrays(arrays, self.dtypes, "channel")
        errors = data.errors
        if (errors is None) is not (self.error_dtypes is None):
            raise DataMismatchError(f"{self}: error bars come with all points or with none.")
        if errors is not None:
            self._require_arrays(errors, self.error_dtypes or (), "error bars of channel")

    def _require_arrays(
        self, arrays: list[np.ndarray[Any, Any]], dtypes: tuple[np.dtype[Any], ...], what: str
    ) -> None:
        for channel, (values, dtype) in enumerate(zip(arrays, dtypes, strict=True)):
            if values.shape != self.shape:
                raise DataMismatchError(
                    f"{self}: {what} {channel} has the shape {self.shape}, the point has {values.shape}."
                )
            if values.dtype != dtype and not can_hold(dtype, values):
                raise DataMismatchError(
                    f"{self}: {what} {channel} holds {dtype}, the point has {values.dtype} that does not fit."
                )
            if type(values) is not np.ndarray:
                require_maskless(values, self)

    def __str__(self) -> str:
        return f"signal {self.name!r} of {self.origin!r}"


def _extra_attributes(data: DataWithAxes, further: Mapping[str, Any]) -> dict[str, Any]:
    own = [name for name in data.extra_attributes if name != "path"]  # the loader's: where the data came from
    taken = sorted((LAYOUT_ATTRIBUTES | FORBIDDEN_ATTRIBUTES).intersection([*own, *further]))
    if taken:
        raise DataAttributeError(
            f"signal {data.name!r} of {data.origin!r} has extra attributes whose names the file layout uses: "
            f"{', '.join(taken)}; give them other names."
        )
    return {**further, **{name: getattr(data, name) for name in own}}
