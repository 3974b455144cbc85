from __future__ import annotations

import sys
from pathlib import Path

import pytest

from h5modules.scanning import (
    Actuator,
    Detector,
    DeviceError,
    DeviceFailedError,
    DeviceUnknownError,
    RegisteredDevice,
    device_names,
    device_roles,
    open_device,
    registered_devices,
)


@pytest.mark.usefixtures("laboratory")
def test_devices_are_found_by_name() -> None:
    assert {"stage", "diode"} <= set(device_names())
    assert RegisteredDevice("stage", "lab", "lab_devices:Stage") in registered_devices()
    assert isinstance(open_device("stage"), Actuator)
    assert isinstance(open_device("diode"), Detector)


@pytest.mark.usefixtures("laboratory")
def test_listing_devices_imports_none() -> None:
    sys.modules.pop("lab_devices", None)
    assert "stage" in [device.name for device in registered_devices()]
    assert "lab_devices" not in sys.modules


class Cryostat:
    """Moved, and read."""

    title, position = "Cryostat", 4.0

    def move_to(self, value: float) -> None: ...

    def read(self) -> float:
        return 4.0


def make_told() -> Cryostat:
    raise AssertionError("it was opened")


def make_either() -> Cryostat | Diode:
    raise AssertionError("it was opened")


def make_untold():  # type: ignore[no-untyped-def]
    raise AssertionError("it was opened")


def make_of_what_is_not_there() -> Nothing:  # type: ignore[name-defined]  # noqa: F821
    raise AssertionError("it was opened")


class Diode:
    title = "Diode"

    def read(self) -> float:
        return 0.5


@pytest.mark.parametrize(
    ("factory", "roles"),
    [
        ("Cryostat", ("actuator", "detector")),
        ("Diode", ("detector",)),
        ("make_told", ("actuator", "detector")),
        ("make_either", ("detector",)),
        ("make_untold", ()),
        ("make_of_what_is_not_there", ()),
    ],
)
def test_roles_are_told_without_opening(factory: str, roles: tuple[str, ...]) -> None:
    assert device_roles(RegisteredDevice("it", "lab", f"{__name__}:{factory}")) == roles


def test_a_device_that_cannot_be_imported_is_told() -> None:
    with pytest.raises(DeviceFailedError, match="when it was imported: ModuleNotFoundError"):
        device_roles(RegisteredDevice("gone", "lab", "lab_that_is_gone:Diode"))


@pytest.mark.usefixtures("laboratory")
def test_an_unknown_device_is_told_with_one_that_is_alike() -> None:
    with pytest.raises(
        DeviceUnknownError, match=r"named 'Stag_e'; did you mean 'stage'\? There are .*'diode'"
    ) as caught:
        open_device("Stag_e")
    assert isinstance(caught.value, LookupError)
    assert isinstance(caught.value, DeviceError)


def test_without_devices_the_entry_point_group_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("h5modules.scanning._registry.entry_points", lambda group: [])
    with pytest.raises(
        DeviceUnknownError, match=r"no installed package registers one .*'h5modules\.devices'"
    ):
        open_device("stage")


@pytest.mark.usefixtures("laboratory")
def test_a_device_that_cannot_be_opened_is_named() -> None:
    with pytest.raises(
        DeviceFailedError, match=r"device 'absent' failed when it was opened: OSError: it is switched off"
    ):
        open_device("absent")


def test_a_name_of_two_packages_is_refused(laboratory: Path) -> None:
    info = laboratory.parent / "site" / "rival-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rival\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text("[h5modules.devices]\nstage = rival:Stage\n", "utf-8")
    with pytest.raises(
        DeviceError, match=r"'stage' is registered by several packages: lab, rival; uninstall one"
    ):
        open_device("stage")
