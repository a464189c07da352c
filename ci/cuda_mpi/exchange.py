"""Two ranks exchange and add arrays in host memory, over the MPI in a given folder.

Usage: mpiexec -n 2 python exchange.py PREFIX
"""

import sys
from pathlib import Path

import numpy as np
from mpi4py import MPI


def exchange(comm: MPI.Comm, elements: int) -> None:
    """Send an array around and add it up; every value is checked. Collective over comm."""
    mine = np.arange(elements, dtype=np.float64) + comm.rank
    other = np.empty_like(mine)
    left, right = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
    comm.Sendrecv(mine, right, recvbuf=other, source=left)
    np.testing.assert_array_equal(other, np.arange(elements) + left)
    comm.Allreduce(mine, other)
    ranks = comm.size * (comm.size - 1) / 2
    np.testing.assert_array_equal(other, comm.size * np.arange(elements) + ranks)


def main(prefix: Path, comm: MPI.Comm) -> None:
    """Check which MPI this is, and that it works."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    mapped = {line.split(maxsplit=5)[-1] for line in lines}
    (library,) = (path for path in mapped if "/libmpi.so" in path)
    if not Path(library).is_relative_to(prefix.resolve()):
        sys.exit(f"mpi4py loaded {library}, not the MPI in {prefix}")
    for elements in (1, 1_000, 1_000_000):
        exchange(comm, elements)
    print(f"rank-{comm.rank}-of-{comm.size}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), MPI.COMM_WORLD)
