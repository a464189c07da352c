"""What a file is, in words. No MPI."""

import stat

__all__ = ["name_kind"]

KINDS = (
    (stat.S_ISREG, "a regular file"),
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISLNK, "a symbolic link"),
)


def name_kind(mode: int) -> str:
    """Return the words for ``st_mode``: "a FIFO". Local."""
    return next((words for fits, words in KINDS if fits(mode)), "a file of unknown kind")
