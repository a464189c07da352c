import pytest
from mpi4py import MPI

from hpcpy_collectives.examples import large_counts as module
from hpcpy_core.device import CPU
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_the_whole_message_has_more_items_than_an_int_counts():
    assert module.BLOCKS * module.BLOCK > 2**31


def test_too_little_memory_leaves_the_large_message_out_and_says_so(comm, monkeypatch):
    monkeypatch.setattr(module, "available_memory", lambda: 2**40 * (comm.rank != comm.size - 1))
    result = module.large_counts(comm, CPU)
    parallel_assert(comm, result.correct, result.expected)
    said = "left out: 2148532224 bytes, for which there is too little memory" in result.lines
    parallel_assert(comm, said == (comm.rank == comm.size - 1), f"{result.lines}")


def test_an_mpi_before_4_receives_whole_blocks(comm, monkeypatch):
    """Both ways of receiving work on every MPI while the message is small."""
    seen = []
    for version in ((3, 1), MPI.Get_version()):
        monkeypatch.setattr(module.MPI, "Get_version", lambda version=version: version)
        result = module.large_counts(comm, CPU, blocks=2)
        parallel_assert(comm, result.correct, result.expected)
        seen += [line.rpartition(" ")[2] for line in result.lines if line.startswith("received")]
    counts = ["2", str(2 * module.BLOCK) if MPI.VERSION >= 4 else "2"]
    wanted = counts if comm.rank == comm.size - 1 else []
    parallel_assert(comm, seen == wanted, f"{seen} instead of {wanted}")
