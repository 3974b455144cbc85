"""Data of every kind for property-based tests, and the comparison of what was saved with what was loaded.

hypothesis and pytest come with the extra ``testing``::

    from hypothesis import given
    from h5modules.data_saving.testing import assert_same_data, signals

    @given(data=signals())
    def test_my_saver(data):
        ...
        assert_same_data(data, loaded)
"""

from __future__ import annotations

from ._comparing import assert_same_axis, assert_same_data, differences
from ._strategies import again, axes, points, shapes, signals

__all__ = [
    "axes",
    "signals",
    "points",
    "again",
    "shapes",
    "assert_same_data",
    "assert_same_axis",
    "differences",
]
