"""What a device tells of the model that it follows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ._settings import Setting


class Modelled:
    """Tells the title and the settings of a device with a model, a dataclass, and a seed."""

    _model: Any
    _seed: int

    @property
    def title(self) -> str:
        """Name of the device."""
        title: str = self._model.title
        return title

    @property
    def settings(self) -> dict[str, Setting]:
        """The fields of the model, in its units, and the seed; a new dictionary each time."""
        return {**asdict(self._model), "seed": self._seed}
