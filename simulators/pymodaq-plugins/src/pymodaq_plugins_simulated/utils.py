"""The configuration that PyMoDAQ expects of a package of plugins."""

from __future__ import annotations

from pathlib import Path

from pymodaq_utils.config import BaseConfig


class Config(BaseConfig):  # type: ignore[misc]
    """The configuration of this package; nothing is configured in it."""

    config_template_path = Path(__file__).parent / "resources" / "config_template.toml"
    config_name = "config_simulated"
