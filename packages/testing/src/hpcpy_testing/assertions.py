"""Assertions that fail on every rank, and name the ranks that failed.

A plain ``assert`` ends one rank's test and leaves the others waiting for it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from mpi4py import MPI

__all__ = ["Caught", "parallel_assert", "parallel_raises"]

E = TypeVar("E", bound=BaseException)


def parallel_assert(comm: MPI.Intracomm, condition: object, message: str = "") -> None:
    """Assert a condition on every rank. Collective over comm.

    Parameters
    ----------
    comm
        The ranks that assert.
    condition
        What must be true; it is evaluated by each rank for itself.
    message
        What this rank has to say if its condition is false.

    Raises
    ------
    AssertionError
        On every rank, if the condition is false on any: names those and their messages.
    """
    __tracebackhide__ = True
    _fail_on_all(comm, None if condition else (message or "the condition is false"))


class Caught(Generic[E]):
    """Takes the exception of a `parallel_raises` block.

    Attributes
    ----------
    error
        This rank's exception; set when the block has ended.
    """

    error: E


@contextmanager
def parallel_raises(
    comm: MPI.Intracomm, expected: type[E] | tuple[type[E], ...], match: str | None = None
) -> Iterator[Caught[E]]:
    """Assert that a block raises on every rank. Collective over comm.

    Parameters
    ----------
    comm
        The ranks that must all raise.
    expected
        The type of the exception, or several of which one will do.
    match
        A regular expression that is found in its text, as for `pytest.raises`.

    Yields
    ------
    Caught
        Its `error` is this rank's exception, once the block has ended.

    Raises
    ------
    AssertionError
        On every rank, if any raised nothing, something else or another text: names
        those. On a rank that raised something else, that is the cause.
    """
    __tracebackhide__ = True
    caught: Caught[E] = Caught()
    wanted = " or ".join(kind.__name__ for kind in _kinds(expected))
    problem: str | None = f"raised nothing, not {wanted}"
    unexpected: Exception | None = None
    try:
        yield caught
    except expected as error:
        caught.error = error
        problem = None
        if match is not None and not re.search(match, str(error)):
            problem = f"raised {error!r}, in which {match!r} is not found"
    except Exception as error:
        unexpected = error
        problem = f"raised {error!r}, not {wanted}"
    _fail_on_all(comm, problem, unexpected)


def _kinds(expected: type[E] | tuple[type[E], ...]) -> tuple[type[E], ...]:
    return expected if isinstance(expected, tuple) else (expected,)


def _fail_on_all(
    comm: MPI.Intracomm, problem: str | None, cause: BaseException | None = None
) -> None:
    __tracebackhide__ = True
    problems = comm.allgather(problem)
    told = [f"rank {rank}: {text}" for rank, text in enumerate(problems) if text is not None]
    if told:
        raise AssertionError(
            f"{len(told)} of {comm.size} ranks failed: {'; '.join(told)}"
        ) from cause
