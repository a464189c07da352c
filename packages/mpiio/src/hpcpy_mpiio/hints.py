"""Hints for opening a file and setting its view: the caller's, and those that keep MPI honest."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mpi4py import MPI

from hpcpy_core.errors import InputError

__all__ = ["check_hints", "hints_in_force", "reliable_hints"]


def check_hints(hints: object) -> dict[str, str]:
    """Return hints as a dictionary, or refuse what MPI takes for none. Local.

    Raises
    ------
    InputError
        If it is no mapping of strings to strings, or MPI refuses it.
    """
    if hints is None:
        return {}
    if not isinstance(hints, Mapping) or not all(
        isinstance(part, str) for pair in hints.items() for part in pair
    ):
        raise InputError(
            f"hints {hints!r} are no mapping of strings to strings: give hints such as "
            '{"striping_factor": "8"}'
        )
    try:
        MPI.Info.Create(hints).Free()
    except MPI.Exception as error:
        raise InputError(
            f"MPI refuses the hints {dict(hints)!r}: give names of 1 to {MPI.MAX_INFO_KEY} "
            f"characters and values of up to {MPI.MAX_INFO_VAL}"
        ) from error
    return dict(hints)


@contextmanager
def reliable_hints(hints: Mapping[str, str] | None = None) -> Iterator[MPI.Info]:
    """Give the hints for opening a file and setting its view. Local.

    With collective buffering, Open MPI 5.0 on three or more ranks returns success
    and full counts on every rank from a Write_all that met a full disk, and can
    hang in the next collective call on the file. Without, the ranks whose part
    failed raise. Others ignore the hint or lose speed by it, so they do not get it.

    Parameters
    ----------
    hints
        The caller's own, which win.
    """
    reliable = {"collective_buffering": "false"} if MPI.get_vendor()[0] == "Open MPI" else {}
    info = MPI.Info.Create(reliable | dict(hints or {}))
    try:
        yield info
    finally:
        info.Free()


def hints_in_force(file: MPI.File) -> dict[str, str]:
    """Return the hints that MPI says it uses for an open file. Local."""
    info = file.Get_info()
    try:
        return dict(info.items())
    finally:
        info.Free()
