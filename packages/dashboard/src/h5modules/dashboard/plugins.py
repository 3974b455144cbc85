"""PyMoDAQ's instrument plugins as devices of a scan without windows.

A plugin that works in the Dashboard is an actuator or a detector of `h5modules.scanning.run_scan`: a program
without a window needs but a `QApplication`, for plugins speak by Qt's signals. Importing this module imports
PyMoDAQ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np
from pymodaq.utils.plugin_testing.harness import (
    grab_and_wait,
    make_actuator,
    make_detector,
    move_abs_and_wait,
)
from pymodaq_data.data import DataWithAxes

from ._errors import PluginError

_PATIENCE = 60_000
"""Milliseconds that a move or a reading may take; a scan's own time-outs are shorter."""


class Axis(Protocol):
    """One dimension of what a detector reads."""

    label: str
    units: str

    @property
    def values(self) -> np.ndarray[Any, Any]:
        """The coordinates."""


class _SignalAxis:
    def __init__(self, label: str, units: str, values: np.ndarray[Any, Any]) -> None:
        self.label = label
        self.units = units
        self.values = values


class PluginActuator:
    """A plugin ``DAQ_Move_...`` as an actuator.

    Parameters
    ----------
    plugin
        The plugin, initialized.
    title
        Its name in the file; that of its class by default.

    Examples
    --------
    ::

        stage = PluginActuator.open(DAQ_Move_SimulatedStage, "Stage x")
        run_scan(Plan([LinearAxis("Stage x", -5, 5, 11)]), [stage], [detector], "scan.h5")
    """

    def __init__(self, plugin: Any, title: str | None = None) -> None:
        self._plugin = plugin
        self.title = title or type(plugin).__name__.removeprefix("DAQ_Move_")

    @classmethod
    def open(
        cls, plugin_class: type, title: str | None = None, *, controller: Any = None, **settings: Any
    ) -> Self:
        """Make a plugin and initialize it, as the Dashboard does.

        Parameters
        ----------
        plugin_class, title
            Its class, and its name in the file.
        controller
            That of another plugin, whose hardware it shares.
        **settings
            Settings to set before it is initialized.

        Raises
        ------
        PluginError
            When it says that it is not initialized.
        """
        return cls(_initialized(make_actuator(plugin_class, controller, **settings)), title)

    @property
    def plugin(self) -> Any:
        """The plugin."""
        return self._plugin

    @property
    def units(self) -> str:
        """The unit of its positions."""
        return str(self._plugin.axis_unit)

    @property
    def position(self) -> float:
        """Where it is."""
        return float(self._plugin.get_actuator_value().value(self.units))

    def move_to(self, value: float) -> None:
        """Move, and return when the plugin tells that it is there."""
        move_abs_and_wait(self._plugin, float(value), _PATIENCE)

    def close(self) -> None:
        """Let go of the hardware."""
        self._plugin.close()


class PluginDetector:
    """A plugin ``DAQ_nDViewer_...`` as a detector of one of its signals.

    Parameters
    ----------
    plugin
        The plugin, initialized. It is read once, to know units and axes.
    title
        Its name in the file; that of its class by default.
    signal
        The name of the signal; needed where it reads several.

    Raises
    ------
    PluginError
        When there is no such signal, or it is not said which.
    """

    def __init__(self, plugin: Any, title: str | None = None, signal: str | None = None) -> None:
        self._plugin = plugin
        self.title = title or type(plugin).__name__.partition("Viewer_")[2]
        self._signal = signal
        first = self._grab()
        self._units = str(first.units)
        self.labels = [str(label) for label in first.labels]
        self.axes: Sequence[Axis] = [
            _SignalAxis(axis.label, axis.units, np.asarray(axis.get_data()))
            for axis in sorted(first.axes, key=lambda axis: int(axis.index))
        ]

    @classmethod
    def open(
        cls,
        plugin_class: type,
        title: str | None = None,
        signal: str | None = None,
        *,
        controller: Any = None,
        **settings: Any,
    ) -> Self:
        """Make a plugin and initialize it; the arguments are those of `PluginActuator.open`.

        Raises
        ------
        PluginError
            When it says that it is not initialized, or as for the constructor.
        """
        return cls(_initialized(make_detector(plugin_class, controller, **settings)), title, signal)

    @property
    def plugin(self) -> Any:
        """The plugin."""
        return self._plugin

    @property
    def units(self) -> str:
        """The unit of its values."""
        return self._units

    def read(self) -> tuple[np.ndarray[Any, Any], ...]:
        """Return the channels of one reading."""
        return tuple(np.array(channel) for channel in self._grab().data)

    def _grab(self) -> DataWithAxes:
        signals = {str(data.name): data for data in grab_and_wait(self._plugin, 1, _PATIENCE)}
        if self._signal is None and len(signals) == 1:
            return next(iter(signals.values()))
        if self._signal not in signals:
            raise PluginError(
                f"{self.title!r} reads {sorted(signals)}, not {self._signal!r}: say which with signal=."
            )
        return signals[self._signal]

    def close(self) -> None:
        """Let go of the hardware."""
        self._plugin.close()


def _initialized(plugin: Any) -> Any:
    if not plugin.initialized:
        raise PluginError(f"{type(plugin).__name__} was not initialized: {plugin.init_info}")
    return plugin
