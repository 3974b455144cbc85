"""Where the datasets of PyMoDAQ's savers lie, and what their scans are called."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from h5modules.backends import GROUP, GroupType
from h5modules.saving._dated import dataset_name, day_folder, make_folder, next_dataset_number, part_folder
from h5modules.saving._low_level import H5SaverLowLevel
from h5modules.saving._names import number_of


def timed_file(base: Path | str, name: str) -> Path:
    """Return a path in the folder of today, which is made: ``<name>_20261126_17_30_05.h5``."""
    now = datetime.datetime.now()
    return make_folder(day_folder(base, now.date())) / f"{name}_{now:%Y%m%d_%H_%M_%S}.h5"


class ScanPaths(H5SaverLowLevel):
    """A saver that tells its scans, and the folders and names of their files, under PyMoDAQ's names."""

    settings: Any

    def get_scan_groups(self) -> list[GROUP]:
        """Return the scans of the file, counted upwards."""
        return self.get_groups(self.raw_group, GroupType.scan)

    def get_last_scan(self) -> GROUP | None:
        """Return the last scan of the file; None when there is none."""
        return self.get_last_group(self.raw_group, GroupType.scan)

    def get_scan_index(self) -> int:
        """Return the number of the last scan of the file; 0 when there is none."""
        last = self.get_last_scan()
        return 0 if last is None else number_of(last.name, "Scan") or 0

    @classmethod
    def find_part_in_path_and_subpath(
        cls, base_dir: Path, part: str = "", create: bool = False, increment: bool = True
    ) -> Path:
        """Return the folder of that name: `base_dir` itself, one above it, or one in it.

        Parameters
        ----------
        base_dir
            Where to look.
        part
            The name.
        create
            Whether to make it in `base_dir` when it is nowhere.
        increment
            Whether to return its path in `base_dir` when it is nowhere, rather than `base_dir`.
        """
        found = part_folder(Path(base_dir), part)
        if not increment and not found.is_dir():
            found = Path(base_dir)
        return make_folder(found) if create else found

    @classmethod
    def set_current_scan_path(  # noqa: PLR0913 - PyMoDAQ's arguments
        cls,
        base_dir: Path | str,
        base_name: str = "Scan",
        update_h5: bool = False,
        next_scan_index: int = 0,
        create_scan_folder: bool = False,
        create_dataset_folder: bool = True,
        curr_date: datetime.date | None = None,
        ind_dataset: int | None = None,
    ) -> tuple[Path, str, Path]:
        """Return the path of a dataset without its suffix, the name of a scan, and the path again.

        The folder of the day is made.

        Parameters
        ----------
        base_dir
            The folder under which all lies.
        base_name, next_scan_index
            What the name of the scan is made of.
        update_h5
            Whether the dataset is the next one, or the last.
        create_scan_folder, create_dataset_folder
            Without meaning: scans and datasets have no folders.
        curr_date
            The day; today by default.
        ind_dataset
            The number of the dataset, where it is known.
        """
        day = datetime.date.today() if curr_date is None else curr_date
        folder = make_folder(day_folder(base_dir, day))
        if ind_dataset is None:
            following = next_dataset_number(folder, day)
            ind_dataset = following if update_h5 else max(following - 1, 0)
        path = folder / Path(dataset_name(day, ind_dataset)).stem
        return path, f"{base_name}{next_scan_index:03d}", path

    def update_file_paths(self, update_h5: bool = False) -> tuple[Path, str, Path]:
        """Return what `set_current_scan_path` does, by the settings.

        Parameters
        ----------
        update_h5
            Whether the dataset is the next one, or the last.
        """
        is_next = update_h5 or not self.settings["current_scan_name"]
        index = 0 if is_next or not self.isopen() else self.get_scan_index()
        base, name = self.settings["base_path"], self.settings["base_name"]
        path, scan, dataset = self.set_current_scan_path(base, name, is_next, index)
        self.settings.child("current_scan_path").setValue(str(dataset))
        return path, scan, dataset
