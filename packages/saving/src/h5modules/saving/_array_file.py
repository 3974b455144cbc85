"""`ArrayFile`: a file in which arrays are saved, or get room, with all that tells what they are."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from h5modules.backends import CARRAY, StringARRAY, Where

from ._arrays import ArrayRequest, require_shape
from ._grouped import GroupedFile, Metadata, name_of
from ._types import DataType


class ArrayFile(GroupedFile):
    """A file of groups and of arrays that say what they are.

    Attributes
    ----------
    fill_value
        What the values of a scan read as while they are not written, where `add_array` is not told; for
        floats and complex numbers only. None is 0, and costs nothing whatever the size of the scan.
    """

    fill_value: float | None = None

    def add_string_array(
        self, where: Where, name: str, title: str = "", metadata: Metadata = None
    ) -> StringARRAY:
        """Make an empty list of texts."""
        with self.all_or_nothing():
            array = self.create_vlarray(where, name, "string", title)
            array.attrs.write({"data_type": DataType.strings.name, **(metadata or {})})
        return StringARRAY(self, array.path)

    def add_array(  # noqa: PLR0913 - PyMoDAQ's arguments
        self,
        where: Where,
        name: str,
        data_type: DataType | str,
        array_to_save: np.ndarray[Any, Any] | None = None,
        data_shape: tuple[int, ...] | None = None,
        array_type: DTypeLike | None = None,
        fill_value: float | None = None,
        data_dimension: Enum | str | None = None,
        scan_shape: tuple[int, ...] = (),
        add_scan_dim: bool = False,
        enlargeable: bool = False,
        title: str = "",
        metadata: Metadata = None,
    ) -> CARRAY:
        """Save an array, or make room for one that is filled later.

        Room is made in one piece, where the library can: see `ArraySpec.placed`. With a compression
        (`define_compression`) it is made in chunks that are packed as they are written.

        Parameters
        ----------
        where, name, title
            The group, the array's name (its first letter becomes a capital), its title.
        data_type
            What it is.
        array_to_save
            The values; without them `data_shape` and `array_type` tell what is to come. Of an enlargeable
            array they tell the dtype alone.
        data_shape, array_type
            The shape and dtype of what one point (`add_scan_dim`) or one row (`enlargeable`) holds.
        fill_value
            What values not yet written read as; None is 0, or `fill_value` of the saver in a scan.
        data_dimension
            ``Data0D``, ``Data1D``, ``Data2D`` or ``DataND``.
        scan_shape, add_scan_dim
            The shape of the scan, put before `data_shape` when `add_scan_dim`; a `data_shape` of ``(1,)``
            adds nothing.
        enlargeable
            Make an empty array that grows along a new first dimension.
        metadata
            Further attributes.

        Raises
        ------
        UnknownNameError, NodeExistsError, ArrayTypeError, ArrayShapeError, AttributeValueError
            When an argument is wrong; nothing was written.
        """
        dimension = data_dimension if data_dimension is None else name_of(data_dimension)
        attributes = {"data_type": DataType.parse(data_type).name, "data_dimension": dimension}
        values = None if array_to_save is None else np.asarray(array_to_save)
        scan = require_shape(scan_shape) if add_scan_dim else None
        request = ArrayRequest(values, array_type, require_shape(data_shape), scan, enlargeable, fill_value)
        can_place = self.driver.abilities.placed
        spec = request.spec(self.compression, can_place=can_place, scan_fill=self.fill_value)
        with self.all_or_nothing():
            array = self.create_array(
                where, name[:1].upper() + name[1:], spec, title, None if enlargeable else values
            )
            array.attrs.write({**attributes, **(metadata or {})})
        return array
