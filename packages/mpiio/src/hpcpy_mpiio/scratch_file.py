"""A file that lives as long as a `with` block, where every rank sees it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.errors import FileError
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.open_together import try_folder
from hpcpy_mpiio.scratch_folder import scratch_folder

__all__ = ["closing", "scratch_file"]

ROOM = 1 << 20
CURE = "start the job in a folder that every node sees, with free space that you may use"


@contextmanager
def scratch_file(comm: MPI.Intracomm) -> Iterator[str]:
    """Give the path of a file to make, and remove it in the end. Collective over comm.

    It is in a new folder of its own, in rank 0's current directory: that is where jobs
    of several nodes are started, on a file system that all of them see, while /tmp is
    another one on each node. The folder is removed with all that is in it, also after
    an error, and if the job is killed.

    Parameters
    ----------
    comm
        All of its ranks get the same path. What is raised inside the `with` block need
        not be agreed, but no rank may leave it while others wait for it there.

    Raises
    ------
    FileError
        The same on every rank: the folder cannot be made or has no room for 1 MiB, some
        rank does not see it, or the system or MPI failed inside the block on any rank.
    """
    with ExitStack() as stack:
        made: Path | None = None
        with on_root(comm) as is_root, failing("make a folder for scratch files", CURE):
            if is_root:
                made = stack.enter_context(scratch_folder(Path.cwd()))
                _find_room(made / "room")
        folder: Path = comm.bcast(made, root=0)
        with agreed(comm):
            here = f"rank {comm.rank} on {socket.gethostname()}"
            with failing(f"use {folder} on {here}", CURE):
                seen = folder.is_dir()
            if not seen:
                raise FileError(f"{here} does not see {folder}: {CURE}")
        # A rank that cannot open a file would leave the others waiting in MPI_File_open.
        try_folder(folder, comm)
        path = str(folder / "data.bin")
        with agreed(comm), failing(f"use {path}", "check free space and quota"):
            yield path


def _find_room(path: Path) -> None:
    """Write a file and remove it. Local.

    On a full disk MPI may say nothing, hang or crash, depending on library and call.
    """
    with path.open("xb") as stream:  # never through a link that somebody planted
        stream.write(bytes(ROOM))
    path.unlink()


@contextmanager
def closing(file: MPI.File) -> Iterator[MPI.File]:
    """Close a file at the end of the block. Collective over the file's ranks.

    Also after an error, which then matters more than one from closing.
    """
    try:
        yield file
    except Exception:
        with suppress(MPI.Exception):
            file.Close()
        raise
    file.Close()
