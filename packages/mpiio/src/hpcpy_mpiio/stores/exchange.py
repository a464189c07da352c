"""Exchange two names of a folder, so that neither is ever missing where the system can."""

import ctypes
import errno
import os
from pathlib import Path

__all__ = ["exchange"]

AT_FDCWD = -100
RENAME_EXCHANGE = 2
# NFS and old kernels know no exchange; neither does a C library without the call.
NOT_HERE = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


def exchange(first: Path, second: Path) -> None:
    """Give each the name of the other; both exist and are in one folder. Local.

    Linux does it in one step (``man 2 renameat2``). Where that is not possible it
    takes three, and a crash between them leaves what was `second` under a hidden
    name beside it.

    Raises
    ------
    OSError
        If the folder refuses; both have their old names then.
    """
    try:
        _exchange_at_once(first, second)
    except OSError as error:
        if error.errno not in NOT_HERE:
            raise
        _exchange_in_turn(first, second)


def _exchange_at_once(first: Path, second: Path) -> None:
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, "no renameat2 here")
    names = (AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second))
    if call(*names, ctypes.c_uint(RENAME_EXCHANGE)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(second))


def _exchange_in_turn(first: Path, second: Path) -> None:
    aside = first.with_name(f"{first.name}.old")
    second.rename(aside)
    try:
        first.rename(second)
    except OSError:
        aside.rename(second)
        raise
    aside.rename(first)
