"""Which operations are measured, at which sizes, how often: settled before any work."""

from collections.abc import Sequence
from dataclasses import dataclass

from hpcpy_collectives.operations import OPERATIONS, Api, Operation
from hpcpy_collectives.sizes import ELEMENT_BYTES, LARGEST
from hpcpy_core.errors import InputError

__all__ = ["LARGE", "Case", "list_cases"]

LARGE = 8192
"""Bytes above which a message counts as large, and is measured less often; OSU's limit."""

SCHEDULES = {
    "latency": ((10_000, 100), (1000, 10)),
    "multi-latency": ((10_000, 100), (1000, 10)),
    "bandwidth": ((100, 10), (20, 2)),
    "bidirectional": ((100, 10), (20, 2)),
    "collective": ((1000, 100), (100, 10)),
    "barrier": ((1000, 100), (100, 10)),
}
"""OSU's iterations and warm-up, for small and for large messages."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing to measure."""

    operation: Operation
    api: Api
    size: int
    iterations: int
    warmup: int


def list_cases(
    ops: Sequence[str] | None,
    apis: Sequence[Api],
    sizes: Sequence[int],
    ranks: int,
    *,
    iterations: int | None = None,
    warmup: int | None = None,
) -> tuple[Case, ...]:
    """Return all that was asked for, in order. Local, and the same on all ranks.

    Parameters
    ----------
    ops
        Names; None means whatever this number of ranks and these APIs have.
    apis, sizes
        Each operation is measured with every one that it can have; sizes in bytes.
    ranks
        Of the job.
    iterations, warmup
        For small messages, in place of OSU's; large ones get a tenth.

    Raises
    ------
    InputError
        If an operation that was named cannot be measured at all.
    """
    if ops is None:
        ops = [
            name
            for name, operation in OPERATIONS.items()
            if operation.minimum_ranks <= ranks and set(operation.apis) & set(apis)
        ]
    cases: list[Case] = []
    for operation in map(OPERATIONS.__getitem__, ops):
        _check_ranks(operation, ranks)
        for api in _fitting_apis(operation, apis):
            for size in _fitting_sizes(operation, sizes, ranks):
                large = size > LARGE
                turns, warm = SCHEDULES[operation.kind][large]
                if iterations is not None:
                    turns = max(1, iterations // 10) if large else iterations
                if warmup is not None:
                    warm = warmup // 10 if large else warmup
                cases.append(
                    Case(operation=operation, api=api, size=size, iterations=turns, warmup=warm)
                )
    return tuple(cases)


def _check_ranks(operation: Operation, ranks: int) -> None:
    if ranks < operation.minimum_ranks:
        raise InputError(
            f"{operation.name} needs {operation.minimum_ranks} ranks, but the job has {ranks}: "
            f"start it with mpiexec -n {operation.minimum_ranks}"
        )


def _fitting_apis(operation: Operation, apis: Sequence[Api]) -> Sequence[Api]:
    """Return those of the APIs that have this operation."""
    fitting = [api for api in apis if api in operation.apis]
    if not fitting:
        raise InputError(
            f"mpi4py has no {operation.name} of its own for --api {','.join(apis)}: "
            f"use --api {operation.apis[0]} for it, or leave it out of --ops"
        )
    return fitting


def _fitting_sizes(operation: Operation, sizes: Sequence[int], ranks: int) -> Sequence[int]:
    """Return the sizes that this operation can have; a barrier has none but 0."""
    if not operation.element:
        return (0,)
    fitting = [size for size in sizes if operation.takes(size)]
    if not fitting:
        raise InputError(
            f"{operation.name} adds {ELEMENT_BYTES}-byte floats, and no size of --sizes is a "
            f"multiple of that: try --sizes {ELEMENT_BYTES}:1M"
        )
    if operation.vector and max(fitting) * (ranks - 1) > LARGEST:  # where the last block begins
        raise InputError(
            f"{operation.name} of {max(fitting)} B on {ranks} ranks: MPI counts to {LARGEST} where "
            f"a block begins: end --sizes at {LARGEST // (ranks - 1)}, or leave it out of --ops"
        )
    return fitting
