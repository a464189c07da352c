"""Several nodes on one machine: the ranks are split as if they were on them."""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import CPU
from hpcpy_core.errors import HpcpyError
from hpcpy_gpu_allreduce import hierarchical, shared_block
from hpcpy_gpu_allreduce.attached import Attached
from hpcpy_gpu_allreduce.case import make_case
from hpcpy_gpu_allreduce.hierarchical import Hierarchical
from hpcpy_gpu_allreduce.levels import Levels
from hpcpy_gpu_allreduce.shared_block import map_shared_block
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def split_into(nodes):
    """Return a split of the ranks into nodes that are not equally full."""

    def split(comm):
        node = MPI.Intracomm(comm.Split(min(comm.rank, nodes - 1), comm.rank))
        leads = node.rank == 0
        leaders = MPI.Intracomm(comm.Split(0 if leads else MPI.UNDEFINED, comm.rank))
        return Levels(node=node, leaders=leaders if leads else None)

    return split


@pytest.mark.parametrize("nodes", [1, 2, 3])
@pytest.mark.parametrize("op", [MPI.SUM, MPI.MIN], ids=["sum", "min"])
def test_nodes_that_are_not_equally_full(comm, monkeypatch, nodes, op):
    monkeypatch.setattr(hierarchical, "split_levels", split_into(nodes))
    monkeypatch.setattr(hierarchical, "CHUNK", 40)
    own = comm.Dup()
    case = make_case(Attached(comm=own, nodes=min(nodes, comm.size)), 23, "int32", op, CPU)
    prepared = Hierarchical(case)
    prepared.connect()
    for turn in range(3):
        items = np.arange(23, dtype="int32") * (comm.rank + 1) + turn
        into = np.zeros_like(items)
        prepared.run(items, into)
        every = [np.arange(23) * (rank + 1) + turn for rank in range(comm.size)]
        expected = sum(every) if op == MPI.SUM else np.minimum.reduce(every)
        parallel_assert(comm, np.array_equal(into, expected))
    prepared.free()
    own.Free()


def test_shared_memory_is_shared_and_has_no_name(comm):
    before = set(Path("/dev/shm").glob("hpcpy-*"))
    block = map_shared_block(comm, comm, 64)
    parallel_assert(comm, not block.any())
    comm.Barrier()
    block[comm.rank] = comm.rank + 1
    comm.Barrier()
    parallel_assert(comm, block[: comm.size].tolist() == list(range(1, comm.size + 1)))
    parallel_assert(comm, set(Path("/dev/shm").glob("hpcpy-*")) <= before)


def test_no_room_on_one_node_is_told_by_all(comm, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    node = MPI.Intracomm(comm.Split(comm.rank))
    if comm.rank == comm.size - 1:
        monkeypatch.setattr(shared_block.os, "posix_fallocate", refuse)
    with parallel_raises(comm, HpcpyError, match="No space left on device. Make room") as caught:
        map_shared_block(comm, node, 64)
    parallel_assert(comm, caught.error.agreed)
    parallel_assert(comm, not list(Path("/dev/shm").glob("hpcpy-*")))
    node.Free()
