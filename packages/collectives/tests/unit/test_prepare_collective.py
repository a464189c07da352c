import pytest
from mpi4py import MPI

from hpcpy_collectives.operations import OPERATIONS
from hpcpy_collectives.prepare_collective import prepare_collective
from hpcpy_core.device import Device
from hpcpy_core.transport import Transport

CLASSES = {
    "bcast": "bcast",
    "allreduce": "reduction",
    "reduce_scatter": "reduction",
    "reduce": "reduction",
    "alltoallv": "gather",
    "scatter": "gather",
    "ibcast": "nonblocking",
    "iallgather": "nonblocking",
    "iallreduce": "nonblocking_reduction",
}


class NotingTransport(Transport):
    """Notes for which operations it is asked."""

    def attach(self, array, operation=None):
        noted.add(operation)
        return super().attach(array, operation)


noted: set[str | None] = set()


@pytest.mark.parametrize("name", CLASSES)
def test_a_transport_is_told_what_has_to_be_proven(name):
    noted.clear()
    device = Device(kind="cpu", reason="", transport=NotingTransport(name="host", reason=""))
    prepare_collective(OPERATIONS[name], MPI.COMM_SELF, 64, "buffer", device)
    assert noted == {CLASSES[name]}
