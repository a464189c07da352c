"""How much of ``/dev/shm`` an MPI takes for its ranks: measured, of MPICH 5.0.2, Open MPI 5.0.11.

MPICH takes 1 MiB a rank for itself, and UCX 4.2 MiB a rank, allocated in pieces that must all
be free at once: with 2 ranks MPI_Init crashed below 2 MiB (SIGBUS) and between 15 and 20 MiB
(SIGSEGV), with 4 ranks between 16 and 28 MiB, with 6 between 20 and 40 MiB; never with more.
Open MPI makes a file of 16 MiB for each rank, of which it takes less than 0.1 MiB at first;
where 16 MiB are not free it says so, and sends messages over TCP.
"""

from hpcpy_doctor.looks.vendors import Family, find_family

__all__ = ["MIB", "count_ranks_that_fit", "measure_need"]

MIB = 2**20

KIB = 2**10

NEEDS: dict[Family, tuple[int, int]] = {
    "MPICH": (16 * MIB, 5430 * KIB),
    "Open MPI": (16 * MIB + 64 * KIB, 96 * KIB),
}
"""In bytes: at all, and for each rank."""


def measure_need(library: str | None, ranks: int) -> int:
    """Return the bytes that must be free, for ranks on one host. Local.

    Parameters
    ----------
    library
        The text of MPI_Get_library_version; None, or an unknown one, counts as the modest one.
    ranks
        How many there are on this host.
    """
    base, each = NEEDS[find_family(library) or "Open MPI"]
    return base + each * ranks


def count_ranks_that_fit(library: str | None, free: int) -> int:
    """Return for how many ranks so many bytes are enough. Local."""
    base, each = NEEDS[find_family(library) or "Open MPI"]
    return max(0, (free - base) // each)
