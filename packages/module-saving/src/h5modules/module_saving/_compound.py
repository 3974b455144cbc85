"""Modules that are made of modules: a scan, a logger, an optimizer, each with detectors and actuators."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from pymodaq_data.data import DataToExport, DataWithAxes

from h5modules.backends import GROUP, NodeError, Where
from h5modules.data_saving import DataMismatchError
from h5modules.saving import H5SaverLowLevel

from ._errors import ModuleTitleError
from ._module_saver import ModuleSaver
from ._modules import CompoundModule, Module

D = TypeVar("D", bound=ModuleSaver)
A = TypeVar("A", bound=ModuleSaver)

Signals = dict[str, list[DataWithAxes]]
"""Signals by their origins."""


class CompoundSaver(ModuleSaver, Generic[D, A]):
    """Saves a module that has modules: its group holds one for each detector and actuator.

    Parameters
    ----------
    module
        Its title and settings, its detectors and actuators.
    h5saver
        The file; it may be given later.

    Attributes
    ----------
    detectors, actuators
        The savers of the modules, by their titles.
    current_nodes
        The groups of the modules, by their titles.
    """

    def __init__(self, module: CompoundModule, h5saver: H5SaverLowLevel | None = None) -> None:
        self._compound = module
        self._forget()
        super().__init__(module, h5saver)

    def _forget(self) -> None:
        self.detectors: dict[str, D] = {}
        self.actuators: dict[str, A] = {}
        self.current_nodes: dict[str, GROUP] = {}

    @abstractmethod
    def _detector_saver(self, module: Module) -> D:
        """Return the saver of a detector."""

    @abstractmethod
    def _actuator_saver(self, module: Module) -> A:
        """Return the saver of an actuator."""

    def update_after_h5changed(self) -> None:
        """Make the savers of the modules anew.

        Raises
        ------
        ModuleTitleError
            When two modules have the same title.
        """
        self._forget()
        module = self._compound
        titles = [each.title for each in (*module.actuators, *module.detectors)]
        if twice := sorted({title for title in titles if titles.count(title) > 1}):
            raise ModuleTitleError(f"two modules are titled {twice[0]!r}; each needs a title of its own.")
        self._make_savers()

    def _make_savers(self) -> None:
        module = self._compound
        self.actuators = {each.title: self._actuator_saver(each) for each in module.actuators}
        self.detectors = {each.title: self._detector_saver(each) for each in module.detectors}

    @property
    def _savers(self) -> dict[str, D | A]:
        return {**self.actuators, **self.detectors}

    def _add_module(self, where: Where, title: str) -> GROUP:
        settings = self._module.settings_xml()
        return self.h5saver.add_generic_group(where, title, settings, group_type=self._kind)

    def get_set_node(self, where: Where | None = None, name: str | None = None, new: bool = False) -> GROUP:
        """Return the last group of its kind in `where` (the raw group) or a new one, its modules' in it.

        Parameters
        ----------
        where
            The group to look in.
        name
            The title of a new group; the module's by default.
        new
            Whether to make a new one although there are others.
        """
        h5saver = self.h5saver
        where = h5saver.raw_group if where is None else where
        group = None if new else self.get_last_node(where)
        with h5saver.all_or_nothing():
            if group is None:
                group = self._add_module(where, self._module.title if name is None else name)
            self.create_module_group(group)
        self._module_group = group
        return group

    def create_module_group(self, where: Where | None = None) -> None:
        """Make sure of the groups of the modules in a group; the last of its kind by default.

        Raises
        ------
        NodeError
            When there is none.
        """
        group = self.get_last_node() if where is None else where
        if group is None:
            raise NodeError(f"{self._module.title!r} has no group yet; call get_set_node first.")
        self.current_nodes = {title: saver.get_set_node(group) for title, saver in self._savers.items()}

    def _saved_by_origin(self, signals: Sequence[DataWithAxes]) -> Signals:
        """Return what is to be saved of each module.

        Raises
        ------
        DataMismatchError
            When a signal is of none of them, or nothing is to be saved.
        """
        groups: Signals = {}
        for signal in signals:
            groups.setdefault(signal.origin, []).append(signal)
        savers = self._savers
        if unknown := groups.keys() - savers.keys():
            raise DataMismatchError(
                f"data of {sorted(unknown)}, which {self._module.title!r} does not know; it knows "
                f"{sorted(savers)}."
            )
        kept = {origin: savers[origin].saved_signals(group) for origin, group in groups.items()}
        if not any(kept.values()):
            raise DataMismatchError("there is nothing to save in the point.")
        return {origin: group for origin, group in kept.items() if group}

    def _data_by_module(self, dte: DataToExport) -> dict[str, DataToExport]:
        """Return the data of each module, with the time of all of it.

        Data named as a module are its own, whatever the origins of the signals are.

        Raises
        ------
        DataMismatchError
            When a signal is of none of the modules, there is nothing to save, or no group was made yet.
        """
        if not self.current_nodes:
            raise DataMismatchError(f"{self._module.title!r} has no group yet; call get_set_node first.")
        if dte.name in self.current_nodes:
            return {dte.name: dte}
        found = {}
        for origin, signals in self._saved_by_origin(dte.data).items():
            found[origin] = DataToExport(origin, data=signals)
            found[origin].timestamp = dte.timestamp
        return found
