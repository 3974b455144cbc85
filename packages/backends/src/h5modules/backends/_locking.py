"""Locks on open files, given back by the system when their process ends. Only the POSIX side was tried."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import msvcrt

    _FAR = 2**30
    """Where the locked byte is: not among those that others read."""

    def lock(descriptor: int, *, shared: bool = False) -> bool:
        """Lock an open file for its descriptor; return at once, and tell whether it was possible."""
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        if shared:  # there are no shared ones: it was free, and is so again
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        return True

    def lock_data(descriptor: int, *, alone: bool) -> bool:
        """Do nothing: HDF5 locks no files here."""
        return True

else:
    import errno
    import fcntl

    _WITHOUT = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP}
    """What file systems answer that know no locks."""

    def lock(descriptor: int, *, shared: bool = False) -> bool:
        """Lock an open file for its descriptor; return at once, and tell whether it was possible."""
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _WITHOUT:
                raise
        return True

    def lock_data(descriptor: int, *, alone: bool) -> bool:
        """Keep other HDF5 programs from writing an open file, and let them read it.

        With `alone`, tell too whether nobody reads it at this moment.
        """
        return (not alone or lock(descriptor)) and lock(descriptor, shared=True)
