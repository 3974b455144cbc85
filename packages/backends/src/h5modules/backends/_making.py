"""How nodes are made: whole or not at all, with the attributes that every new file and array has."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ._driver import Driver, NodeKind

LAYOUT_VERSIONS = {"pymodaq_version": "5.3.8", "pymodaq_data_version": "5.3.0"}
"""The releases of PyMoDAQ whose file layout is written; its browser reads them from the root."""


def root_attributes(title: str) -> dict[str, Any]:
    """Return the attributes of the root of a new file."""
    from importlib.metadata import version  # here: to import it takes longer than all of this package

    now = datetime.datetime.now()
    return {
        "CLASS": NodeKind.GROUP.value,
        "TITLE": title,
        **LAYOUT_VERSIONS,
        "h5modules_version": version("h5modules-backends"),
        "date": now.date().isoformat(),
        "time": now.time().isoformat(),
    }


def array_attributes(
    title: str, shape: tuple[int, ...], dtype: np.dtype[Any], backend: str, subdtype: str = ""
) -> dict[str, Any]:
    """Return the attributes by which PyMoDAQ knows an array.

    Examples
    --------
    >>> array_attributes('Raw', (3, 2), np.dtype('>f8'), 'h5py')['dtype']
    'float64'
    """
    return {
        "TITLE": str(title),
        "shape": tuple(int(length) for length in shape),
        "dtype": dtype.name,
        "subdtype": subdtype,
        "backend": backend,
    }


def capitalize(text: str) -> str:
    """Return `text` with its first letter as a capital, the others as they are.

    Examples
    --------
    >>> capitalize('data00')
    'Data00'
    """
    return text[:1].upper() + text[1:]


@contextmanager
def whole(driver: Driver, path: str) -> Iterator[None]:
    """Make a node whole or not at all: what fails in the block takes the node away again.

    Parameters
    ----------
    driver
        The file.
    path
        The node; nothing is there before the block.
    """
    try:
        yield
    except BaseException:
        if path != "/" and driver.is_open and driver.kind(path) is not None:
            driver.delete(path)
        raise
