"""`H5Exporter`: one format, written whole or not at all."""

from __future__ import annotations

import shutil
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from h5modules.backends import H5ModulesError, Node

from ._errors import ExportTargetError
from ._source import ExportSource, ProgressCallback


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
            Whether to replace what is there.
        progress
            Called after each block with the bytes done and the bytes in all.

        Raises
        ------
        ExportTargetError
            When the target exists, or cannot be written.
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
        Whether to replace what is there.

    Raises
    ------
    ExportTargetError
        When it exists, or cannot be written.
    """
    _require_free(target, overwrite=overwrite)
    partial = target.with_name(f".{target.stem[:80]}-{uuid.uuid4().hex[:8]}{target.suffix}")
    try:
        yield partial
        _require_free(target, overwrite=overwrite)
        _replace(partial, target)
    except H5ModulesError:
        raise
    except OSError as error:
        raise ExportTargetError(f"{str(target)!r} cannot be written: {error}") from error
    finally:
        _remove(partial)


def _require_free(target: Path, *, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise ExportTargetError(f"there is no folder {str(target.parent)!r} to hold {target.name!r}.")
    if target.exists() and not overwrite:
        raise ExportTargetError(f"{str(target)!r} exists already; choose another name, or overwrite it.")


def _require_other_file(node: Node, target: Path) -> None:
    source = Path(node.to_h5_backend().filename)
    if target.exists() and source.exists() and target.samefile(source):
        raise ExportTargetError(f"{str(target)!r} is the file that is exported; choose another name.")


def _replace(partial: Path, target: Path) -> None:
    if not target.is_dir() and not partial.is_dir():
        partial.replace(target)
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
