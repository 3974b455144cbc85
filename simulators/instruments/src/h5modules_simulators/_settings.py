"""Settings of devices: what they may be, and checks made when a device is described."""

from __future__ import annotations

import math
import operator
from typing import TypeAlias

from ._errors import SettingError

Setting: TypeAlias = bool | int | float | str
"""A plain value that describes a device and can be saved with a scan."""

# The noise key stores a seed in 8 bytes; see `_noise.py`.
_SEED_END = 2**63


def check_seed(seed: int) -> int:
    """Return `seed` as a plain int, numpy integers included.

    Raises
    ------
    TypeError
        If it is no integer.
    SettingError
        If it is negative or does not fit 63 bits.
    """
    value = operator.index(seed)
    if not 0 <= value < _SEED_END:
        raise SettingError(f"seed {value!r} is outside 0..2**63 - 1; choose a seed in this range")
    return value


def check_positive(device: str, **values: float) -> None:
    """Raise SettingError unless every value is finite and above zero."""
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise SettingError(f"{device!r}: {name} is {value!r}, it must be finite and above 0")


def check_not_negative(device: str, **values: float) -> None:
    """Raise SettingError unless every value is finite and zero or above."""
    for name, value in values.items():
        if not (math.isfinite(value) and value >= 0):
            raise SettingError(f"{device!r}: {name} is {value!r}, it must be finite and 0 or above")


def check_share(device: str, **values: float) -> None:
    """Raise SettingError unless every value is above zero and at most one."""
    for name, value in values.items():
        if not 0 < value <= 1:
            raise SettingError(f"{device!r}: {name} is {value!r}, it must be above 0 and at most 1")


def check_count(device: str, **values: int) -> None:
    """Raise SettingError unless every value is one or above."""
    for name, value in values.items():
        if value < 1:
            raise SettingError(f"{device!r}: {name} is {value!r}, it must be 1 or above")
