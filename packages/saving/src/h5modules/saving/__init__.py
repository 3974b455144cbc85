"""A file as PyMoDAQ lays it out: its groups, the names that count up, its log, and where it lies.

`H5SaverBase` and `H5Saver`, the savers with settings and windows, are here too: they are imported from
`h5modules.saving.qt` when they are asked for, and need the extra ``qt``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._array_file import ArrayFile
from ._dated import dataset_name, day_folder, default_base, last_dataset, new_datasets, new_domains
from ._finished import FinishedFile
from ._finishing import FILL_LIMIT, FILLED, PointCount, count_points, fill_points, record_of, recorded_groups
from ._grouped import GroupedFile
from ._lost import LOST_VALUES, Lost
from ._low_level import H5SaverLowLevel
from ._names import counting_key, next_number, number_of
from ._needs_qt import QtMissingError, require_qt
from ._packing import Packed, PackingError, pack
from ._paths import with_h5_suffix
from ._plain_names import valid_name
from ._recovery import Recovered, recover
from ._second_names import (
    arrays_at,
    drop_second_names,
    is_second_name,
    show_again_with,
    view_of,
    walk_first_names,
)
from ._types import BEGUN_NAME, NAV_AXES, NEXUS, RECORD_NAME, DataType, FileType
from ._units_text import units_text

if TYPE_CHECKING:
    from .qt import H5Saver as H5Saver
    from .qt import H5SaverBase as H5SaverBase

__all__ = [
    "BEGUN_NAME",
    "H5SaverLowLevel",
    "GroupedFile",
    "ArrayFile",
    "FinishedFile",
    "DataType",
    "FileType",
    "NAV_AXES",
    "NEXUS",
    "arrays_at",
    "drop_second_names",
    "show_again_with",
    "is_second_name",
    "view_of",
    "walk_first_names",
    "RECORD_NAME",
    "recover",
    "Recovered",
    "Lost",
    "LOST_VALUES",
    "pack",
    "Packed",
    "PackingError",
    "PointCount",
    "count_points",
    "fill_points",
    "record_of",
    "recorded_groups",
    "FILL_LIMIT",
    "FILLED",
    "default_base",
    "day_folder",
    "dataset_name",
    "last_dataset",
    "new_datasets",
    "new_domains",
    "units_text",
    "with_h5_suffix",
    "counting_key",
    "next_number",
    "number_of",
    "valid_name",
    "require_qt",
    "QtMissingError",
]


def __getattr__(name: str) -> Any:
    """Import what needs Qt when it is asked for; without the extra ``qt``, an ImportError says so."""
    if name in ("H5Saver", "H5SaverBase"):
        return getattr(importlib.import_module(".qt", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
