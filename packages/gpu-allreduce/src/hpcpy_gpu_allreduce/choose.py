"""The choice of the algorithm: the one that was asked for, or the best that is possible here."""

from hpcpy_core.agreement import raise_on_all
from hpcpy_core.cuda_driver import CudaError
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.sizes import format_size
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.attached import Attached
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.registry import ALGORITHMS, AUTO, explain_refusal
from hpcpy_gpu_allreduce.tuned import find_thresholds

__all__ = ["choose", "make"]


def choose(wish: str, request: str, case: Case, attached: Attached) -> str:
    """Return the name of the algorithm to take, the same on all ranks. Collective over case.comm.

    Parameters
    ----------
    wish
        What all ranks have agreed on; what was chosen for it once is not asked again.
    request
        A name, or ``auto``.
    case
        What is to be reduced.
    attached
        What is known of its communicator.

    Raises
    ------
    InputError
        On every rank, if the one asked for is not possible here: says why, and which are.
    """
    if wish not in attached.choices:
        attached.choices[wish] = _choose(request, case, attached)
    return attached.choices[wish]


def make(name: str, case: Case) -> Algorithm:
    """Make an algorithm for a case; `connect` has to follow. Local.

    Raises
    ------
    HpcpyError
        If there is too little memory.
    """
    try:
        return ALGORITHMS[name].load(case.device.kind)(case)
    except (MemoryError, CudaError) as error:
        raise HpcpyError(
            f"no memory for algorithm {name!r} with {format_size(case.nbytes)} B on rank "
            f"{case.comm.rank}: {error}. Reduce the array in parts, or start fewer ranks"
        ) from error


def _choose(request: str, case: Case, attached: Attached) -> str:
    if request == AUTO:
        candidates = find_thresholds(attached, case.device).candidates(case)
        return next(name for name in candidates if explain_refusal(name, case) is None)
    reason = explain_refusal(request, case)
    if reason is None:
        return request
    possible = [name for name in ALGORITHMS if explain_refusal(name, case) is None]
    error = InputError(
        f"algorithm {request!r} is not possible here: {reason}. Take {AUTO}, {', '.join(possible)}"
    )
    raise_on_all(case.comm, error)
    raise error  # not reached: all ranks have it
