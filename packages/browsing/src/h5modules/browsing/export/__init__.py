"""Save what lies in a file in the formats of other programs."""

from __future__ import annotations

from ._errors import (
    ExporterWarning,
    ExportTargetError,
    FormatMismatchError,
    FormatUnknownError,
    NotAcquiredWarning,
)
from ._export import export_node
from ._exporter import H5Exporter
from ._factory import ExporterFactory
from ._signal import ExportSignal
from ._source import ExportSource, ProgressCallback

__all__ = [
    "export_node",
    "H5Exporter",
    "ExporterFactory",
    "ExportSource",
    "ExportSignal",
    "ProgressCallback",
    "ExporterWarning",
    "ExportTargetError",
    "FormatMismatchError",
    "FormatUnknownError",
    "NotAcquiredWarning",
]
