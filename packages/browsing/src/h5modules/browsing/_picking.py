"""Picking data of a file from a script: by a pattern, or by asking in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from h5modules.backends import CARRAY, H5Backend
from h5modules.saving import DataType, H5SaverLowLevel

from ._errors import NothingToShowError, SelectionError
from ._opening import backend_for
from ._tree import printable, units_of

if TYPE_CHECKING:
    from pymodaq_data.data import DataWithAxes

_MEASURED = (DataType.data.name, DataType.data_enlargeable.name)
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class DataChoice:
    """An array of data that can be picked.

    Attributes
    ----------
    path, title, label
        Where it is, the name of the signal, and that of the channel.
    shape, units
        Its shape, and its units.
    """

    path: str
    title: str
    label: str
    shape: tuple[int, ...]
    units: str

    def __str__(self) -> str:
        name = " ".join(filter(None, (self.title, self.label)))
        return f"{self.path}  {name}  {' x '.join(map(str, self.shape))} {self.units}".rstrip()


def iter_data(file: H5Backend, pattern: str = "") -> Iterator[DataChoice]:
    """Yield the data of an open file that match a pattern.

    Parameters
    ----------
    file
        An open file.
    pattern
        A part of the path, the title or the label, whatever its case; with ``*`` or ``?``, all of one of
        them. Empty is all.
    """
    for node in file.walk_nodes():
        if isinstance(node, CARRAY) and node.attrs.get("data_type") in _MEASURED:
            label = str(node.attrs.get("label", ""))
            choice = DataChoice(node.path, node.title, label, node.shape, units_of(node))
            if any(_matches(text, pattern) for text in (choice.path, choice.title, choice.label)):
                yield choice


def _matches(text: str, pattern: str) -> bool:
    text, pattern = text.casefold(), pattern.casefold()
    return fnmatchcase(text, pattern) if set("*?") & set(pattern) else pattern in text


def pick_data(
    target: Path | str,
    pattern: str = "",
    choose: Callable[[Sequence[DataChoice]], DataChoice] | None = None,
    *,
    with_bkg: bool = False,
) -> DataWithAxes:
    """Return the data of a file that match a pattern, with their axes.

    Parameters
    ----------
    target
        The path of a file, or a domain ``hdf5://host:port/domain``; it is opened for reading.
    pattern
        See `iter_data`.
    choose
        Called when several match, with all of them, for one: `ask_in_terminal` asks the user. None is an
        error then.
    with_bkg
        Whether to subtract the background.

    Raises
    ------
    FileError
        When the file cannot be read.
    NothingToShowError
        When nothing matches.
    SelectionError
        When several match, and nobody chooses.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw
    >>> from h5modules.data_saving import DataSaverLoader
    >>> with DataSaverLoader(tmp_path / 'data.h5') as saver:
    ...     saver.add_data('/RawData', DataRaw('power', units='mW', data=[np.array([0.5])]))
    >>> pick_data(tmp_path / 'data.h5', 'power').units
    'mW'
    """
    from h5modules.data_saving import DataLoader  # not needed to look at files, and slow to import

    with H5SaverLowLevel(backend=backend_for(target)) as saver:
        saver.open_file(target, "r")
        chosen = _chosen(list(iter_data(saver, pattern)), choose, f"{pattern!r} in {str(target)!r}")
        return DataLoader(saver).load_data(chosen.path, with_bkg=with_bkg)


def _chosen(
    found: list[DataChoice], choose: Callable[[Sequence[DataChoice]], DataChoice] | None, where: str
) -> DataChoice:
    if not found:
        raise NothingToShowError(f"no data match {where}.")
    if len(found) > 1 and choose is None:
        named = "\n  ".join(str(each) for each in found[:_MOST_NAMED])
        more = f"\n  and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        raise SelectionError(f"several data match {where}; narrow the pattern, or choose:\n  {named}{more}")
    return found[0] if len(found) == 1 or choose is None else choose(found)


def ask_in_terminal(choices: Sequence[DataChoice]) -> DataChoice:
    """Ask the user for one of several, by its number; ask again while the answer is none.

    Raises
    ------
    SelectionError
        When there is nobody to answer.
    """
    for number, choice in enumerate(choices, start=1):
        print(f"{number:3}  {printable(str(choice))}")  # noqa: T201 - it is a dialog
    while True:
        try:
            answer = input(f"Which one (1 to {len(choices)})? ").strip()
        except EOFError as error:
            raise SelectionError("nobody answered which data to take; narrow the pattern.") from error
        if answer.isdecimal() and 1 <= int(answer) <= len(choices):
            return choices[int(answer) - 1]
