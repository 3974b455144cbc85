"""Dated folders and counted names: ``<base>/2026/20261126/Dataset_20261126_000.h5``.

Nothing here opens a file. A name is free until somebody has made a file of it: to be sure of one, make the
file in mode ``'x'`` and take the next name when that fails, as `H5SaverLowLevel.init_dataset` does.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from platformdirs import user_documents_path

from h5modules.backends import FileAccessError, FileError

from ._names import next_number


def default_base() -> Path:
    """Return the folder for files where no other was chosen: ``h5modules`` among the user's documents."""
    return user_documents_path() / "h5modules"


def day_folder(base: Path | str | None = None, day: datetime.date | None = None) -> Path:
    """Return the folder of a day; nothing is made.

    Parameters
    ----------
    base
        The folder under which all lies; `default_base` by default. One that is the folder of that year, or of
        that day, already, is taken for that.
    day
        The day; today by default.

    Examples
    --------
    >>> day_folder('data', datetime.date(2026, 11, 26)).as_posix()
    'data/2026/20261126'
    >>> day_folder('data/2026', datetime.date(2026, 11, 26)).as_posix()
    'data/2026/20261126'
    """
    folder = default_base() if base is None else Path(base)
    for part in _folder_names(_or_today(day)):
        folder = part_folder(folder, part)
    return folder


def part_folder(folder: Path, part: str) -> Path:
    """Return the folder of that name: `folder` itself or one above it; else the one in it.

    Examples
    --------
    >>> part_folder(Path('data/2026/notes'), '2026').as_posix()
    'data/2026'
    """
    return next((above for above in (folder, *folder.parents) if above.name == part), folder / part)


def make_folder(folder: Path) -> Path:
    """Make a folder, and those above it, where they are not there; return it.

    Raises
    ------
    FileAccessError, FileError
        When it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        kind = FileAccessError if isinstance(error, PermissionError) else FileError
        raise kind(f"the folder {str(folder)!r} cannot be made: {error}; choose another.") from error
    return folder


def dataset_name(day: datetime.date, number: int) -> str:
    """Return the name of the dataset of a day and a number; past 999 it has one more digit.

    Examples
    --------
    >>> dataset_name(datetime.date(2026, 11, 26), 7)
    'Dataset_20261126_007.h5'
    """
    return f"{_prefix(day)}{number:03d}.h5"


def next_dataset_number(folder: Path, day: datetime.date) -> int:
    """Return one more than the highest number of the datasets of a day in a folder; 0 when there is none."""
    return next_number([path.stem for path in folder.glob("*.h5")], _prefix(day))


def last_dataset(base: Path | str | None = None, day: datetime.date | None = None) -> Path | None:
    """Return the dataset of a day with the highest number; None when there is none.

    Parameters
    ----------
    base, day
        As for `day_folder`.
    """
    day = _or_today(day)
    folder = day_folder(base, day)
    number = next_dataset_number(folder, day) - 1
    return None if number < 0 else folder / dataset_name(day, number)


def new_datasets(base: Path | str | None = None, day: datetime.date | None = None) -> Iterator[Path]:
    """Yield the names that a new dataset may have, without end; the folder is made at the first.

    Parameters
    ----------
    base, day
        As for `day_folder`.

    Yields
    ------
    Paths in the folder of the day, beginning with one more than the highest number that is there.

    Raises
    ------
    FileAccessError, FileError
        When the folder cannot be made.

    Examples
    --------
    >>> names = new_datasets(tmp_path, datetime.date(2026, 11, 26))
    >>> next(names).name, next(names).name
    ('Dataset_20261126_000.h5', 'Dataset_20261126_001.h5')
    """
    day = _or_today(day)
    folder = make_folder(day_folder(base, day))
    for number in count(next_dataset_number(folder, day)):
        yield folder / dataset_name(day, number)


def new_domains(base: Path | str | None, day: datetime.date | None = None) -> Iterator[str]:
    """Yield the addresses that a new dataset on a server may have, without end, beginning with the number 0.

    Parameters
    ----------
    base
        The folder under which all lies: ``/home/ada``, or ``http://host:5101/home/ada``.
    day
        The day; today by default.

    Raises
    ------
    FileError
        When `base` is None: no folder of a server is the usual one.

    Examples
    --------
    >>> next(new_domains('/home/ada/', datetime.date(2026, 11, 26)))
    '/home/ada/2026/20261126/Dataset_20261126_000.h5'
    """
    day = _or_today(day)
    if base is None:
        raise FileError("say under which folder of the server new files are to lie: there is no usual one.")
    folder = "/".join([str(base).rstrip("/"), *_folder_names(day)])
    for number in count():
        yield f"{folder}/{dataset_name(day, number)}"


def _or_today(day: datetime.date | None) -> datetime.date:
    return datetime.date.today() if day is None else day


def _folder_names(day: datetime.date) -> tuple[str, str]:
    return f"{day:%Y}", f"{day:%Y%m%d}"


def _prefix(day: datetime.date) -> str:
    return f"Dataset_{day:%Y%m%d}_"
