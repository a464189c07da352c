"""Choose how arrays reach MPI: what was asked for, as far as it was proven here."""

from typing import Literal

from hpcpy_core.awareness.operations import OPERATIONS
from hpcpy_core.awareness.verdict import Verdict
from hpcpy_core.errors import InputError
from hpcpy_core.transport import Transport, TransportRequest

__all__ = ["FORCED", "TransportRequest", "needs_proof", "select_transport"]

FORCED = (
    "--force-direct hands device memory to MPI without the proof that it takes it: a call may end "
    "in a segmentation fault, or deliver wrong data in silence. `python -m hpcpy_core.awareness` "
    "says which operations are proven here; --transport direct takes only those"
)
"""The warning that comes with it."""


def needs_proof(request: TransportRequest, kind: Literal["cpu", "gpu"]) -> bool:
    """Say whether `select_transport` needs a verdict on this MPI. Local."""
    return kind == "gpu" and request in ("auto", "direct")


def select_transport(
    request: TransportRequest,
    kind: Literal["cpu", "gpu"],
    reason: str,
    verdict: Verdict | None = None,
) -> Transport:
    """Choose the transport for arrays of one kind of device. Local, and the same on all ranks.

    Parameters
    ----------
    request
        ``auto`` takes only what was proven here, and so does ``direct``; ``force-direct``
        asks for no proof.
    kind, reason
        Of the device, and why it is.
    verdict
        Which operations of this MPI take device memory; given where `needs_proof` says so.

    Raises
    ------
    InputError
        If the transport asked for cannot move arrays of this device, or takes a proof
        that failed.
    """
    if kind == "cpu":
        if request in ("auto", "host"):
            return Transport(name="host", reason="arrays are in host memory")
        option = "--force-direct" if request == "force-direct" else f"--transport {request}"
        raise InputError(
            f"{option} moves device arrays, but the device is {kind} ({reason}). "
            "Leave it out, or use --transport host"
        )
    if request == "host":
        raise InputError(
            f"--transport host moves arrays in host memory, but the device is {kind} ({reason}). "
            "Use --transport staged"
        )
    if request == "force-direct":
        return Transport(name="direct", reason="forced, no proof", direct_for=frozenset(OPERATIONS))
    if request == "staged":
        return Transport(name="staged", reason="asked for")
    if verdict is None:
        return Transport(name="staged", reason="nothing was proven of this MPI")
    if verdict.proven:
        return Transport(name="direct", reason=_describe_proven(verdict), direct_for=verdict.proven)
    if request == "direct":
        raise InputError(
            f"--transport direct hands device memory to MPI, but {verdict.library} was not proven "
            f"to take it here: {verdict.reason}. Use --transport staged"
        )
    return Transport(name="staged", reason=f"MPI takes no device memory: {verdict.reason}")


def _describe_proven(verdict: Verdict) -> str:
    """Name the operations that were proven, or those that were not: the fewer."""
    proven = [name for name in OPERATIONS if name in verdict.proven]
    rest = [name for name in OPERATIONS if name not in verdict.proven]
    if rest and len(rest) < len(proven):
        return f"proven for all but {', '.join(rest)}"
    return f"proven for {', '.join(proven)}, the rest is staged" if rest else verdict.reason
