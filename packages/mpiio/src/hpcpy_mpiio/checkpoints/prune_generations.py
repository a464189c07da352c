"""Which generations go, and which stay: what cannot be judged stays. No MPI."""

from collections.abc import Collection
from enum import Enum
from pathlib import Path

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.checkpoints.generations import (
    RIGHTS,
    Owner,
    find_owner,
    list_generations,
    read_step,
    remove_generation,
    set_aside,
)
from hpcpy_mpiio.checkpoints.metadata import describe_dtype
from hpcpy_mpiio.checkpoints.metadata_file import read_metadata
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.header import check_size, read_header

__all__ = ["clear_generations", "prune_generations"]


class State(Enum):
    """What is known of a generation without reading all of it."""

    WHOLE = "its files are those of which its metadata tells"
    DAMAGED = "its files or its metadata are not what was written"
    UNREAD = "it cannot be read for now: rights, a mount or a disk that fails"
    OTHERS = "it is not ours"


def prune_generations(
    directory: Path, *, newest: int, keep: int, spared: Collection[str] = ()
) -> None:
    """Remove all generations but the `keep` last whole ones up to the step `newest`. Local.

    Later ones are the future that a restart has left: it has found them damaged. But what
    cannot be read now may be whole: it is not counted, and stays.

    Parameters
    ----------
    directory
        With the generations.
    newest
        The step that was just written.
    keep
        How many stay.
    spared
        Names of those that could not be read when it was tried last.
    """
    with failing(f"remove old checkpoints from {directory}", RIGHTS):
        kept = 0
        for generation in list_generations(directory):
            state = State.UNREAD if generation.name in spared else _judge(generation)
            if state in (State.UNREAD, State.OTHERS):
                continue
            if read_step(generation) <= newest and kept < keep:
                kept += state is State.WHOLE
            else:
                remove_generation(generation)


def clear_generations(directory: Path) -> None:
    """Remove all generations of ours; what cannot be read is set aside. Local."""
    with failing(f"remove old checkpoints from {directory}", RIGHTS):
        for generation in list_generations(directory):
            owner = find_owner(generation)
            if owner is Owner.OURS:
                remove_generation(generation)
            elif owner is Owner.UNKNOWN:
                set_aside(generation)


def _judge(generation: Path) -> State:
    owner = find_owner(generation)
    if owner is not Owner.OURS:
        return State.UNREAD if owner is Owner.UNKNOWN else State.OTHERS
    try:
        for name, record in read_metadata(generation).fields.items():
            path = generation / f"{name}.npy"
            header = read_header(path)
            check_size(path, header)
            if (header.shape, describe_dtype(header.dtype)) != (record.shape, record.dtype):
                return State.DAMAGED
    except InputError:  # a file is missing
        return State.DAMAGED
    except FileError as error:
        return State.UNREAD if error.for_now else State.DAMAGED
    return State.WHOLE
