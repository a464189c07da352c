"""Try folders for real: write, and lock. Run as a process of its own, since each step may hang.

    python -m hpcpy_doctor.looks.try_folders FOLDER...

It says what it is about to try before it tries, in lines of JSON: for each folder where it
really is, and what went wrong in which step.
"""

import errno
import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

__all__ = ["main"]

NBYTES = 2**20


def main(folders: Sequence[str]) -> int:
    """Try all of them; say so on standard output. Local."""
    for folder in folders:
        said: dict[str, Any] = {}
        try:
            _try(folder, said)
        except OSError as error:
            said["error"] = errno.errorcode.get(error.errno or 0, "unknown")
            said["words"] = error.strerror or str(error)
        _say(folder, said)
    return 0


def _try(folder: str, said: dict[str, Any]) -> None:
    _step(folder, said, "look")
    os.stat(folder)  # noqa: PTH116 - "" is refused, where Path takes it for "."
    said["path"] = os.path.realpath(folder)
    status = os.statvfs(folder)
    said["free"] = status.f_bavail * status.f_frsize
    said["files"] = status.f_favail if status.f_files else None
    _step(folder, said, "write")
    with tempfile.TemporaryFile(dir=folder, prefix=".hpcpy-doctor-") as file:
        file.write(bytes(NBYTES))
        file.flush()
        os.fsync(file.fileno())
        _step(folder, said, "lock")
        fcntl.lockf(file, fcntl.LOCK_EX)
        fcntl.lockf(file, fcntl.LOCK_UN)
    said["step"] = None


def _step(folder: str, said: dict[str, Any], step: str) -> None:
    said["step"] = step
    _say(folder, said)


def _say(folder: str, said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({folder: said}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
