"""`ModuleSaver`: the group of one module in a file, and what is saved in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, cast

from pymodaq_data.data import DataToExport, DataWithAxes

from h5modules.backends import GROUP, FileClosedError, NodeError, Where
from h5modules.saving import H5SaverLowLevel, number_of

from ._modules import GroupModuleType, Module, SupportsSaveFilter


class ModuleSaver(ABC):
    """Saves one module: a group with its title and settings, and its data in it.

    Parameters
    ----------
    module
        What is saved.
    h5saver
        The file; it may be given later, by setting `h5saver`.

    Attributes
    ----------
    group_type
        What kind of module it is.
    """

    group_type: ClassVar[GroupModuleType]

    def __init__(self, module: Module, h5saver: H5SaverLowLevel | None = None) -> None:
        self._module = module
        # Asked once: to look for a method costs more than to save a small array.
        self._saves = module.saves if isinstance(module, SupportsSaveFilter) else None
        self._module_group: GROUP | None = None
        self._h5saver: H5SaverLowLevel | None = None
        if h5saver is not None:
            self.h5saver = h5saver

    @property
    def module(self) -> Module:
        """What is saved."""
        return self._module

    @property
    def module_group(self) -> GROUP | None:
        """The group that `get_set_node` or `get_last_node` found or made last."""
        return self._module_group

    @property
    def h5saver(self) -> H5SaverLowLevel:
        """The file.

        Raises
        ------
        FileClosedError
            When none was given yet.
        """
        if self._h5saver is None:
            raise FileClosedError(f"no file was given to save {self._module.title!r} in; set h5saver first.")
        return self._h5saver

    @h5saver.setter
    def h5saver(self, h5saver: H5SaverLowLevel) -> None:
        self._take_file(h5saver)

    def _take_file(self, h5saver: H5SaverLowLevel) -> None:
        self._h5saver = h5saver
        self._module_group = None
        self.update_after_h5changed()

    @abstractmethod
    def update_after_h5changed(self) -> None:
        """Make what depends on the file anew."""

    def flush(self) -> None:
        """Hand everything written to the operating system, or to the server."""
        self.h5saver.flush()

    def get_set_node(self, where: Where | None = None, name: str | None = None) -> GROUP:
        """Return the group of the module in `where` (the raw group), made if it was not there.

        Parameters
        ----------
        where
            The group to look in.
        name
            The title of the group; the module's by default.
        """
        title = self._module.title if name is None else name
        where = self.h5saver.raw_group if where is None else where
        groups = self.h5saver.get_groups(where, self._kind)
        found = next((group for group in groups if group.title == title), None)
        self._module_group = self._add_module(where, title) if found is None else found
        return self._module_group

    def _add_module(self, where: Where, title: str) -> GROUP:
        return self.h5saver.add_incremental_group(self._kind, where, title, self._module.settings_xml())

    def get_last_node(self, where: Where | None = None) -> GROUP | None:
        """Return the last group of this kind of module in `where` (the raw group); None if there is none."""
        where = self.h5saver.raw_group if where is None else where
        self._module_group = self.h5saver.get_last_group(where, self._kind)
        return self._module_group

    def get_last_node_index(self, where: Where | None = None) -> int:
        """Return the number of the last group of this kind of module.

        Raises
        ------
        NodeError
            When there is none.
        """
        node = self.get_last_node(where)
        number = None if node is None else number_of(node.name, self._kind.capitalize())
        if number is None:
            raise NodeError(f"{self.h5saver.filename!r} holds no group of a {self._kind} yet.")
        return number

    def get_next_node_name(self, where: Where | None = None) -> str:
        """Return the name that the next group of this kind of module gets."""
        where = self.h5saver.raw_group if where is None else where
        prefix = self._kind.capitalize()
        return f"{prefix}{self.h5saver.next_number(where, prefix):03d}"

    @property
    def _kind(self) -> str:
        return self.group_type.name.lower()

    def filter_data(self, dte: DataToExport) -> DataToExport:
        """Return what of some data is to be saved, as a new object; `dte` is not changed."""
        filtered = DataToExport(dte.name, data=self.saved_signals(dte.data))
        filtered.timestamp = dte.timestamp
        return filtered

    def saved_signals(self, signals: Sequence[DataWithAxes]) -> list[DataWithAxes]:
        """Return the signals that are to be saved.

        An extra attribute ``do_save`` of a signal decides; without it the module, if it `SupportsSaveFilter`.
        """
        return [signal for signal in signals if self._is_saved(signal)]

    def _is_saved(self, signal: DataWithAxes) -> bool:
        if "do_save" in signal.extra_attributes:
            return bool(cast(Any, signal).do_save)
        return self._saves is None or self._saves(signal)
