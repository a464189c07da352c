"""Memory of one process that another one reads, as MPI does: cross-memory attach (CMA).

``python -m hpcpy_doctor.looks.own_memory`` lets a process read another one that has the same
parent, as ranks have, and prints a line of JSON.
"""

import ctypes
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import cache

__all__ = ["main", "read_memory", "show_memory"]

NBYTES = 16

LONGEST = 10
"""Seconds."""


class Part(ctypes.Structure):
    """The kernel's ``struct iovec``."""

    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


@cache
def show_memory() -> tuple[int, str]:
    """Return an address of this process, and in hexadecimal what is there. Local."""
    _kept.append(ctypes.create_string_buffer(os.urandom(NBYTES), NBYTES))
    return ctypes.addressof(_kept[0]), _kept[0].raw.hex()


_kept: list["ctypes.Array[ctypes.c_char]"] = []


def read_memory(pid: int, address: int, nbytes: int = NBYTES) -> str:
    """Return what is at an address of another process, in hexadecimal. Local.

    Raises
    ------
    OSError
        Where the kernel refuses it: EPERM.
    """
    here = ctypes.create_string_buffer(nbytes)
    own, theirs = Part(ctypes.addressof(here), nbytes), Part(address, nbytes)
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "process_vm_readv"):  # no Linux
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    parts = (ctypes.byref(own), ctypes.c_ulong(1), ctypes.byref(theirs), ctypes.c_ulong(1))
    if library.process_vm_readv(pid, *parts, ctypes.c_ulong(0)) != nbytes:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return here.raw.hex()


def main(argv: Sequence[str]) -> int:
    """Start two processes, of which one reads the other's memory; or be one of them. Local."""
    if argv:
        pid, address, content = int(argv[0]), int(argv[1]), argv[2]
        try:
            error = None if read_memory(pid, address) == content else "other values"
        except OSError as refusal:
            error = refusal.strerror
        sys.stdout.write(json.dumps({"error": error}) + "\n")
        return 0
    address, content = show_memory()
    shown = os.fork()
    if not shown:
        signal.alarm(LONGEST)  # should nobody be left to end it
        signal.pause()
    try:
        reader = [
            sys.executable,
            "-P",
            "-m",
            "hpcpy_doctor.looks.own_memory",
            str(shown),
            str(address),
            content,
        ]
        return subprocess.run(reader, check=False).returncode
    finally:
        os.kill(shown, signal.SIGKILL)
        os.waitpid(shown, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
