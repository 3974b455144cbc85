"""The browser is called as PyMoDAQ's is."""

from __future__ import annotations

import inspect

from pymodaq_gui.h5modules import browsing as theirs

import h5modules.browsing
from h5modules.browsing import H5Browser, browse_data


def test_arguments_and_signals_are_those_of_pymodaq():
    for ours, other in ((H5Browser, theirs.H5Browser), (browse_data, theirs.browse_data)):
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(other).parameters)
    for name in ("data_node_signal", "status_signal"):
        assert getattr(H5Browser, name).signatures == getattr(theirs.H5Browser, name).signatures
    assert {"H5Browser", "browse_data"} <= set(dir(h5modules.browsing.qt))
