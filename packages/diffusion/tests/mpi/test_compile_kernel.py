import numpy as np
import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_diffusion.compile_kernel import compile_kernel
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_diffusion.parameters import Parameters
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("whole_rows", [True, False])
def test_the_first_rank_of_a_node_is_done_before_the_others_begin(comm, whole_rows, tmp_path):
    place = comm.bcast(tmp_path, root=0)
    seen = []

    def step(u, out, r):
        seen.append((list(place.iterdir()), u.flags.c_contiguous, u.dtype))
        if comm.rank == 0:
            (place / "compiled").touch()

    numba = KERNELS["numba"]
    compile_kernel(comm, numba, step, Parameters(dtype="float32"), whole_rows=whole_rows)
    there = [] if comm.rank == 0 else [place / "compiled"]
    parallel_assert(comm, seen == [(there, whole_rows, np.float32)], f"{seen}")


def test_a_kernel_that_cannot_be_compiled_is_an_error_on_all_ranks(comm):
    def step(u, out, r):
        if comm.rank == comm.size - 1:
            raise HpcpyError("no code for this processor")

    with parallel_raises(comm, HpcpyError, match="no code for this processor"):
        compile_kernel(comm, KERNELS["numba"], step, Parameters(), whole_rows=True)
