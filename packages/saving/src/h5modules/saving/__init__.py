"""A file as PyMoDAQ lays it out: its groups, the names that count up, its log, and where it lies."""

from __future__ import annotations

from ._dated import dataset_name, day_folder, default_base, last_dataset, new_datasets, new_domains
from ._grouped import GroupedFile
from ._low_level import H5SaverLowLevel
from ._names import counting_key, next_number, number_of
from ._paths import with_h5_suffix
from ._swmr import WithoutSwmr
from ._types import NAV_AXES, RECORD_NAME, DataType, FileType

__all__ = [
    "H5SaverLowLevel",
    "GroupedFile",
    "WithoutSwmr",
    "DataType",
    "FileType",
    "NAV_AXES",
    "RECORD_NAME",
    "default_base",
    "day_folder",
    "dataset_name",
    "last_dataset",
    "new_datasets",
    "new_domains",
    "with_h5_suffix",
    "counting_key",
    "next_number",
    "number_of",
]
