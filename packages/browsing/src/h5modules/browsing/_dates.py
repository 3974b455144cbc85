"""Moments as dates."""

from __future__ import annotations

from datetime import datetime


def date_text(seconds: float) -> str:
    """Return seconds since 1970 as a date, in local time with its offset; empty for what is none.

    Examples
    --------
    >>> date_text(1795799300.8)[:5], date_text(float('nan'))
    ('2026-', '')
    """
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # not finite, or of no year
        return ""
