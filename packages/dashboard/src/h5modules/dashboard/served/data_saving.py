"""Served as ``pymodaq_data.h5modules.data_saving``."""

from __future__ import annotations

from h5modules import data_saving
from h5modules.backends import GROUP
from h5modules.data_saving import *  # noqa: F403 - served whole

__all__ = [*data_saving.__all__, "GROUP"]  # noqa: PLE0604 - names of ours
