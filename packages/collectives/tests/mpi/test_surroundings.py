import pytest
from mpi4py import MPI

from hpcpy_collectives.surroundings import describe_surroundings, measure_reduction
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_library_placement_hints_and_thread_level(comm):
    found = describe_surroundings(comm)
    first = MPI.Get_library_version().strip("\0 \n").splitlines()[0].strip()
    parallel_assert(comm, found["library"] == first, found["library"])
    placed = {MPI.Get_processor_name(): comm.size}
    parallel_assert(comm, found["placement"] == placed, str(found["placement"]))
    parallel_assert(comm, all(isinstance(v, str) for v in found["hints"].values()))
    parallel_assert(comm, found["thread_level"] == "multiple", found["thread_level"])


def test_an_addition_takes_some_time_but_not_long(comm):
    gamma = measure_reduction()
    parallel_assert(comm, 0 < gamma < 1e-6, f"{gamma} s/B")
