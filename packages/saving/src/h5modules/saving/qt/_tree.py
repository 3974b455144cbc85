"""The settings of a saver, as PyMoDAQ's parameter trees describe them: same names, types and nesting."""

from __future__ import annotations

import importlib.util
from typing import Any, TypeAlias

import numpy as np

from h5modules.backends import SaveType, backends_available, get_driver
from h5modules.saving._dated import default_base
from h5modules.saving._second_names import is_shown_by_default

Params: TypeAlias = list[dict[str, Any]]

IN_MEMORY = frozenset({"memory"})
"""Backends whose files end with the program: nobody saves measurements there."""

dashboard_submodules_params: Params = [
    {
        "title": "Save 2D datas and above:",
        "name": "save_2D",
        "type": "bool",
        "value": True,
        "tip": "Whether the module savers save images and data of more dimensions.",
    },
    {
        "title": "Save raw datas only:",
        "name": "save_raw_only",
        "type": "bool",
        "value": True,
        "tip": "Leave out what was calculated for live plots, such as regions of interest.",
    },
    {"title": "Do Save:", "name": "do_save", "type": "bool", "default": False, "value": False},
    {
        "title": "N saved:",
        "name": "N_saved",
        "type": "int",
        "default": 0,
        "value": 0,
        "visible": False,
    },
]
"""What the modules of the Dashboard show of a saver's settings."""


def compression_names(backend: str) -> list[str]:
    """Return the compressions that can be used here through a backend, under the names the settings have.

    Examples
    --------
    >>> compression_names('tables')[:2]
    ['zlib', 'gzip']
    """
    known = get_driver(backend).abilities.compressions - {"gzip"}
    others = sorted(known) if importlib.util.find_spec("hdf5plugin") else []
    return ["zlib", "gzip", *others]


def saver_params() -> Params:
    """Return the description of the whole tree."""
    base = str(default_base())
    return [
        {
            "title": "Save type:",
            "name": "save_type",
            "type": "list",
            "limits": SaveType.names(),
            "readonly": True,
        },
        *dashboard_submodules_params,
        {
            "title": "custom_name?:",
            "name": "custom_name",
            "type": "bool",
            "default": False,
            "value": False,
            "tip": "Ask for the name of each new file.",
        },
        {
            "title": "Close file after scan:",
            "name": "close_after_scan",
            "type": "bool",
            "value": False,
            "tip": "Close the file when a scan is done.",
        },
        {
            "title": "Base path:",
            "name": "base_path",
            "type": "browsepath",
            "value": base,
            "filetype": False,
            "readonly": True,
            "tip": "New files lie under it, in folders of the year and the day; it is made when chosen.",
        },
        {"title": "Base name:", "name": "base_name", "type": "str", "value": "Scan", "readonly": True},
        {
            "title": "Current scan:",
            "name": "current_scan_name",
            "type": "str",
            "value": "",
            "readonly": True,
        },
        {
            "title": "Current path:",
            "name": "current_scan_path",
            "type": "text",
            "value": base,
            "readonly": True,
            "visible": False,
        },
        {
            "title": "h5file:",
            "name": "current_h5_file",
            "type": "browsepath",
            "value": "",
            "filetype": True,
            "filter": "HDF5 Files (*.h5);;All Files (*)",
            "readonly": True,
            "tip": "The file that is written; choose another that is there to go on in it.",
        },
        {
            "title": "Browse file content",
            "name": "show_file",
            "type": "action",
            "tip": "Show what is in the file in PyMoDAQ's H5Browser.",
        },
        {
            "title": "New file",
            "name": "new_file",
            "type": "action",
            "tip": "Go on in a new file under the base path.",
        },
        _backend(),
        _data_format(),
    ]


def _backend() -> dict[str, Any]:
    names = [name for name in backends_available if name not in IN_MEMORY]
    return {
        "title": "Backend:",
        "name": "backend",
        "type": "group",
        "children": [
            {
                "title": "Backend type:",
                "name": "backend_type",
                "type": "list",
                "value": names[0],
                "limits": names,
                "tip": "The library that writes; the file that is open is closed when another is chosen.",
            },
            {
                "title": "SWMR options:",
                "name": "swmr_options",
                "type": "group",
                "visible": False,
                "tip": "Without effect: other programs read the file while it is written, without SWMR.",
                "children": [
                    {"title": "Enable SWMR:", "name": "enable_swmr", "type": "bool", "value": False},
                    {
                        "title": "Flush interval:",
                        "name": "flush_interval",
                        "type": "int",
                        "value": 0,
                        "min": 0,
                    },
                ],
            },
            {
                "title": "HSDS Server:",
                "name": "hsds_options",
                "type": "group",
                "visible": False,
                "children": [
                    {
                        "title": "Endpoint:",
                        "name": "endpoint",
                        "type": "str",
                        "value": "",
                        "tip": "http://host:port; empty: HS_ENDPOINT of the environment, or .hscfg.",
                    },
                    {
                        "title": "User:",
                        "name": "user",
                        "type": "str",
                        "value": "",
                        "tip": "Empty: HS_USERNAME of the environment, or .hscfg.",
                    },
                    {
                        "title": "password:",
                        "name": "password",
                        "type": "str",
                        "value": "",
                        "tip": "Kept until the program ends, not shown and not saved among the settings. "
                        "Empty: HS_PASSWORD of the environment, or .hscfg.",
                    },
                ],
            },
        ],
    }


def _data_format() -> dict[str, Any]:
    return {
        "title": "Data format:",
        "name": "data_format",
        "type": "group",
        "children": [
            {
                "title": "Fill value:",
                "name": "fill_value",
                "type": "list",
                "limits": {"nan up to 1 MiB, else 0": 0.0, "nan": np.nan},
                "value": 0.0,
                "tip": "What floats of a scan that are not acquired read as in other programs until the file "
                "is closed; readers of h5modules know them in either case. For arrays of more than 1 MiB nan "
                "costs writing the whole scan at its start.",
            },
            {
                "title": "Plots in other programs:",
                "name": "nexus",
                "type": "bool",
                "value": is_shown_by_default(),
                "tip": "Give what is saved second names in /NeXus: silx view, h5web and NexPy open the "
                "file with a plot; nothing is in the file twice.",
            },
            {
                "title": "Compression:",
                "name": "compression_options",
                "type": "group",
                "children": [
                    {
                        "title": "Library:",
                        "name": "h5comp_library",
                        "type": "list",
                        "value": "zlib",
                        "limits": ["zlib", "gzip"],
                        "tip": "zlib and gzip are the same, which every program reads.",
                    },
                    {
                        "title": "Level:",
                        "name": "h5comp_level",
                        "type": "int",
                        "value": 0,
                        "min": 0,
                        "max": 9,
                        "tip": "0: nothing is packed, and each point of a scan goes to its place in the file "
                        "at once; the file can be packed when it is closed (pack_at_close, h5modules pack). "
                        "1 to 9: arrays are packed when they are saved, and scans while they are acquired; "
                        "a point takes longer then.",
                    },
                ],
            },
        ],
    }
