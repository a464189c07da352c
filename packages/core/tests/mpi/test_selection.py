import pytest
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_core.selection import library_name, select
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def end(comm):
    ranks = "1 rank" if comm.size == 1 else f"{comm.size} ranks"
    return f" · {library_name()} · {ranks} on 1 node"


def test_the_line_tells_device_transport_library_and_ranks(comm, machine, end):
    machine(error=machine.no_driver)
    line = str(select("auto", "auto", comm, gpu=True))
    expected = f"device cpu (no GPU: no NVIDIA driver) · transport host{end}"
    parallel_assert(comm, line == expected, line)


def test_the_line_on_gpus_tells_what_was_proven(comm, machine, end):
    machine(*"abcd", proven=("p2p", "bcast"))
    line = str(select("auto", "auto", comm, gpu=True))
    gpus = "NVIDIA H100" if comm.size == 1 else f"{comm.size} NVIDIA H100"
    proven = "proven for p2p, bcast, the rest is staged"
    expected = f"device gpu ({gpus}) · transport direct ({proven}){end}"
    parallel_assert(comm, line == expected, line)


def test_a_warning_is_printed_once_and_kept(comm, machine, capfd):
    machine("a")
    selection = select("gpu", "force-direct", comm, gpu=True)
    printed = "".join(comm.allgather(capfd.readouterr().err))
    warnings = selection.device.warnings
    parallel_assert(comm, len(warnings) == 1 + (comm.size > 1), f"{warnings}")
    expected = "".join(f"warning: {warning}\n" for warning in warnings)
    parallel_assert(comm, printed == expected, printed)


def test_the_library_name_is_in_the_library_version(comm):
    name, version = library_name().rsplit(" ", 1)
    text = MPI.Get_library_version()
    parallel_assert(comm, name in text and version in text, text)


@pytest.mark.parametrize(("device", "transport"), [("gpu", "auto"), ("auto", "direct")])
def test_what_cannot_be_had_is_refused_on_all_ranks(comm, machine, device, transport):
    machine(error=machine.no_driver)
    with parallel_raises(comm, InputError, match="use --"):
        select(device, transport, comm, gpu=True)
