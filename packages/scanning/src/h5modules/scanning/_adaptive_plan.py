"""A scan that chooses its places on the way, as a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from ._axis import is_finite, plain_float, plain_int, points_problems
from ._errors import PlanError
from ._plan import Plan
from ._spread import TableAxis
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
        End when the learner's loss is not above that; 0 uses all points. See the `adaptive` library.
    units
        The unit of all positions; where it is said, the actuators must have it.

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
    units: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "actuators", tuple(self.actuators))
        for name in ("low", "high"):
            values: Iterable[Any] = getattr(self, name)
            object.__setattr__(self, name, tuple(map(plain_float, values)))
        object.__setattr__(self, "points", plain_int(self.points))
        object.__setattr__(self, "loss", plain_float(self.loss))
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
        if not is_finite(self.loss) or self.loss < 0:
            found.append(f"loss is {self.loss!r}; give a number, 0 or more.")
        return found

    def __len__(self) -> int:
        return self.points

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """The lowest and the highest position of each actuator."""
        return list(zip(self.low, self.high, strict=True))

    @property
    def outline(self) -> Plan:
        """The corners of the box: a plan that keeps to the limits of actuators if all of the box does."""
        return Plan([TableAxis(self.actuators, [self.low, self.high], self.units)])

    def renamed(self, titles: Mapping[str, str]) -> Self:
        """Return the plan with other titles of its devices; those that are no key of `titles` stay."""
        actuators = tuple(titles.get(name, name) for name in self.actuators)
        return replace(self, actuators=actuators, observe=titles.get(self.observe, self.observe))

    def to_table(self) -> dict[str, Any]:
        """Return the plan as a table of TOML, without what is as by default."""
        table = {"kind": "adaptive", **asdict(self)}
        return {name: value for name, value in table.items() if (name, value) not in _DEFAULTS}

    def to_toml(self) -> str:
        """Return the plan as TOML, as it is saved with the scan."""
        return to_toml(self.to_table())

    @classmethod
    def from_toml(cls, text: str) -> AdaptivePlan:
        """Return the plan that TOML spells.

        Raises
        ------
        PlanError
            When it is not TOML, or not a plan; all that is wrong is told, each with its key.
        """
        from ._plan_toml import adaptive_plan_from_toml

        return adaptive_plan_from_toml(text)


_DEFAULTS = {("loss", 0.0), ("units", "")}
