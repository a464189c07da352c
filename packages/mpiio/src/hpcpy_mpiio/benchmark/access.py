"""How a shared file is accessed: which of MPI_File's calls. Starts no MPI.

All take explicit offsets within the rank's file view, so that one program can use any.
"""

from typing import Literal, get_args

__all__ = ["APIS", "CALLS", "OPERATIONS", "Api", "Operation"]

Api = Literal["independent", "collective", "nonblocking"]
APIS: tuple[Api, ...] = get_args(Api)
Operation = Literal["write", "read"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)

CALLS: dict[tuple[Operation, Api], str] = {
    ("write", "independent"): "Write_at",
    ("write", "collective"): "Write_at_all",
    ("write", "nonblocking"): "Iwrite_at_all",
    ("read", "independent"): "Read_at",
    ("read", "collective"): "Read_at_all",
    ("read", "nonblocking"): "Iread_at_all",
}
"""Methods of mpi4py.MPI.File."""
