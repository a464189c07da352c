"""Open a .npy file once, to read any blocks of it on all ranks together."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.errors import HpcpyError
from hpcpy_mpiio.check import check_together
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.header import Header, check_size, read_header
from hpcpy_mpiio.hints import check_hints, reliable_hints
from hpcpy_mpiio.open_together import close_quietly, open_together
from hpcpy_mpiio.opened_field import CURE, Field
from hpcpy_mpiio.replacement import StrOrBytesPath, as_path

__all__ = ["open_field"]


@contextmanager
def open_field(
    path: StrOrBytesPath, comm: MPI.Intracomm, *, hints: Mapping[str, str] | None = None
) -> Iterator[Field]:
    """Open a .npy file for reading, until the `with` block ends. Collective over comm.

    The header is read and checked once. The file may come from `numpy.save`, or from
    `hpcpy_mpiio.save` on any number of ranks.

    Parameters
    ----------
    path
        Rank 0's counts.
    comm
        All of its ranks must call, and must leave the `with` block together.
    hints
        For MPI_File_open and the file view, the same on every rank. They win over
        those that `hpcpy_mpiio.hints.reliable_hints` sets.

    Yields
    ------
    Field
        Its `read` and `read_block` are collective.

    Raises
    ------
    InputError
        The same on every rank: no such file, or wrong hints on any of them.
    FileError
        The same on every rank: not a .npy file, one of Python objects, truncated,
        too long, or a step that failed on any rank.
    """
    check_together(lambda: {"hints": check_hints(hints)}, comm)
    start = perf_counter()
    found: tuple[Path, Header] | None = None
    with reliable_hints(hints) as info:
        with on_root(comm) as is_root:
            if is_root:
                # The ranks may be in different folders; and ROMIO takes "ufs:" in front as its own.
                file_path = as_path(path).absolute()
                found = file_path, read_header(file_path)
                check_size(*found)
        absolute, header = comm.bcast(found, root=0)
        file = open_together(str(absolute), MPI.MODE_RDONLY, info, comm)
        field = Field(path=absolute, header=header, file=file, info=info, comm=comm)
        try:
            field.count(0, perf_counter() - start)
            yield field
        except HpcpyError as error:
            if error.agreed:
                close_quietly(file)
            raise  # one rank's own error ends the job: the others will not come to close the file
        with agreed(comm), failing(f"close {absolute}", CURE):
            file.Close()
