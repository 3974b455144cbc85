"""`DataBundle`: a point on its way to a saver, with all that says where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pymodaq_data.data import DataDistribution, DataToExport

from ._errors import DataMismatchError


@dataclass
class DataBundle:
    """A point, and where it goes; it may be filled in step by step.

    Attributes
    ----------
    dte
        The signals.
    node
        The path of the group.
    settings
        Settings as XML, kept with the group.
    indexes
        Where in a scan of a known shape.
    axis_values
        What the growing axes of a log or an adaptive scan get: one value for each.
    distribution
        Whether the points lie on a grid (uniform) or are listed (spread).
    save_index
        The number of the point, for those who count.
    """

    dte: DataToExport
    node: str | None = None
    settings: str = ""
    indexes: Sequence[int] | None = None
    axis_values: Sequence[float | np.ndarray[Any, Any]] | None = None
    # By a factory: PyMoDAQ's enumerations cannot be hashed, which `dataclass` takes for mutable.
    distribution: DataDistribution = field(default_factory=lambda: DataDistribution.uniform)
    save_index: int = 0

    def told(self, name: str) -> Any:
        """Return what the bundle says of itself under that name.

        Raises
        ------
        DataMismatchError
            When it says nothing.
        """
        value = getattr(self, name)
        if value is None:
            raise DataMismatchError(f"the bundle with the data {self.dte.name!r} does not tell its {name}.")
        return value
