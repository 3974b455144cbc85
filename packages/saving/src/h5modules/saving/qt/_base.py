"""`H5SaverBase`: a saver whose choices are in a settings tree that can be shown."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from pymodaq_gui.managers.parameter_manager import ParameterManager
from pymodaq_gui.utils.file_io import select_file
from qtpy.QtCore import QTimer

from h5modules.backends import GROUP, FileError, H5ModulesError, OpenMode, SaveType
from h5modules.saving._dated import last_dataset, make_folder
from h5modules.saving._grouped import Metadata
from h5modules.saving._paths import Target

from ._scan_paths import ScanPaths, timed_file
from ._tree import Params, compression_names, saver_params

logger = logging.getLogger(__name__)


class H5SaverBase(ScanPaths, ParameterManager):  # type: ignore[misc] # PyMoDAQ has no types
    """A saver with settings: where new files lie, what they are called, how arrays are packed.

    The settings are ``settings``, a tree of parameters laid out as PyMoDAQ's, and ``settings_tree``, their
    widget. A choice counts at once; what a script chooses through the methods is shown among them.

    Parameters
    ----------
    save_type
        What the files are made for.
    backend
        The name of the library: see `h5modules.backends.backends_available`; h5py by default.

    Attributes
    ----------
    current_scan_group, current_scan_name
        The scan that is saved, as callers set it, and its name.
    """

    settings_name = "h5saver_settings"
    params: ClassVar[Params] = saver_params()

    def __init__(self, save_type: SaveType | str = SaveType.scan, backend: str | None = None) -> None:
        ParameterManager.__init__(self)  # first: choosing the backend shows it among the settings
        self._password = ""
        self._base_path = self.settings["base_path"]
        ScanPaths.__init__(self, save_type, backend or "h5py")
        self.current_scan_group: GROUP | None = None
        self.current_scan_name: str | None = None
        self.settings.child("save_type").setValue(self.save_type.name)
        self._take_compression()
        self._take_nexus()

    def show_settings(self, show: bool = True) -> None:
        """Show the widget of the settings, or hide it."""
        self.settings_tree.setVisible(show)

    @staticmethod
    def get_params_for_save_type(type: SaveType | Enum) -> Params:  # noqa: A002 - PyMoDAQ's name
        """Return the description of the settings with that save type chosen."""
        return [
            {**each, "value": type.name} if each["name"] == "save_type" else each
            for each in H5SaverBase.params
        ]

    # Files

    def init_file(  # type: ignore[override] # PyMoDAQ's arguments, other than those of its own base class
        self,
        update_h5: bool = False,
        custom_naming: bool = False,
        addhoc_file_path: Target | None = None,
        metadata: Metadata = None,
        mode: OpenMode = "a",
    ) -> bool:
        """Open a file: the one that is given, or the one that the settings lead to.

        Parameters
        ----------
        update_h5
            Make a new file; one that is given or asked for is replaced if it is there. Without it, a saver
            of scans that has had a file goes on in the last dataset of today, if there is one; on a server
            it makes a new one.
        custom_naming
            Ask for the name in a dialog, as the setting ``custom_name`` does; when it is cancelled, nothing
            changes.
        addhoc_file_path
            The file to open.
        metadata
            Attributes of the raw group, when it is made.
        mode
            How to open a file that is there, unless `update_h5`: see `H5SaverLowLevel.init_file`.

        Returns
        -------
        Whether the file is new.

        Raises
        ------
        FileMissingError, FileTakenError, FileAccessError, FileFormatError, FileError
            As `H5SaverLowLevel.init_file` tells.
        """
        base, mode = self.settings["base_path"], "w" if update_h5 else mode
        if addhoc_file_path is None and (custom_naming or self.settings["custom_name"]):
            addhoc_file_path = select_file(base, save=True, ext="h5")
            if not str(addhoc_file_path):
                return False
        if addhoc_file_path is not None:
            return self._open_and_lay_out(addhoc_file_path, metadata=metadata, mode=mode)
        if self.save_type is not SaveType.scan and self._is_local:
            target = timed_file(base, self.settings["base_name"])
            return self._open_and_lay_out(target, metadata=metadata)
        last = None if update_h5 or not self.current_scan_name or not self._is_local else last_dataset(base)
        if last is not None:
            return self._open_and_lay_out(last, metadata=metadata, mode=mode)
        self.init_dataset(base, metadata)
        return True

    def _open_and_lay_out(
        self,
        target: Target,
        raw_group_name: str = "RawData",
        new_file: bool = False,
        metadata: Metadata = None,
        mode: OpenMode = "a",
        **options: Any,
    ) -> bool:
        needed = {**self.server_options(), **options}
        is_new = super()._open_and_lay_out(target, raw_group_name, new_file, metadata, mode, **needed)
        self._tell_file()
        return is_new

    def server_options(self) -> dict[str, Any]:
        """Return what the settings say about how to reach the server; nothing for files of this machine."""
        if not self._driver_class.abilities.served:
            return {}
        chosen = self.settings.child("backend", "hsds_options")
        options = {
            "endpoint": chosen["endpoint"],
            "username": chosen["user"],
            "password": self._password,
            "make_folders": True,
        }
        return {name: value for name, value in options.items() if value}

    def _tell_file(self) -> None:
        """Show in the settings which file is open, and which scan comes next."""
        self.settings.child("current_h5_file").setValue(str(self.file_path))
        folder, name = self.h5_file_path, self.h5_file_name
        if folder is not None and name is not None:
            self.settings.child("current_scan_path").setValue(str(folder / Path(name).stem))
        with suppress(LookupError):  # a file of somebody else, opened for reading, has no raw group
            number = self.next_number(self.raw_group, "Scan")
            self.current_scan_name = f"{self.settings['base_name']}{number:03d}"
            self.settings.child("current_scan_name").setValue(self.current_scan_name)

    def load_file(self, base_path: Target | None = None, file_path: Target | None = None) -> None:
        """Open a file that is there, to go on in it.

        Parameters
        ----------
        base_path
            Where the dialog starts; the base path by default.
        file_path
            The file; asked for in a dialog by default.
        """
        if file_path is None:
            file_path = select_file(base_path or self.settings["base_path"], save=False, ext="h5")
        if str(file_path):
            self.init_file(addhoc_file_path=file_path, mode="r+")

    def save_file(self, filename: Target | None = None) -> None:
        """Copy the file to another of that name, see `save_file_as`; asked for in a dialog by default."""
        if filename is not None:
            super().save_file(filename)
        elif str(chosen := select_file(self.settings["base_path"], save=True, ext="h5")):
            self.save_file_as(chosen, overwrite=True)  # the dialog has asked

    def open_file_dialog_result(self, file_path: Target) -> None:
        """Open the file chosen among the settings; when that fails, say so and go on in the one before."""
        before: tuple[Target, OpenMode] | None = None
        if self.isopen() and self.file_path is not None:
            before = self.file_path, "r+" if self.driver.writable else "r"
        try:
            self.load_file(file_path=file_path)
        except H5ModulesError as error:
            self.update_status(f"{file_path} cannot be opened: {error}")
            if before is not None and not self.isopen():
                self._go_back(*before)
            _show_later(self.settings.child("current_h5_file"), str(self.file_path or ""))

    def _go_back(self, target: Target, mode: OpenMode) -> None:
        try:
            super()._open_and_lay_out(target, mode=mode, **self.server_options())
        except H5ModulesError as error:
            self.update_status(f"{target} cannot be opened again, no file is open: {error}")

    # Settings

    def value_changed(self, param: Any) -> None:
        """Do what a choice among the settings says; one that cannot be is taken back, and the reason told."""
        handlers: dict[str, Callable[[Any], None]] = {
            "current_h5_file": self._take_file,
            "base_path": self._take_base_path,
            "save_type": self._take_save_type,
            "backend_type": self._take_backend,
            "password": self._take_password,
            "nexus": self._take_nexus,
            "h5comp_library": self._take_compression,
            "h5comp_level": self._take_compression,
        }
        if handler := handlers.get(param.name()):
            handler(param)

    def _take_file(self, param: Any) -> None:
        if param.value() and param.value() != str(self.file_path or ""):
            self.open_file_dialog_result(param.value())

    def _take_base_path(self, param: Any) -> None:
        try:
            if self._is_local:
                make_folder(Path(param.value()))
            self._base_path = param.value()
        except FileError as error:
            self.update_status(f"The base path stays {self._base_path}: {error}")
            _show_later(param, self._base_path)

    def _take_save_type(self, param: Any) -> None:
        self.save_type = SaveType.parse(param.value())

    def _take_backend(self, param: Any) -> None:
        before = self.backend
        if param.value() == before:
            return
        try:
            self.set_backend(param.value())
        except H5ModulesError as error:
            self.update_status(f"The backend stays {before}: {error}")
            _show_later(param, before)

    def _take_password(self, param: Any) -> None:
        # Callers write the whole tree into their files: a password must not be in it.
        if param.value():
            self._password = param.value()
            _show_later(param, "")

    def _take_nexus(self, _param: Any = None) -> None:
        self.nexus = self.settings["data_format", "nexus"]

    def _take_compression(self, _param: Any = None) -> None:
        chosen = self.settings.child("data_format", "compression_options")
        super().define_compression(chosen["h5comp_library"], chosen["h5comp_level"])

    def define_compression(self, compression: str, compression_opts: int) -> None:
        """Choose how arrays made from now on are packed, and show it among the settings."""
        super().define_compression(compression, compression_opts)
        chosen = self.settings.child("data_format", "compression_options")
        with chosen.treeChangeBlocker():
            chosen["h5comp_library"], chosen["h5comp_level"] = compression, compression_opts

    def set_backend(self, backend: str) -> None:
        """Choose the library, closing the file that is open, and show it among the settings.

        A file of this machine is no domain of a server: when the one is chosen after the other, the file is
        forgotten.
        """
        super().set_backend(backend)
        if self.file_path is not None and isinstance(self.file_path, Path) != self._is_local:
            self.file_path = None
            self.settings.child("current_h5_file").setValue("")
        group = self.settings.child("backend")
        offered = group.child("backend_type").opts["limits"]
        _offer(group.child("backend_type"), list(dict.fromkeys([*offered, backend])), backend)
        group.child("hsds_options").setOpts(visible=self._driver_class.abilities.served)
        libraries = self.settings.child("data_format", "compression_options", "h5comp_library")
        names = compression_names(backend)
        _offer(libraries, names, libraries.value() if libraries.value() in names else names[0])

    @property
    def fill_value(self) -> float | None:
        """What floats of a scan read as until they are acquired; None is NaN in small arrays, and else 0."""
        return self.settings["data_format", "fill_value"] or None

    @fill_value.setter
    def fill_value(self, value: float | None) -> None:
        param, chosen = self.settings.child("data_format", "fill_value"), value or 0.0
        choices = param.opts["limits"]
        is_offered = any(np.array_equal(chosen, each, equal_nan=True) for each in choices.values())
        _offer(param, choices if is_offered else {**choices, f"{chosen:g}": chosen}, chosen)

    def update_status(self, status: str) -> None:
        """Tell the user something: here, a warning in the log."""
        logger.warning(status)


def _offer(param: Any, choices: list[str] | dict[str, float], chosen: str | float) -> None:
    with param.treeChangeBlocker():  # while the choices change, its widget has no value
        param.setLimits(choices)
        param.setValue(chosen)


def _show_later(param: Any, value: Any) -> None:
    """Change a setting a moment later: while a change is told, its widget would overrule another."""
    QTimer.singleShot(0, lambda: param.setValue(value))
