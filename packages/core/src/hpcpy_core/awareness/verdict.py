"""What was proven of an MPI library: which operations take device memory here."""

import json
from dataclasses import dataclass, field

from hpcpy_core.awareness.operations import OPERATIONS, Operation

__all__ = ["Verdict"]

SCHEMA = 1

TYPES = {
    "library": str,
    "driver": str,
    "nodes": int,
    "seconds": int | float,
    "lasting": bool,
    "queries": dict,
}
"""What JSON must hold, beside the operations."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of a proof. All of its methods are local.

    Parameters
    ----------
    failures
        For each operation that was not proven, why: what was seen when it was tried, or why it
        was not tried.
    library
        Name and version of the MPI, such as ``Open MPI 5.0.7``.
    driver
        The newest CUDA that the driver runs, such as ``13.0``, and the device that was tried;
        empty where there is none.
    nodes
        On how many nodes the ranks of the proof were.
    seconds
        That the proof took.
    lasting
        Whether it holds for this environment, so that it is worth keeping: False where
        the proof itself could not be run.
    queries
        What the MPI and the environment said of themselves: see `hpcpy_core.awareness.queries`.
    """

    failures: dict[Operation, str]
    library: str
    driver: str
    nodes: int
    seconds: float
    lasting: bool
    queries: dict[str, str] = field(default_factory=dict)

    @property
    def proven(self) -> frozenset[Operation]:
        """The operations that were seen to move device memory rightly."""
        return frozenset(OPERATIONS) - self.failures.keys()

    @property
    def reason(self) -> str:
        """One line: what was proven; or why nothing was, from the first failure."""
        if not self.failures:
            return "proven for all operations"
        if self.proven:
            named = (name for name in OPERATIONS if name in self.proven)
            return f"proven for {', '.join(named)} only"
        return next(self.failures[name] for name in OPERATIONS)

    def to_json(self) -> str:
        """Return it as a JSON object, with a member for each operation."""
        operations = {
            name: {"proven": name in self.proven, "reason": self.failures.get(name)}
            for name in OPERATIONS
        }
        rest = {
            "library": self.library,
            "driver": self.driver,
            "nodes": self.nodes,
            "seconds": self.seconds,
            "lasting": self.lasting,
            "queries": self.queries,
        }
        return json.dumps({"schema": SCHEMA, "operations": operations, **rest}, indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Verdict":
        """Return what `to_json` has written.

        Raises
        ------
        ValueError, KeyError, TypeError
            If it has not.
        """
        read = json.loads(text)
        if read.pop("schema") != SCHEMA:
            raise ValueError("another version of the verdict")
        operations = read.pop("operations")
        for name, kind in TYPES.items():
            if not isinstance(read[name], kind):
                raise TypeError(f"{name} is {read[name]!r}")
        failures = {
            name: str(operations[name]["reason"])
            for name in OPERATIONS
            if operations[name]["proven"] is not True
        }
        return cls(failures=failures, **read)
