"""`Axis`, `DataWithAxes` and `DataToExport` of PyMoDAQ, to nodes of a file and back."""

from __future__ import annotations

from ._assembly import Assembly
from ._axes import AxisSaverLoader, make_axis
from ._bundle import DataBundle
from ._channels import ChannelGroups
from ._description import SignalDescription
from ._enlargeable import DataEnlargeableSaver
from ._errors import (
    DataAttributeError,
    DataMismatchError,
    DataMissingError,
    DataNodeError,
    DataWarning,
    QueuedPointError,
    ScanIndexError,
    ScanShapeError,
)
from ._export import DataToExportSaver
from ._extended import DataExtendedSaver
from ._fitting import can_hold, require_maskless, without_mask
from ._following import NewPoints, PointFollower, follow, read_steadily
from ._growing import DataToExportEnlargeableSaver, DataToExportTimedSaver
from ._growing_axes import AxisValue
from ._lazy import LazyData, Slicer
from ._loader import DataLoader
from ._management import DataManagement, SaverContext
from ._open_groups import OpenGroups
from ._places import checked_index, checked_shape
from ._point_writer import PointWriter
from ._points import DataToExportExtendedSaver
from ._queued import QueuedPoint, QueuedSaver
from ._record import PointRecord
from ._row_writer import CheckedRows
from ._signal_points import SignalWriter
from ._signals import BkgSaver, DataSaverLoader, ErrorSaverLoader, SignalManagement

__all__ = [
    "DataManagement",
    "AxisSaverLoader",
    "DataSaverLoader",
    "BkgSaver",
    "ErrorSaverLoader",
    "DataExtendedSaver",
    "DataEnlargeableSaver",
    "DataToExportSaver",
    "DataToExportExtendedSaver",
    "DataToExportEnlargeableSaver",
    "DataToExportTimedSaver",
    "QueuedSaver",
    "QueuedPoint",
    "DataBundle",
    "AxisValue",
    "DataLoader",
    "follow",
    "read_steadily",
    "PointFollower",
    "NewPoints",
    "Assembly",
    "LazyData",
    "Slicer",
    "SaverContext",
    "SignalManagement",
    "ChannelGroups",
    "SignalDescription",
    "SignalWriter",
    "PointWriter",
    "CheckedRows",
    "PointRecord",
    "OpenGroups",
    "make_axis",
    "can_hold",
    "require_maskless",
    "without_mask",
    "checked_index",
    "checked_shape",
    "DataAttributeError",
    "DataMismatchError",
    "DataMissingError",
    "DataNodeError",
    "DataWarning",
    "QueuedPointError",
    "ScanIndexError",
    "ScanShapeError",
]
