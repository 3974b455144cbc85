"""A file as PyMoDAQ lays it out: its groups, the names that count up, its log."""

from __future__ import annotations

from ._grouped import GroupedFile
from ._low_level import H5SaverLowLevel
from ._names import counting_key, next_number, number_of
from ._paths import with_h5_suffix
from ._types import NAV_AXES, RECORD_NAME, DataType, FileType

__all__ = [
    "H5SaverLowLevel",
    "GroupedFile",
    "DataType",
    "FileType",
    "NAV_AXES",
    "RECORD_NAME",
    "with_h5_suffix",
    "counting_key",
    "next_number",
    "number_of",
]
