"""What a file and an array are for, under the names that PyMoDAQ's users know."""

from __future__ import annotations

from h5modules.backends import NamedEnum


class FileType(NamedEnum):
    """What a file was saved by."""

    detector = 0
    actuator = 1
    axis = 2
    scan = 3


class DataType(NamedEnum):
    """What an array is: its name is the attribute ``data_type``, its value how its node's name begins."""

    data = "Data"
    axis = "Axis"
    live_scan = "Live"
    external_h5 = "ExtData"
    strings = "Strings"
    bkg = "Bkg"
    data_enlargeable = "EnlData"
    error = "ErrorBar"


NAV_AXES = "NavAxes"
"""The name of the group that holds the navigation axes of all data beside it."""

RECORD_NAME = "Acquired"
"""The name of a scan's record of points done: 0 is not acquired, n is acquired as the n-th."""

BEGUN_NAME = "begun"
"""The attribute of a scan's group that tells when it was begun, in seconds since 1970."""

NEXUS = "NeXus"
"""The name of the group in the root where arrays have second names, for programs that plot NeXus files."""
