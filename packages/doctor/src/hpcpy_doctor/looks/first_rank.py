"""What the first rank of a host looks at for all of them."""

from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks.local_ranks import read_local_ranks

__all__ = ["AS_FIRST", "is_first"]

AS_FIRST = Finding.ok("as the first rank of the host has found it")


def is_first(own: Facts) -> bool:
    """Say whether a process is the first one of the launch on its host. Local."""
    return read_local_ranks(own.environ).rank == 0
