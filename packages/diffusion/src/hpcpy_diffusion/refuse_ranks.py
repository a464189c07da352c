"""Commands of one process: refuse to be started on several ranks. No MPI."""

from time import sleep

from hpcpy_core.errors import InputError
from hpcpy_core.launch import read_announcement

__all__ = ["refuse_ranks"]


def refuse_ranks(command: str) -> None:
    """Refuse a launcher that has started several of this process. Local.

    Each would do the whole work, and write the same files.

    Raises
    ------
    InputError
        On rank 0, which says it for all.
    SystemExit
        On the others, with the same exit code.
    """
    announcement = read_announcement()
    if announcement is None or announcement.size == 1:
        return
    if announcement.rank:
        sleep(0.5)  # the launcher may end the job at the first exit: let rank 0 speak
        raise SystemExit(InputError.exit_code)
    raise InputError(
        f"{command} is one process, but {announcement.launcher} has started "
        f"{announcement.size}: start it without a launcher"
    )
