"""Devices made of plain functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import ArrayLike

from ._devices import Detector

Values = ArrayLike | Sequence[ArrayLike]


class FunctionDetector:
    """A detector that reads by calling a function.

    `run_scan` makes one of each function among its detectors.

    Parameters
    ----------
    function
        Returns the values of one point, as `Detector.read`.
    title
        The name in the file; the function's by default.
    units
        The unit of its values.

    Attributes
    ----------
    function, title, units
        As they were given.

    Examples
    --------
    >>> def power():
    ...     return 1.5
    >>> FunctionDetector(power).title
    'power'
    """

    def __init__(self, function: Callable[[], Values], title: str = "", units: str = "") -> None:
        self.function = function
        self.title = title or getattr(function, "__name__", type(function).__name__)
        self.units = units

    def read(self) -> Values:
        """Call the function."""
        return self.function()


class FunctionActuator:
    """An actuator that moves by calling a function; where it was sent is where it is.

    Parameters
    ----------
    function
        Takes a position, and returns when it is reached.
    title
        The name in the file; the function's by default.
    units
        The unit of positions.
    position
        Where it is first.

    Examples
    --------
    >>> stage = FunctionActuator(lambda value: None, 'Delay', 'ps')
    >>> stage.move_to(2.5)
    >>> stage.position
    2.5
    """

    def __init__(
        self,
        function: Callable[[float], object],
        title: str = "",
        units: str = "",
        position: float = 0.0,
    ) -> None:
        self._function = function
        self.title = title or getattr(function, "__name__", type(function).__name__)
        self.units = units
        self.position = position

    def move_to(self, value: float) -> None:
        """Call the function."""
        self._function(value)
        self.position = value


def as_detector(device: Any) -> Detector:
    """Return a detector: a plain function becomes one, anything else is left as it is."""
    is_function = callable(device) and not hasattr(device, "read")
    detector: Detector = FunctionDetector(device) if is_function else device
    return detector
