"""Does this MPI take device memory? Queries, and a proof. Importing it starts no MPI."""

from hpcpy_core.awareness.operations import EXAMPLES, OPERATIONS, Operation
from hpcpy_core.awareness.verdict import Verdict

__all__ = ["EXAMPLES", "OPERATIONS", "Operation", "Verdict"]
