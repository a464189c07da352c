from time import sleep

import pytest

from hpcpy_core.agreement import raise_on_all
from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.replaced import replaced
from hpcpy_mpiio.replacement import Replacement, start_replacement
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def start(folder):
    return lambda: start_replacement(folder / "u", b"new", overwrite=False)


def test_rank_0_starts_and_publishes_what_all_ranks_know(comm, folder, start):
    with replaced(start, comm) as replacement:
        there = replacement.temporary.exists() and not replacement.target.exists()
        parallel_assert(comm, there, "the temporary is not there alone")
    parallel_assert(comm, [p.name for p in folder.iterdir()] == ["u"], "not published")


def test_start_that_fails_fails_on_all(comm, folder, start):
    def fail():
        raise InputError("no place")

    with parallel_raises(comm, InputError, "no place"), replaced(fail, comm):
        parallel_assert(comm, False, "the block has run")


def test_temporary_is_gone_when_any_rank_returns(comm, folder, start, monkeypatch):
    real = Replacement.discard

    def discard_slowly(replacement):
        sleep(0.2)
        real(replacement)

    monkeypatch.setattr(Replacement, "discard", discard_slowly)
    full = FileError("the disk is full") if comm.rank == comm.size - 1 else None
    with pytest.raises(FileError), replaced(start, comm):
        raise_on_all(comm, full)
    left = list(folder.iterdir())
    parallel_assert(comm, not left, f"still there: {left}")
