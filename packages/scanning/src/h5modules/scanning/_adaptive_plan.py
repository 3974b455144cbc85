"""A scan that chooses its places on the way, as a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ._axis import is_finite, plain_float, plain_int, points_problems
from ._errors import PlanError
from ._table import to_toml


@dataclass(frozen=True, slots=True)
class AdaptivePlan:
    """Places in a box, chosen where what is observed changes most.

    Attributes
    ----------
    actuators
        The titles of the actuators: one or more.
    low, high
        The corners of the box: one position for each actuator.
    points
        How many places at most.
    observe
        The title of the detector that decides; the mean of its first channel counts.
    loss
        End when the learner's loss is below that; 0 uses all points. See the `adaptive` library.

    Raises
    ------
    PlanError
        When one of them cannot be; all of it is told.

    Examples
    --------
    >>> AdaptivePlan(('x',), (0,), (1,), 30, 'Diode').high
    (1.0,)
    """

    actuators: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    points: int
    observe: str
    loss: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "actuators", tuple(self.actuators))
        for name in ("low", "high"):
            values: Iterable[Any] = getattr(self, name)
            object.__setattr__(self, name, tuple(map(plain_float, values)))
        object.__setattr__(self, "points", plain_int(self.points))
        if found := self._problems():
            raise PlanError(*found)

    def _problems(self) -> list[str]:
        found = points_problems("the plan", self.points)
        if not self.actuators or len(set(self.actuators)) < len(self.actuators):
            found.append(f"the plan moves {list(self.actuators)}; name each actuator once.")
        if not len(self.low) == len(self.high) == len(self.actuators):
            found.append("the plan needs a low and a high position for each actuator.")
        elif not all(map(is_finite, (*self.low, *self.high))):
            found.append(f"the plan lies between {self.low!r} and {self.high!r}; give finite numbers.")
        elif not all(low < high for low, high in zip(self.low, self.high, strict=True)):
            found.append(f"the plan lies between {self.low!r} and {self.high!r}; the first must be lower.")
        return found

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """The lowest and the highest position of each actuator."""
        return list(zip(self.low, self.high, strict=True))

    def to_toml(self) -> str:
        """Return the plan as TOML, as it is saved with the scan."""
        return to_toml({"kind": "adaptive", **asdict(self)})
