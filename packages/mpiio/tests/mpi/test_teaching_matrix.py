"""The views of the teaching matrix: MPI's datatypes against a formula."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_mpiio.examples.teaching_matrix import LAYOUTS, SIDE, find_owners
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def owners_by_mpi(layout, dims):
    """Return which rank's filetype covers each item: it receives the rank's number there."""
    ranks = dims[0] * dims[1]
    owners = np.full([SIDE * length for length in dims], -1)
    for rank in range(ranks):
        displacement, filetype = LAYOUTS[layout](MPI.INT64_T, rank, dims)
        with committed(filetype):
            MPI.COMM_SELF.Sendrecv(
                np.full(SIDE**2, rank),
                dest=0,
                recvbuf=[owners.reshape(-1)[displacement:], 1, filetype],
                source=0,
            )
    return owners


@pytest.mark.parametrize("dims", [(1, 1), (1, 2), (3, 1), (2, 2), (3, 2), (3, 3)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_item_has_one_owner_and_it_is_the_formulas(comm, layout, dims):
    by_formula, by_mpi = find_owners(layout, list(dims)), owners_by_mpi(layout, list(dims))
    parallel_assert(comm, np.array_equal(by_mpi, by_formula), f"{by_mpi}, not {by_formula}")
    counts = np.bincount(by_mpi.reshape(-1), minlength=dims[0] * dims[1])
    parallel_assert(comm, (counts == SIDE**2).all(), f"{counts}")
