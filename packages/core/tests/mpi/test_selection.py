import pytest
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_core.selection import library_name, select
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_the_line_tells_device_transport_library_and_ranks(comm):
    line = str(select("auto", "auto", comm))
    ranks = "1 rank" if comm.size == 1 else f"{comm.size} ranks"
    expected = (
        "device cpu (no GPU: cupy is not installed) · transport host · "
        f"{library_name()} · {ranks} on 1 node"
    )
    parallel_assert(comm, line == expected, line)


def test_the_library_name_is_in_the_library_version(comm):
    name, version = library_name().rsplit(" ", 1)
    text = MPI.Get_library_version()
    parallel_assert(comm, name in text and version in text, text)


@pytest.mark.parametrize(("device", "transport"), [("gpu", "auto"), ("auto", "direct")])
def test_what_cannot_be_had_is_refused_on_all_ranks(comm, device, transport):
    with parallel_raises(comm, InputError, match="Use --"):
        select(device, transport, comm)
