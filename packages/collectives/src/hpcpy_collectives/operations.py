"""What can be measured: every operation's name, kind, and what it needs. Starts no MPI.

The kinds are those of the OSU micro-benchmarks:

latency        half of the round trip of one message between ranks 0 and 1
multi-latency  the same between ranks i and i + P/2, all pairs at once
bandwidth      a window of 64 messages from rank 0 to rank 1, then an answer
bidirectional  such a window in both directions at once
collective     one call; a non-blocking one is started and waited for at once, so
               that its cost is seen, not what it can overlap with
barrier        a collective without a message
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from hpcpy_collectives.sizes import ELEMENT_BYTES

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_collectives.patterns import Mismatch
    from hpcpy_core.device import Device

__all__ = ["APIS", "OPERATIONS", "WINDOW", "Api", "Operation", "Prepared"]

Api = Literal["buffer", "pickle", "pickle5"]
Kind = Literal["latency", "multi-latency", "bandwidth", "bidirectional", "collective", "barrier"]

APIS: tuple[Api, ...] = get_args(Api)
WINDOW = 64
"""Messages in flight in the bandwidth operations."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One rank's part in an operation, with its buffers allocated and filled.

    Attributes
    ----------
    call
        One iteration, or None on a rank that takes no part. It returns what the
        lower-case method returned.
    check
        Given what the first call returned: the first wrong element, or None.
    timed
        Whether this rank's time counts.
    """

    call: Callable[[], object] | None
    check: "Callable[[object], Mismatch | None]"
    timed: bool


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing to measure.

    Attributes
    ----------
    base
        The MPI operation without the i and v of its other forms.
    nonblocking, vector
        Which form of it.
    minimum_ranks
        How many ranks it needs.
    apis
        The method families of mpi4py that have it.
    element
        Bytes that a message size must be a multiple of; 0 where there is no message.
    """

    name: str
    base: str
    kind: Kind
    nonblocking: bool = False
    vector: bool = False
    minimum_ranks: int = 1
    apis: tuple[Api, ...] = ("buffer",)
    element: int = 1

    @property
    def point_to_point(self) -> bool:
        """Whether it sends messages from one rank to another."""
        return self.kind not in ("collective", "barrier")

    @property
    def is_rate(self) -> bool:
        """Whether its figure is in bytes per second, not in seconds."""
        return self.kind in ("bandwidth", "bidirectional")

    def takes(self, size: int) -> bool:
        """Whether messages of `size` bytes can be measured."""
        return size % self.element == 0 if self.element else size == 0

    def footprint(self, size: int, api: Api, rank: int, ranks: int) -> int:
        """Return the bytes of the buffers of one rank, with what the check compares with."""
        whole = size * ranks
        sends = {"alltoall": whole, "scatter": 0 if rank else whole}
        receives = {"allgather": whole, "alltoall": whole, "gather": 0 if rank else whole}
        held = sends.get(self.base, size) + receives.get(self.base, size)
        pickled = 0 if api == "buffer" else held * (WINDOW if self.is_rate else 1)
        return 2 * held + pickled

    def prepare(self, comm: "MPI.Intracomm", size: int, api: Api, device: "Device") -> Prepared:
        """Allocate and fill this rank's buffers. Local, and the same call on every rank."""
        from hpcpy_collectives.prepare_collective import prepare_collective
        from hpcpy_collectives.prepare_point_to_point import prepare_point_to_point

        prepare = prepare_point_to_point if self.point_to_point else prepare_collective
        return prepare(self, comm, size, api, device)


def _list_operations() -> dict[str, Operation]:
    """Return all operations by name, point-to-point first, then by form."""
    pairs: dict[str, Kind] = {
        "latency": "latency",
        "bw": "bandwidth",
        "bibw": "bidirectional",
        "multi_lat": "multi-latency",
    }
    found = [
        Operation(name=name, base=name, kind=kind, minimum_ranks=2, apis=APIS)
        for name, kind in pairs.items()
    ]
    # pkl5 has no reductions of its own: what it inherits is plain pickle.
    lower: dict[str, tuple[Api, ...]] = {
        "bcast": APIS,
        "reduce": ("buffer", "pickle"),
        "allreduce": ("buffer", "pickle"),
        "allgather": APIS,
        "alltoall": APIS,
        "gather": APIS,
        "scatter": APIS,
        "reduce_scatter": ("buffer",),
        "barrier": ("buffer",),
    }
    for vector in (False, True):
        for nonblocking in (False, True):
            for base, apis in lower.items():
                if vector and base not in ("allgather", "alltoall", "gather", "scatter"):
                    continue
                found.append(
                    Operation(
                        name=f"{'i' if nonblocking else ''}{base}{'v' if vector else ''}",
                        base=base,
                        kind="barrier" if base == "barrier" else "collective",
                        nonblocking=nonblocking,
                        vector=vector,
                        # Lower-case methods are blocking, and take any length by themselves.
                        apis=("buffer",) if nonblocking or vector else apis,
                        element=_element_of(base),
                    )
                )
    return {operation.name: operation for operation in found}


def _element_of(base: str) -> int:
    if base == "barrier":
        return 0
    return ELEMENT_BYTES if "reduce" in base else 1


OPERATIONS = _list_operations()
