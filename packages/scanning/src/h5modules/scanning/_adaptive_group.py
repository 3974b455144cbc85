"""The group of an adaptive scan in its file: a row for each place, in the order they were chosen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from pymodaq_data.data import DataToExport

from h5modules.backends import CARRAY, GROUP
from h5modules.module_saving import OptimizerSaver
from h5modules.saving import BEGUN_NAME, RECORD_NAME

from ._acquisition import NumberedPoint
from ._adaptive_plan import AdaptivePlan
from ._errors import ScanResumeError
from ._exact import Array
from ._learner import Learner, Place
from ._plan import Point
from ._resuming import PLAN_NAME
from ._scan_group import log_line, other_plan, require_devices

if TYPE_CHECKING:
    from ._session import Session


class AdaptiveGroup:
    """Where one adaptive scan is saved, and where its next point comes from.

    Parameters
    ----------
    plan
        The box, and what decides.
    session
        The devices and the file.
    """

    def __init__(self, plan: AdaptivePlan, session: Session) -> None:
        self._scan = session.scan
        self._plan = plan
        self._h5saver = session.h5saver
        self._attributes = session.setup.attributes
        units = [session.station.units[name] for name in plan.actuators]
        self._saver = OptimizerSaver(session.scan, plan.actuators, units, session.h5saver)
        self._learner = Learner(plan)
        self.node = ""

    @property
    def filename(self) -> str:
        """The path of the file."""
        return str(self._h5saver.filename)

    @property
    def is_satisfied(self) -> bool:
        """Whether enough is known."""
        return self._learner.is_satisfied

    def points(self, before: int = 0) -> Iterator[NumberedPoint]:
        """Yield the points that are chosen, behind so many; each when the one before was saved."""
        for number in range(before + 1, self._plan.points + 1):
            if self.is_satisfied:
                return
            yield number, Point((), dict(zip(self._plan.actuators, self._learner.ask(), strict=True)))

    def save(self, point: Point, data: DataToExport) -> None:
        """Save a point as the next row, in a new group if it is the first; it is observed then."""
        if not self.node:  # not before: a scan that cannot even begin leaves no group
            group = self._saver.get_set_node(new=True)
            group.attrs.write({PLAN_NAME: self._plan.to_toml(), BEGUN_NAME: time.time(), **self._attributes})
            self.node = group.path
            self.log(f"at most {self._plan.points} points, chosen by {self._plan.observe!r}")
        place = tuple(point.positions.values())
        # What is observed comes last: after a kill in between, the place is measured again for all.
        signals = sorted(data.data, key=lambda signal: signal.origin == self._plan.observe)
        self._saver.add_data(DataToExport("row", data=signals), axis_values=place)
        self._learner.tell(place, _observed(signals[-1].data[0]))

    def find(self) -> tuple[int, list[dict[str, float]]]:
        """Take the last adaptive scan of the file, and learn what it observed.

        Returns
        -------
        How many points it has, and the last places, two at most: a position for each actuator.

        Raises
        ------
        ScanResumeError
            When there is none, or it was made by another plan or other devices.
        """
        group = self._saver.get_last_node()
        if group is None:
            raise ScanResumeError(f"{self.filename!r} holds no adaptive scan that could be gone on with.")
        if PLAN_NAME not in group.attrs or AdaptivePlan.from_toml(str(group.attrs[PLAN_NAME])) != self._plan:
            raise other_plan(group, self.filename, self._plan)
        require_devices(self._h5saver, group, self._scan)
        rows = list(self._rows(group))
        self._learner.replay(rows)
        self.node = self._saver.get_set_node().path
        return len(rows), [dict(zip(self._plan.actuators, place, strict=True)) for place, _ in rows[-2:]]

    def _rows(self, group: GROUP) -> Iterator[tuple[Place, float]]:
        """Yield the places of a group that is there, and what was observed at each."""
        groups = self._h5saver.get_groups(group, "detector")
        (detector,) = (each for each in groups if each.title == self._plan.observe)
        if RECORD_NAME not in detector:
            return
        arrays = [each for each in self._h5saver.walk_nodes(detector) if isinstance(each, CARRAY)]
        (record,) = (each for each in arrays if each.name == RECORD_NAME)
        count = int(np.count_nonzero(record.read()))
        axes = {each.attrs["label"]: each.read() for each in arrays if "/NavAxes/" in each.path}
        columns = [axes[name][:count].tolist() for name in self._plan.actuators]
        (values,) = (each for each in arrays if each.name == "EnlData00")
        for number, place in enumerate(zip(*columns, strict=True)):
            yield place, _observed(values[number])

    def log(self, message: str) -> None:
        """Add a line to the file's log, with the time and the scan."""
        log_line(self._h5saver, f"{self.node.rpartition('/')[2]} {self._scan.title}".strip(), message)


def _observed(values: Array) -> float:
    return float(np.real(np.mean(values)))
