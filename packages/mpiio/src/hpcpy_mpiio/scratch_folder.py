"""A folder that is gone in the end, whatever becomes of the process that made it. No MPI."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

__all__ = ["scratch_folder"]

REMOVE = 'cat; rm -rf -- "$1"'


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Make a folder in `parent`, and remove it with all that is in it. Local: one rank calls it.

    After Ctrl-C a launcher may kill its ranks while they wait in MPI, where no Python
    code runs any more. So a small process of its own session waits for the end of this
    one, however it comes, and removes the folder.
    """
    folder = Path(mkdtemp(prefix=".hpcpy-mpiio-", dir=parent)).absolute()
    with subprocess.Popen(
        ["sh", "-c", REMOVE, "sh", str(folder)],
        stdin=subprocess.PIPE,  # it ends when this process does
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a signal to the job's processes does not reach it
    ):
        yield folder
