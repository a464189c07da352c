import pytest

from hpcpy_core.errors import InputError
from hpcpy_core.memory import require_memory
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_what_all_ranks_of_a_node_need_counts(comm):
    own = 1000 * (comm.rank + 1)
    needed = 1000 * comm.size * (comm.size + 1) // 2
    require_memory(comm, own, "the field", "use a larger dx", available=needed)
    ranks = f"{comm.size} ranks" if comm.size > 1 else "one rank"
    words = f"^the field needs .* GiB for the {ranks} of a node that has .*: use a larger dx$"
    with parallel_raises(comm, InputError, match=words) as caught:
        require_memory(comm, own, "the field", "use a larger dx", available=needed - 1)
    parallel_assert(comm, caught.error.agreed and caught.error.exit_code == 2)


def test_a_node_with_less_memory_than_others_speaks_for_all(comm):
    last = comm.rank == comm.size - 1
    with parallel_raises(comm, InputError, match="the field needs"):
        require_memory(comm, 8, "the field", "", available=1 if last else 1 << 40)


def test_a_byte_fits(comm):
    require_memory(comm, 1, "a byte", "")
