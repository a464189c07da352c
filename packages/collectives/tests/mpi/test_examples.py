"""Every example is right on every rank, and says so when what it received is not."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_collectives.examples import TOPICS
from hpcpy_core.device import CPU
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

EXAMPLES = {example.name: example for examples in TOPICS.values() for example in examples}
SMALL = {"large_counts": {"blocks": 3}}

# For each example the call whose outcome is falsified, on every rank that it has one on.
FALSIFIED = {
    "hello": "allgather",
    "random_integers": "gather",
    "send_recv_objects": "recv",
    "isend_irecv": "isend",
    "recv_into_buffer": "isend",
    "send_recv_datatype": "Recv",
    "send_recv_automatic": "Recv",
    "ring_shift": "Sendrecv",
    "probe_any_source": "Recv",
    "persistent_requests": "Send_init",
    "bcast_dictionary": "bcast",
    "scatter_objects": "scatter",
    "gather_objects": "gather",
    "allgather_objects": "allgather",
    "alltoall_objects": "alltoall",
    "reduce_objects": "reduce",
    "bcast_array": "Bcast",
    "scatter_array": "Scatter",
    "gather_array": "Gather",
    "allgather_array": "Allgather",
    "alltoall_array": "Alltoall",
    "reduce_array": "Reduce",
    "allreduce_array": "Allreduce",
    "scan_array": "Scan",
    "reduce_scatter_array": "Reduce_scatter",
    "in_place": "Allgather",
    "nonblocking_collectives": "Iallreduce",
    "scatterv": "Scatterv",
    "gatherv": "Gatherv",
    "allgatherv": "Allgatherv",
    "alltoallv": "Alltoallv",
    "large_counts": "Send",
    "vector_datatype": "Sendrecv",
    "subarray_datatype": "Recv",
    "struct_datatype": "Sendrecv",
    "neighbour_exchange": "Neighbor_alltoall",
    "midpoint_pi": "Reduce",
    "area_objects": "reduce",
    "area_arrays": "Reduce",
    "matrix_vector": "Allgather",
    "sample_sort": "Alltoallv",
    "monte_carlo_pi": "allreduce",
}
SENDS = ("isend", "Send", "Send_init", "Iallreduce")
ROOT_ONLY = ("Gather", "Gatherv", "Reduce")
FIRST_ARGUMENT = ("Recv", "Bcast")
REQUEST_BASED = [name for name, method in FALSIFIED.items() if method in SENDS]


class Falsifying:
    """A communicator one method of which gives, or sends, other data than it should."""

    method = ""
    times = 0

    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        if name == "Create_cart":
            return lambda *args, **keys: self.arrange(found(*args, **keys))
        if not name.startswith("_") and name == object.__getattribute__(self, "method"):
            return lambda *args, **keys: self.falsify(found, *args, **keys)
        return found

    def arrange(self, cart):
        """Return the grid, which counts for this communicator."""
        grid = FalsifyingGrid(cart)
        grid.method, grid.counter = self.method, self
        return grid

    def falsify(self, call, *args, root=0, **keys):
        if "root" in call.__doc__.partition(")")[0]:
            keys["root"] = root
        if self.method in SENDS:
            self.count()
            return call(changed(args[0]), *args[1:], **keys)
        outcome = call(*args, **keys)
        if self.method[0].islower():
            if outcome is not None:
                self.count()
                outcome = changed(outcome)
        elif self.method not in ROOT_ONLY or self.rank == root:
            place = 0 if self.method in FIRST_ARGUMENT else 1
            spec = keys["recvbuf"] if "recvbuf" in keys else args[place]
            array = array_of(spec)
            if array.size:
                self.count()
                array[...] = changed(array)
        return outcome

    def count(self):
        counter = getattr(self, "counter", self)
        counter.times += 1


class FalsifyingComm(Falsifying, MPI.Intracomm):
    pass


class FalsifyingGrid(Falsifying, MPI.Cartcomm):
    pass


def array_of(spec):
    return spec[0] if isinstance(spec, list) else spec


def changed(value):
    """Return a copy of a message, or of a buffer specification, with its first item changed."""
    match value:
        case np.ndarray():
            copy = value.copy()
            first = copy.reshape(-1)[:1]
            first = first[first.dtype.names[0]] if first.dtype.names else first
            first += 1
            return copy
        case [np.ndarray() as array, *rest] if any(isinstance(r, MPI.Datatype) for r in rest):
            return [changed(array), *rest]
        case list() | tuple():
            return type(value)([changed(value[0]), *value[1:]])
        case dict():
            key = next(iter(value))
            return {**value, key: changed(value[key])}
        case str():
            return value + "!"
    return value + 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_answer_is_correct_on_every_rank(comm, name):
    result = EXAMPLES[name].load()(comm, CPU, **SMALL.get(name, {}))
    parallel_assert(comm, result.correct, f"{result.lines} {result.expected}")
    spoke = comm.allreduce(len(result.lines))
    parallel_assert(comm, spoke > 0, "no rank had anything to say")


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in REQUEST_BASED])
def test_false_data_is_noticed_by_the_rank_that_got_it(comm, name):
    falsifying = FalsifyingComm(comm)
    falsifying.method = FALSIFIED[name]
    result = EXAMPLES[name].load()(falsifying, CPU)
    parallel_assert(
        comm,
        result.correct == (falsifying.times == 0),
        f"falsified {falsifying.times} times, correct {result.correct}: {result.lines}",
    )
    parallel_assert(comm, result.correct or "expected " in result.expected, result.expected)
    needs_partner = name.startswith("send_recv") or name == "probe_any_source"
    anywhere = comm.allreduce(falsifying.times)
    parallel_assert(comm, anywhere or (needs_partner and comm.size == 1), "falsified nothing")


@pytest.mark.parametrize("name", REQUEST_BASED)
def test_false_data_of_a_request_is_noticed(comm, name):
    falsifying = FalsifyingComm(comm)
    falsifying.method = FALSIFIED[name]
    result = EXAMPLES[name].load()(falsifying, CPU, **SMALL.get(name, {}))
    receives = {
        "isend_irecv": comm.rank ^ 1 < comm.size,
        "large_counts": comm.rank == comm.size - 1,
    }.get(name, True)
    parallel_assert(comm, result.correct != receives, f"{result.lines}")
