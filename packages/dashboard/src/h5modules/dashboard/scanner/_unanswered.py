"""Modules that were asked for something and have not answered when the scan left it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pymodaq.utils.managers.modules import ModuleType


@dataclass(frozen=True, slots=True)
class _Question:
    answer: Any
    slot: Callable[..., None]
    expires: float


class Unanswered:
    """Keeps which modules are still at work on what nobody waits for any more.

    PyMoDAQ tells answers apart by who gives them alone. The frame of a camera that was exposed when its scan
    was stopped would be the first point of the next scan, and each frame after it one point late.
    """

    def __init__(self) -> None:
        self._questions: dict[str, _Question] = {}

    @property
    def titles(self) -> list[str]:
        """The titles of the modules that are waited for; those that took too long are given up."""
        now = time.monotonic()
        for title in [title for title, question in self._questions.items() if question.expires < now]:
            self._forget(title)
        return [*self._questions]

    def expect(self, modules: Iterable[Any], kind: ModuleType, seconds: float) -> None:
        """Note that modules owe an answer, for which one waits so long at most."""
        for module in modules:
            self._forget(module.title)
            is_detector = kind is ModuleType.Detector
            answer = module.grab_done_signal if is_detector else module.move_done_signal
            slot = partial(self._forget, module.title)
            answer.connect(slot)
            self._questions[module.title] = _Question(answer, slot, time.monotonic() + seconds)

    def _forget(self, title: str, *_answer: Any) -> None:
        question = self._questions.pop(title, None)
        if question is not None:
            question.answer.disconnect(question.slot)
