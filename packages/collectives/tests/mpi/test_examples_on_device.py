"""Every example runs with device arrays, staged and direct, under an emulated CuPy.

MPI must get host memory where arrays are staged, and device memory that was waited
for where they go directly.
"""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_collectives.examples import TOPICS
from hpcpy_collectives.operations import OPERATIONS
from hpcpy_collectives.run_bench import run_bench
from hpcpy_core.device import Device
from hpcpy_core.transport import Transport
from hpcpy_testing.assertions import parallel_assert
from hpcpy_testing.emulated_cupy import DeviceArray, install_emulated_cupy

pytestmark = pytest.mark.mpi

EXAMPLES = {example.name: example for examples in TOPICS.values() for example in examples}
SMALL = {"large_counts": {"blocks": 3}}
WITHOUT_ARRAYS = (
    *("hello", "random_integers", "send_recv_objects", "isend_irecv", "recv_into_buffer"),
    *("bcast_dictionary", "scatter_objects", "gather_objects", "allgather_objects"),
    *("alltoall_objects", "reduce_objects", "area_objects", "monte_carlo_pi"),
)
CLASSES = {
    "p2p": ("probe_any_source", "ring_shift", "send_recv_automatic", "send_recv_datatype"),
    "persistent": ("persistent_requests",),
    "bcast": ("bcast_array", "midpoint_pi"),
    "gather": (
        *("allgather_array", "allgatherv", "alltoall_array", "alltoallv", "gather_array"),
        *("gatherv", "in_place", "matrix_vector", "sample_sort", "scatter_array", "scatterv"),
    ),
    "reduction": (
        *("allreduce_array", "area_arrays", "in_place", "midpoint_pi", "reduce_array"),
        *("reduce_scatter_array", "scan_array"),
    ),
    "datatype": ("large_counts", "subarray_datatype", "vector_datatype"),
    "nonblocking": ("nonblocking_collectives",),
    "nonblocking_reduction": ("nonblocking_collectives",),
}
"""What has to be proven for an example to be direct; one that is not named never is."""
NEED_A_PARTNER = ("send_recv_datatype", "send_recv_automatic", "probe_any_source")


@pytest.fixture
def cupy(monkeypatch):
    return install_emulated_cupy(monkeypatch)


class Watching:
    """A communicator that looks at the buffers of its upper-case methods."""

    cupy = None
    direct = False
    faults = ()
    seen = 0

    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        if name == "Create_cart":
            return lambda *args, **keys: self.arrange(found(*args, **keys))
        if name[0].isupper() and callable(found) and not name.startswith(("Get", "Create", "F")):
            return lambda *args, **keys: self.watch(name, found, *args, **keys)
        return found

    def arrange(self, cart):
        """Return the grid, which counts for this communicator."""
        grid = WatchingGrid(cart)
        grid.cupy, grid.direct, grid.whole = self.cupy, self.direct, self
        return grid

    def watch(self, name, call, *args, **keys):
        counting = getattr(self, "whole", self)
        for value in (*args, *keys.values()):
            array = value[0] if isinstance(value, list | tuple) and value else value
            if isinstance(array, np.ndarray):
                counting.seen += 1
                if isinstance(array, DeviceArray) != self.direct:
                    counting.faults += (f"{name} got a {type(array).__name__}",)
                if self.direct and not (self.cupy.synchronized or name.endswith("_init")):
                    counting.faults += (f"{name} did not wait for the device",)
        if not name.startswith("I"):
            self.cupy.synchronized = 0
        return call(*args, **keys)


class WatchingComm(Watching, MPI.Intracomm):
    pass


class WatchingGrid(Watching, MPI.Cartcomm):
    pass


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("transport", ["staged", "direct"])
def test_an_example_is_right_and_hands_mpi_what_it_can_read(comm, cupy, name, transport):
    proven = [of for of, names in CLASSES.items() if name in names]
    way = Transport(name=transport, reason="", direct_for=frozenset(proven))
    gpu = Device(kind="gpu", reason="", transport=way)
    watching = WatchingComm(comm)
    watching.cupy, watching.direct = cupy, transport == "direct" and bool(proven)
    result = EXAMPLES[name].load()(watching, gpu, **SMALL.get(name, {}))
    parallel_assert(comm, result.correct, f"{result.lines} {result.expected}")
    parallel_assert(comm, not watching.faults, f"{watching.faults}")
    expected = name not in WITHOUT_ARRAYS and (comm.size > 1 or name not in NEED_A_PARTNER)
    anywhere = comm.allreduce(watching.seen)
    parallel_assert(comm, bool(anywhere) == expected, f"MPI got {anywhere} arrays")


def test_every_operation_is_measured_with_staged_arrays(comm, cupy, capfd):
    run_bench(
        comm,
        ops=None,
        apis=("buffer",),
        sizes=(8, 1000),
        iterations=2,
        warmup=1,
        validate=True,
        form="csv",
        output=None,
        plot=None,
        device="gpu",
        transport="staged",
    )
    parallel_assert(comm, len(cupy.pinned) > 0, "nothing was staged")
    lines = capfd.readouterr().out.splitlines()
    measured = {line.split(",")[0] for line in lines[1:]} if comm.rank == 0 else None
    expected = {
        name for name, operation in OPERATIONS.items() if operation.minimum_ranks <= comm.size
    }
    parallel_assert(comm, measured in (None, expected), f"{measured}")
