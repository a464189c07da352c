"""The examples in teaching order. Importing this package does not start MPI."""

from hpcpy_core.examples import list_topics

__all__ = ["TOPICS"]

TOPICS = list_topics(
    __name__,
    {
        "Offsets and file pointers": {
            "contiguous": "one block of each rank after the other: Write_at_all",
            "individual_pointers": "a file pointer of each rank's own: Seek, Write, Read",
            "shared_pointer": "one file pointer for all ranks: Write_shared",
            "write_ordered": "pieces of any length in rank order: Write_ordered",
        },
        "File views": {
            "vector_view": "columns of a matrix: Create_vector, Set_view",
            "subarray_view": "blocks of a matrix without their halo: Create_subarray",
            "darray_view": "rows in blocks and columns in turn: Create_darray",
            "teaching_matrix": "four layouts times three kinds of calls",
            "npy_file": "a file that numpy.load opens: a header, then a subarray view",
        },
        "Consistency and overlap": {
            "nonblocking_collective": "compute during a collective write: Iwrite_at_all",
            "atomic_mode": "overlapping writes that never mix: Set_atomicity",
            "set_size": "the tail of a longer file, and how to cut it: Set_size",
        },
        "Portability and tuning": {
            "external32": "the same bytes on every machine, for NumPy big-endian: Set_view",
            "hints": "what MPI is told about a file, and what it made of it: Info, Get_info",
        },
    },
)
