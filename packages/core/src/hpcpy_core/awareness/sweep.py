"""Remove the shared memory that a crashed job has left behind. Starts no MPI."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

__all__ = ["sweep"]

SHARED = Path("/dev/shm")


def sweep(names: Iterable[str], since: float, folder: Path = SHARED) -> list[Path]:
    """Remove files that ranks of a job have named as theirs. Local.

    Only plain files of this user, directly in `folder`, that are not older than the job.

    Parameters
    ----------
    names
        Paths, as the ranks found them among what they had mapped.
    since
        When the job began, in seconds since the epoch.

    Returns
    -------
    list of Path
        What was removed.
    """
    removed = []
    for path in sorted({Path(name) for name in names}):
        try:
            found = path.lstat()
            ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
            if path.parent == folder and ours and found.st_mtime >= since:
                path.unlink()
                removed.append(path)
        except OSError:  # it is gone, as it should be
            continue
    return removed
