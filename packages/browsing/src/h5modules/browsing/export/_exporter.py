"""`H5Exporter`: one format, written whole or not at all."""

from __future__ import annotations

import shutil
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from h5modules.backends import FileError, H5ModulesError, Node, replace_file, require_unwritten

from ._errors import ExportTargetError
from ._source import ExportSource, ProgressCallback

_ZARR_NOTES = frozenset({"zarr.json", ".zgroup", ".zarray", ".zattrs", ".zmetadata"})
"""What tells that a folder is a group or an array of Zarr, of its formats 3 and 2."""


class H5Exporter(ABC):
    """Saves a node in one format; a format is a class with a `write` of its own.

    Attributes
    ----------
    FORMAT_EXTENSION
        How names of such files end, without the dot.
    FORMAT_DESCRIPTION
        What the format is called in a dialog.
    FORMAT_NAME
        What it is called on the command line; the extension where it is empty.
    """

    FORMAT_EXTENSION: ClassVar[str]
    FORMAT_DESCRIPTION: ClassVar[str]
    FORMAT_NAME: ClassVar[str] = ""

    @classmethod
    def format_name(cls) -> str:
        """Return the name of the format."""
        return cls.FORMAT_NAME or cls.FORMAT_EXTENSION

    @abstractmethod
    def write(self, source: ExportSource, target: Path) -> None:
        """Save the signals of a node.

        Parameters
        ----------
        source
            What to save; read it with `ExportSource.blocks`, so that memory stays flat.
        target
            A path where nothing is, with the ending of the format. It gets its final name afterwards.
        """

    def export_data(
        self,
        node: Node,
        filename: Path | str,
        *,
        overwrite: bool = False,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Save a node under a name: it is there whole or not at all.

        Parameters
        ----------
        node
            An array, or a group.
        filename
            The target.
        overwrite
            Whether to replace what is there: a file that nobody writes, or, by a Zarr folder, a Zarr folder.
        progress
            Called after each block with the bytes done and the bytes in all.

        Raises
        ------
        ExportTargetError
            When the target exists, is being written, or cannot be written.
        FormatMismatchError
            When the format cannot hold what the node holds.
        LibraryMissingError
            When the library of the format is not installed.
        """
        target = Path(filename)
        _require_other_file(node, target)
        with whole_or_nothing(target, overwrite=overwrite) as partial:
            self.write(ExportSource(node, progress), partial)


@contextmanager
def whole_or_nothing(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give another name to write to, and rename it at the end; when the block fails nothing is left.

    Parameters
    ----------
    target
        The final name, of a file or a folder.
    overwrite
        Whether to replace what is there; other folders than those of Zarr are not.

    Raises
    ------
    ExportTargetError
        When it exists, is being written, or cannot be written.
    """
    _require_free(target, overwrite=overwrite)
    partial = target.with_name(f".{target.stem[:40]}-{uuid.uuid4().hex[:8]}{target.suffix}")
    try:
        yield partial
        _require_free(target, overwrite=overwrite)
        _replace(partial, target)
    except H5ModulesError as error:
        if str(partial) not in str(error):
            raise
        raise ExportTargetError(_told(error, partial, target)) from error
    except OSError as error:
        raise ExportTargetError(
            f"{str(target)!r} cannot be written: {_told(error, partial, target)}"
        ) from error
    finally:
        _remove(partial)


def _told(error: Exception, partial: Path, target: Path) -> str:
    """Return the message of an error; it names the target, for nobody knows the hidden name."""
    return str(error).replace(str(partial), str(target))


def _require_free(target: Path, *, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise ExportTargetError(f"there is no folder {str(target.parent)!r} to hold {target.name!r}.")
    if not target.exists():
        return
    if not overwrite:
        raise ExportTargetError(
            f"{str(target)!r} exists already; choose another name, or overwrite it "
            "(overwrite=True, --overwrite)."
        )
    if target.is_dir():
        _require_zarr(target)
    else:
        try:
            require_unwritten(target)
        except FileError as error:
            raise ExportTargetError(str(error)) from error


def _require_zarr(folder: Path) -> None:
    """Refuse a folder with anything that is not of Zarr: it may hold all that somebody has."""
    held = list(folder.iterdir())
    notes = {each.name for each in held} & _ZARR_NOTES
    for each in held:
        if not notes or not (each.name in notes or any((each / name).is_file() for name in _ZARR_NOTES)):
            raise ExportTargetError(
                f"{str(folder)!r} is a folder, and holds {each.name!r}, which is not of Zarr: it is not "
                "replaced. Choose another name."
            )


def _require_other_file(node: Node, target: Path) -> None:
    source = Path(node.to_h5_backend().filename)
    if target.exists() and source.exists() and target.samefile(source):
        raise ExportTargetError(f"{str(target)!r} is the file that is exported; choose another name.")


def _replace(partial: Path, target: Path) -> None:
    if not partial.is_dir():
        if target.is_dir():
            raise ExportTargetError(
                f"{str(target)!r} is a folder, and no file replaces it: choose another name."
            )
        replace_file(partial, target)
        return
    aside = partial.with_name(f"{partial.name}.old")  # a folder cannot be renamed onto another
    if target.exists():
        target.replace(aside)
    try:
        partial.replace(target)
    except OSError:
        if aside.exists():
            aside.replace(target)
        raise
    _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
