"""The examples in teaching order. Importing this package does not start MPI."""

from hpcpy_core.examples import list_topics

__all__ = ["TOPICS"]

TOPICS = list_topics(
    __name__,
    {
        "First steps": {
            "hello": "rank, size, host and library of every rank",
            "random_integers": "random integers gathered on the root",
        },
        "Point to point": {
            "send_recv_objects": "objects between pairs of ranks: send, recv",
            "isend_irecv": "the same without blocking: isend, irecv, wait",
            "recv_into_buffer": "objects received into one preallocated buffer: irecv(buf)",
            "send_recv_datatype": "arrays with an explicit MPI datatype: Send, Recv",
            "send_recv_automatic": "arrays with automatic discovery: Send, Recv",
            "ring_shift": "arrays round a ring: Sendrecv",
            "probe_any_source": "messages of unknown length and source: Probe, ANY_SOURCE",
            "persistent_requests": "one exchange many times: Send_init, Recv_init, Startall",
        },
        "Collectives on objects": {
            "bcast_dictionary": "a dictionary of the root for every rank: bcast",
            "scatter_objects": "one item of a list for each rank: scatter",
            "gather_objects": "one object of each rank on the root: gather",
            "allgather_objects": "one object of each rank on every rank: allgather",
            "alltoall_objects": "one object from every rank for every rank: alltoall",
            "reduce_objects": "objects combined by one's own operation: reduce",
        },
        "Collectives on arrays": {
            "bcast_array": "an array of the root for every rank: Bcast",
            "scatter_array": "one row of a matrix for each rank: Scatter",
            "gather_array": "one row of each rank on the root: Gather",
            "allgather_array": "a part of each rank on every rank: Allgather",
            "alltoall_array": "the transpose of a distributed matrix: Alltoall",
            "reduce_array": "the sum on the root: Reduce",
            "allreduce_array": "the maximum on every rank: Allreduce",
            "scan_array": "running totals over the ranks: Scan",
            "reduce_scatter_array": "a part of the sum for each rank: Reduce_scatter",
            "in_place": "input and output in one array: IN_PLACE",
            "nonblocking_collectives": "work meanwhile: Ibcast, Iallreduce, Waitall",
        },
        "Uneven and large data": {
            "scatterv": "parts of different lengths for the ranks: Scatterv",
            "gatherv": "parts of different lengths on the root: Gatherv",
            "allgatherv": "parts of different lengths on every rank: Allgatherv",
            "alltoallv": "every item to the rank that owns it: Alltoallv",
            "large_counts": "more than 2^31 items in one message (2 GiB on one rank)",
        },
        "Derived datatypes and topologies": {
            "vector_datatype": "a column of a matrix: Create_vector",
            "subarray_datatype": "tiles of a matrix: Create_subarray",
            "struct_datatype": "records of several fields: Create_struct",
            "neighbour_exchange": "neighbours in a grid: Create_cart, Neighbor_alltoall",
        },
        "Programs": {
            "midpoint_pi": "pi by the midpoint rule: Bcast, Reduce",
            "area_objects": "the area under a curve, summed as objects: reduce",
            "area_arrays": "the area under a curve, summed as arrays: Reduce",
            "matrix_vector": "matrix times vector: Allgather",
            "sample_sort": "parallel sort: Alltoallv",
            "monte_carlo_pi": "pi from independent random streams: SeedSequence.spawn",
        },
    },
)
