"""What can be wrong with a scan."""

from __future__ import annotations

from h5modules.backends import H5ModulesError


class PlanError(H5ModulesError, ValueError):
    """The scan cannot start: all that is wrong is told at once, and nothing was moved or written.

    Parameters
    ----------
    *problems
        What is wrong, a sentence each.

    Examples
    --------
    >>> print(PlanError('there are no detectors.', 'there are no axes.'))
    2 things are wrong:
      - there are no detectors.
      - there are no axes.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, a sentence each."""
        return self.args

    def __str__(self) -> str:
        if len(self.args) == 1:
            return str(self.args[0])
        return "\n".join(
            [f"{len(self.args)} things are wrong:", *(f"  - {problem}" for problem in self.args)]
        )


class DeviceError(H5ModulesError):
    """A device does not do its part."""


class DeviceUnknownError(DeviceError, LookupError):
    """No device is registered under that name."""


class DeviceFailedError(DeviceError, RuntimeError):
    """A device raised an error, or returned what cannot be saved; its own error is the cause."""


class DeviceTimeoutError(DeviceFailedError, TimeoutError):
    """A device did not return in time, or has not returned from an earlier call."""


class ScanAbortedError(H5ModulesError, RuntimeError):
    """The scan was aborted; all points before are saved."""


class ScanResumeError(H5ModulesError, ValueError):
    """A scan cannot be gone on with: there is none, or it was made by another plan or other devices."""
