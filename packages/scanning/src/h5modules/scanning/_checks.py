"""What is made sure of before a scan: devices that are there and have what a scan asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ._devices import Actuator, Detector, Device, calling
from ._errors import PlanError
from ._limits import check_actuators
from ._lost import LOST
from ._plan import Plan
from ._policy import FailurePolicy
from ._problems import Problems, suggestion
from ._roles import ACTUATOR, DETECTOR, Role


def check_devices(
    plan: Plan, actuators: Sequence[Actuator], detectors: Sequence[Detector], policy: FailurePolicy
) -> None:
    """Make sure that devices can do a plan; nothing moves, and no detector is read.

    Raises
    ------
    PlanError
        When there are no detectors, a device lacks a method or shares its title, an actuator is missing, the
        plan leaves its limits, or the policy speaks of a device that is not there.
    DeviceTimeoutError
        When a device is lost: a call that an earlier scan gave up has not returned.
    DeviceFailedError
        When an actuator of the plan cannot tell its position or its limits.
    """
    problems = Problems()
    with problems.gathering():
        if not detectors:
            raise PlanError("the scan has no detectors; give at least one.")
    with problems.gathering():
        check_roles(actuators, detectors)
    problems.raise_any()
    with problems.gathering():
        require_own_titles((*actuators, *detectors))
    with problems.gathering():
        require_titles(policy.limits, (*actuators, *detectors), "a time-out or retries are told")
    with problems.gathering():
        check_actuators(plan, actuators)
    for actuator in actuators:
        if actuator.title in plan.actuators:
            with (
                problems.gathering(),
                calling(f"actuator {actuator.title!r}", "when it was asked where it is"),
            ):
                float(actuator.position)
    problems.raise_any()


def check_roles(actuators: Sequence[object], detectors: Sequence[object]) -> None:
    """Make sure that devices have the methods of an actuator or a detector, and are not lost.

    Raises
    ------
    PlanError
        When one lacks a method, or when several things are wrong.
    DeviceTimeoutError
        When one is lost.
    """
    problems = Problems()
    for actuator in actuators:
        with problems.gathering():
            require_actuator(actuator)
    for detector in detectors:
        with problems.gathering():
            require_detector(detector)
    for device in (*actuators, *detectors):
        with problems.gathering():
            LOST.require_back(device, f"device {getattr(device, 'title', '')!r}")
    problems.raise_any()


def require_actuator(device: object) -> None:
    """Refuse a device that cannot be moved.

    Raises
    ------
    PlanError
        When it has no title, or no `move_to`.
    """
    _require_role(device, ACTUATOR, DETECTOR)


def require_detector(device: object) -> None:
    """Refuse a device that cannot be read.

    Raises
    ------
    PlanError
        When it has no title, or no `read`.
    """
    _require_role(device, DETECTOR, ACTUATOR)


def _require_role(device: object, role: Role, other: Role) -> None:
    if missing := role.lacks(device):
        title = getattr(device, "title", type(device).__name__)
        hint = "" if other.lacks(device) else f"; it is {other.indefinite} (option {other.option})"
        raise PlanError(
            f"{title!r} cannot be used as {role.indefinite}: it has no {' and no '.join(missing)}{hint}."
        )


def require_titles(named: Iterable[str], devices: Sequence[Device], what: str) -> None:
    """Refuse titles that no device has: a slip of the finger would leave a device without its time-out.

    Parameters
    ----------
    named
        The titles.
    devices
        The devices.
    what
        What is told for the title, as in a sentence.

    Raises
    ------
    PlanError
        When there are such titles.
    """
    titles = [device.title for device in devices]
    unknown = [title for title in named if title not in titles]
    if unknown:
        raise PlanError(
            *(
                f"{what} for {title!r}, no device has this title; {suggestion(title, titles)}"
                for title in unknown
            )
        )


def require_own_titles(devices: Sequence[Device]) -> None:
    """Refuse devices that share a title.

    Raises
    ------
    PlanError
        When two do, or one has none.
    """
    titles: list[object] = [device.title for device in devices]
    found = [
        f"{titles.count(title)} devices are titled {title!r}; each needs a title of its own."
        for title in dict.fromkeys(titles)
        if titles.count(title) > 1
    ]
    if not all(isinstance(title, str) and title for title in titles):
        found.append(f"the title of each device is a text that is not empty; there are {titles}.")
    if found:
        raise PlanError(*found)
