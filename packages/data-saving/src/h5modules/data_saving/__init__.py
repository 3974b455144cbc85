"""`Axis`, `DataWithAxes` and `DataToExport` of PyMoDAQ, to nodes of a file and back."""

from __future__ import annotations

from ._axes import AxisSaverLoader
from ._errors import DataAttributeError, DataMismatchError, DataNodeError, ScanIndexError
from ._export import DataToExportExtendedSaver, DataToExportSaver, PointWriter
from ._extended import DataExtendedSaver, checked_index
from ._loader import DataLoader
from ._management import DataManagement
from ._record import PointRecord
from ._signals import BkgSaver, DataSaverLoader, ErrorSaverLoader

__all__ = [
    "DataManagement",
    "AxisSaverLoader",
    "DataSaverLoader",
    "BkgSaver",
    "ErrorSaverLoader",
    "DataExtendedSaver",
    "DataToExportSaver",
    "DataToExportExtendedSaver",
    "DataLoader",
    "PointWriter",
    "PointRecord",
    "checked_index",
    "DataMismatchError",
    "DataNodeError",
    "DataAttributeError",
    "ScanIndexError",
]
