"""Whether ranks can write a file together in the working directory, and what is then in it."""

import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.probing.run_probe import Outcome, run_probe
from hpcpy_doctor.probing.try_in_job import NOT_TRIED, try_in_job
from hpcpy_doctor.probing.write_together import expected
from hpcpy_doctor.scratch import scratch_folder

__all__ = ["CHECK", "try_files"]

SECONDS = 10.0
"""Of a job that takes less than one; a file system of a cluster may be busy."""

RANKS = 2

NO_FOLDER = Kind(
    id="mpi-files-no-folder",
    level="warning",
    title="Nothing can be written in the working directory",
    cause="The file system is mounted for reading only, the folder is another user's, is full, or "
    "was removed.",
    cure="cd {folder}",
    text="A parallel program writes where it was started, unless it is told otherwise: results, "
    "checkpoints and core files. Start it in a folder that you may write, on clusters in the "
    "scratch file system. Inside a container the working directory is one of the host's only "
    "if it is bound into it (`--bind $PWD`).",
)
FAILS = Kind(
    id="mpi-files-fail",
    level="error",
    title="MPI cannot write a file together in the working directory",
    cause="MPI-IO refused a step that plain writing does: no room on the file system, or no locks.",
    cure="cd {folder}",
    text="Two ranks wrote 64 KiB with MPI_File_write_at_all and read it back. A collective call "
    "can fail on one rank only, so the words are those of the rank that failed first. On NFS "
    "MPI-IO needs locks (mount it without `nolock`); on a full disk or over a quota it says "
    "`No space left on device` or only `other I/O error`: `df -h .` and `quota` tell.",
)
HANGS = Kind(
    id="mpi-files-hang",
    level="error",
    title="Writing a file together does not end",
    cause="A rank waits for a lock on the file, or for a file system that does not answer.",
    cure="cd {folder}",
    text="MPI-IO locks files on NFS, and a lock server that does not run lets it wait for ever. "
    "Try another file system, and tell the administrators which one hangs.",
)
WRONG = Kind(
    id="mpi-files-wrong",
    level="error",
    title="A file that ranks wrote together holds something else",
    cause="MPI-IO reported success, but what a plain program reads afterwards is not what was "
    "written.",
    cure="cd {folder}",
    text="Each rank writes blocks of 8 KiB in turn with the others. File systems that cache on "
    "each node lose such neighbours if MPI-IO does not lock; Open MPI's ompio ends some failed "
    "writes with success. `hpcpy_mpiio.save(..., verify=True)` reads back what it wrote.",
)


def try_files(
    facts: tuple[Facts, ...], *, run: Callable[..., Outcome] = run_probe
) -> Iterator[Finding]:
    """Write a small file by two ranks, read it without MPI, and remove it. Local.

    Parameters
    ----------
    facts
        The first is of this process.
    run
        Runs the probe.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(scratch_folder(Path.cwd()))
        except OSError as error:
            where = facts[0].folder or "the working directory"
            yield NO_FOLDER.found(f"{where}: {error.strerror}", folder="$HOME")
        else:
            yield _write_and_compare(facts[0], folder / "blocks", run)


def _write_and_compare(own: Facts, path: Path, run: Callable[..., Outcome]) -> Finding:
    """Return what came of it, as MPI says and as the file says."""
    elsewhere = shlex.quote(tempfile.gettempdir())
    job = partial(run, RANKS, ("file",), SECONDS, arguments=("--file", str(path)))
    tried = try_in_job("writing a file together", own, job)
    if isinstance(tried, Finding):
        return tried
    if tried.stopped_in:
        kind = HANGS if tried.hung else FAILS
        kind = WRONG if (tried.failed or "").startswith("WrongValuesError") else kind
        return kind.found(f"{path.parent.parent}: {tried.words}", folder=elsewhere)
    wanted = expected(RANKS)
    try:
        content = path.read_bytes()
    except OSError as error:
        content, end = b"", f", since {error.strerror}"
    else:
        end = ""
    if content != wanted:
        pairs = enumerate(zip(content, wanted, strict=False))
        shorter = min(len(content), len(wanted))
        right = next((at for at, (got, byte) in pairs if got != byte), shorter)
        seen = f"{path.parent.parent}: {len(wanted)} B were written, {len(content)} B are there"
        return WRONG.found(f"{seen}, of which the first {right} are right{end}", folder=elsewhere)
    seconds = tried.told[0].done["file"]["seconds"]
    seen = f"2 ranks wrote {len(wanted) // 1024} KiB in {path.parent.parent} and read them back"
    return Finding.ok(f"{seen} in {seconds:.2f} s")


CHECK = Check(
    name="mpi_files",
    title="MPI-IO",
    scope="active",
    kinds=(NO_FOLDER, FAILS, HANGS, WRONG, NOT_TRIED),
    run=try_files,
    seconds=SECONDS,
)
