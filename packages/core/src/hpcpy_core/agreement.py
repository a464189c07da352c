"""Error agreement: every rank learns of one rank's error and raises the same one.

A rank that raises alone leaves the others waiting in their next collective call
for ever. A step that can fail on one rank only (opening a file, reading input)
therefore ends in an agreement.
"""

import dataclasses
import pickle
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from hashlib import blake2b

import numpy as np
from mpi4py import MPI

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.waiting import wait_asleep

__all__ = ["agreed", "are_same", "on_root", "raise_on_all", "same_on_all"]

LONGEST = 120
"""So many characters of a value that differs are shown."""


def raise_on_all(comm: MPI.Intracomm, error: Exception | None) -> None:
    """Raise the error of the lowest failing rank on every rank. Collective over comm.

    Parameters
    ----------
    comm
        The ranks that agree.
    error
        This rank's error, or None where all is well.

    Raises
    ------
    Exception
        The same type and message on every rank, if any rank passed an error. A
        note on it names the rank; an error that cannot be pickled arrives on
        the other ranks as an `HpcpyError` with the same text.
    """
    lowest = np.array([comm.rank if error is not None else comm.size])
    comm.Allreduce(MPI.IN_PLACE, lowest, op=MPI.MIN)  # a lower-case call would cost ten times it
    failing = int(lowest[0])
    if failing == comm.size:
        return
    message = _pack(error) if comm.rank == failing and error is not None else None
    message = comm.bcast(message, root=failing)
    if comm.rank != failing or error is None:
        error = _unpack(message)
        error.add_note(f"raised on rank {failing} of {comm.size}")
    if isinstance(error, HpcpyError):
        error.agreed = True
    raise error


@contextmanager
def agreed(comm: MPI.Intracomm, *, patient: bool = False) -> Iterator[None]:
    """Run a block that may fail on some ranks only. Collective over comm.

    The block itself must not communicate over `comm`: a rank that fails before
    such a call would leave the others waiting in it.

    Parameters
    ----------
    comm
        The ranks that agree.
    patient
        Whether to wait for the slowest without spinning: its block may take long, and
        need the cores.

    Raises
    ------
    Exception
        The error of the lowest failing rank, on every rank.
    """
    error: Exception | None = None
    try:
        yield
    except Exception as caught:
        error = caught
    if patient:
        wait_asleep(comm.Ibarrier())
    raise_on_all(comm, error)


@contextmanager
def on_root(comm: MPI.Intracomm, root: int = 0) -> Iterator[bool]:
    """Like `agreed`, and yields True on the root only. Collective over comm.

    What the root does may take long, and may need the cores: the other ranks
    wait for it without spinning.
    """
    with agreed(comm, patient=True):
        yield comm.rank == root


def same_on_all(comm: MPI.Intracomm, what: Mapping[str, object]) -> None:
    """Refuse values that differ between the ranks. Collective over comm.

    Where they are the same it costs one Allreduce of 32 bytes.

    Parameters
    ----------
    comm
        The ranks that agree.
    what
        By name: numbers, texts, paths, dtypes, arrays, dataclasses, and sequences, sets and
        mappings of these. An array counts by shape, dtype and bytes.

    Raises
    ------
    InputError
        On every rank: names the first difference, and the lowest rank that has it.
    """
    mine = {name: _spell(value) for name, value in what.items()}
    if are_same(comm, repr(list(mine.items()))):
        return
    theirs = comm.bcast(mine, root=0)
    raise_on_all(comm, _describe_difference(comm.rank, mine, theirs))
    # The names came in another order.
    raise_on_all(comm, InputError("the ranks pass the same values in different orders"))


def are_same(comm: MPI.Intracomm, text: str) -> bool:
    """Tell whether all ranks pass the same text. Collective over comm.

    It is one Allreduce of 32 bytes: of a digest and its complement, whose minima
    belong together only where all digests are one.
    """
    digest = np.frombuffer(
        blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest(), np.uint64
    )
    lowest = np.concatenate([digest, ~digest])
    comm.Allreduce(MPI.IN_PLACE, lowest, op=MPI.MIN)
    return bool((lowest[:2] == ~lowest[2:]).all())


def _describe_difference(
    rank: int, mine: Mapping[str, str], theirs: Mapping[str, str]
) -> InputError | None:
    """Return what this rank has otherwise than rank 0, or None."""
    for name in [*theirs, *(name for name in mine if name not in theirs)]:
        here, there = mine.get(name, "nothing"), theirs.get(name, "nothing")
        if here != there:
            return InputError(
                f"{name} differs between the ranks: rank {rank} has {_shorten(here)} where rank 0 "
                f"has {_shorten(there)}; pass the same on all ranks"
            )
    return None


def _spell(value: object) -> str:
    """Return a text that is the same for the same value, in any process."""
    if isinstance(value, np.ndarray) and value.ndim:
        items = blake2b(np.ascontiguousarray(value).tobytes(), digest_size=8).hexdigest()
        return f"an array of {value.dtype} of shape {value.shape} ({items})"
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(f'{_spell(k)}: {_spell(v)}' for k, v in value.items()))}}}"
    if isinstance(value, AbstractSet):
        return f"{{{', '.join(sorted(map(_spell, value)))}}}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return f"({', '.join(map(_spell, value))})"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value.bit_length() < 256 else hex(value)
    if isinstance(value, str):
        return value
    text = repr(value) if isinstance(value, bool | float | complex | bytes) else str(value)
    return text if " at 0x" not in text else type(value).__qualname__  # an address is its own


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _pack(error: Exception) -> bytes:
    """Pickle an error, or its text where the error does not survive pickling."""
    try:
        packed = pickle.dumps(error)
        pickle.loads(packed)
    except Exception:
        packed = pickle.dumps(HpcpyError(f"{type(error).__name__}: {error}"))
    return packed


def _unpack(message: bytes) -> Exception:
    error = pickle.loads(message)
    return error if isinstance(error, Exception) else HpcpyError(repr(error))
