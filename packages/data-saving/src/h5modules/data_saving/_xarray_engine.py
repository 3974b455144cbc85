"""The engine ``h5modules`` of xarray: ``xarray.open_datatree('scan.h5', engine='h5modules')``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xarray
from xarray.backends import BackendEntrypoint

from h5modules.backends import GROUP

from ._assembly import MEASURED, Assembly
from ._loader import DataLoader


class H5ModulesEntrypoint(BackendEntrypoint):
    """Opens files of PyMoDAQ's layout for xarray; values are read when they are asked for."""

    description = "Files of h5modules and PyMoDAQ"
    supports_groups = True

    def open_dataset(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        group: str = "/",
    ) -> xarray.Dataset:
        """Open one signal.

        Parameters
        ----------
        filename_or_obj
            The path of the file.
        drop_variables
            Variables to leave out.
        group
            The path of one of the signal's arrays, or of a group that holds one signal.

        Raises
        ------
        DataNodeError
            When there are several signals, which it names, or none.
        """
        loader = DataLoader(Path(filename_or_obj))
        try:
            dataset = _without(loader.to_xarray(group, chunks=None), drop_variables)
        except BaseException:
            loader.close()
            raise
        dataset.set_close(loader.close)
        return dataset

    def open_groups_as_dict(
        self, filename_or_obj: Any, *, drop_variables: str | Iterable[str] | None = None, group: str = "/"
    ) -> dict[str, xarray.Dataset]:
        """Open all signals below a group: a Dataset for each, by the path of its group.

        A group of several signals has one below it for each, under the name of its first array.
        """
        loader = DataLoader(Path(filename_or_obj))
        groups = _all_groups(loader, drop_variables, group)
        for dataset in groups.values():
            dataset.set_close(loader.close)
        return groups

    def open_datatree(
        self, filename_or_obj: Any, *, drop_variables: str | Iterable[str] | None = None, group: str = "/"
    ) -> xarray.DataTree:
        """Open all signals below a group, as a tree of the file's groups."""
        loader = DataLoader(Path(filename_or_obj))
        tree = xarray.DataTree.from_dict(_all_groups(loader, drop_variables, group))
        tree.set_close(loader.close)
        return tree

    def guess_can_open(self, filename_or_obj: Any) -> bool:
        """Take no file without being asked: any HDF5 file could be one."""
        return False


def _all_groups(
    loader: DataLoader, drop_variables: str | Iterable[str] | None, group: str
) -> dict[str, xarray.Dataset]:
    try:
        found = {"/": xarray.Dataset()}
        for assembly in loader.signals(group):
            dataset = loader.to_xarray(assembly.channels[0], chunks=None)
            found[_place(loader, assembly)] = _without(dataset, drop_variables)
    except BaseException:
        loader.close()
        raise
    return found


def _place(loader: DataLoader, assembly: Assembly) -> str:
    """Return the path of a signal in the tree: its group, or where that holds more, its first array.

    A Dataset hands its coordinates on to those below it, and must have none.
    """
    group = assembly.group
    is_alone = len(list(Assembly.all_in(loader.h5saver, group, MEASURED))) == 1
    has_groups = any(isinstance(child, GROUP) for _, child in group.iter_children())
    return group.path if is_alone and not has_groups else assembly.channels[0].path


def _without(dataset: xarray.Dataset, names: str | Iterable[str] | None) -> xarray.Dataset:
    if names is None:
        return dataset
    return dataset.drop_vars([names] if isinstance(names, str) else list(names), errors="ignore")
