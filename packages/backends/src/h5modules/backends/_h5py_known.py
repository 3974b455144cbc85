"""What was read of a file that this program alone changes, so that it is not read again until it does."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import h5py
import numpy as np
from h5py import h5o

_MOST = 4096
"""How many answers are kept."""

_LARGEST = 1024
"""How many children a group has, or bytes a value, that are kept."""

Held = dict[Hashable, Any]
"""Answers by what was asked."""


class Known:
    """Answers to what was asked of the structure of a file.

    Ask `held` before the file is read, and give that to `keep`: what was read while another thread changed
    the file is then not taken for an answer of the time after.

    Parameters
    ----------
    h5
        The file.
    is_kept
        Whether answers are kept: others may change a file that is only read.
    """

    def __init__(self, h5: h5py.File, *, is_kept: bool) -> None:
        self._held: Held = {}
        self._is_kept = is_kept
        self._h5 = h5

    @property
    def held(self) -> Held:
        """What is known now."""
        return self._held

    def keep(self, held: Held, asked: Hashable, answer: Any, node: Any) -> None:
        """Keep what was read of a node, unless it is large, or does not last."""
        if _is_small(answer) and self.lasts(node):
            if len(held) >= _MOST:
                held.clear()
            held[asked] = answer

    def lasts(self, node: Any) -> bool:
        """Tell whether what is read of a node is true until this file is changed."""
        try:
            return self._is_kept and self.is_own(node)
        except (KeyError, OSError, RuntimeError, ValueError):  # it is damaged
            return False

    def is_own(self, node: Any) -> bool:
        """Tell whether a node lies in this file."""
        return bool(h5o.get_info(node.id).fileno == h5o.get_info(self._h5.id).fileno)

    def forget(self) -> None:
        """Forget all, since the file is changed; call it before and after that."""
        self._held = {}

    def stop(self) -> None:
        """Keep nothing from now on: somebody has got an object by which the file can be changed."""
        self._is_kept = False
        self.forget()


def _is_small(answer: Any) -> bool:
    if isinstance(answer, dict):
        return all(map(_is_small, answer.values()))
    if isinstance(answer, np.ndarray):
        return answer.nbytes <= _LARGEST
    return not isinstance(answer, str | bytes | tuple) or len(answer) <= _LARGEST
