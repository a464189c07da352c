"""One launch: one test file, or one folder of them, on one number of ranks."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from hpcpy_core.masking import mask_text
from hpcpy_testing.launch_folder import LaunchFolder
from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.rank_watch import RankWatch
from hpcpy_testing.run_job import Completed, run_job
from hpcpy_testing.select_files import Selection
from hpcpy_testing.story import Story, read_story
from hpcpy_testing.verdict import Verdict, judge

__all__ = ["Launch", "launch_file"]

BACKSTOP = 5.0


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A launch that has ended, and what is known of it."""

    file: Path
    ranks: int
    folder: LaunchFolder
    completed: Completed
    stories: Sequence[Story]
    verdict: Verdict


def launch_file(
    mpiexec: Mpiexec,
    selection: Selection,
    ranks: int,
    *,
    folder: LaunchFolder,
    deadline: float,
    timeout: float,
    environment: Mapping[str, str] = MappingProxyType({}),
    options: Sequence[str] = (),
) -> Launch:
    """Run pytest on a file under mpiexec. Local: the caller is no rank of it.

    Parameters
    ----------
    mpiexec
        What starts the ranks.
    selection
        A test file, a folder of them, or some tests of a file.
    ranks
        How many.
    folder
        An empty folder for what the ranks leave.
    deadline
        Seconds for each test.
    timeout
        Seconds for the whole launch.
    environment
        Variables of the ranks, beside those of this process.
    options
        The user's, for pytest.
    """
    watch = RankWatch(folder, ranks, finalize=deadline)
    try:
        completed = run_job(
            mpiexec.command(ranks, _pytest(selection, folder, deadline, options), timeout),
            env={**os.environ, **mpiexec.environment(), **environment, **folder.environment()},
            timeout=timeout,
            lost=watch,
        )
    finally:
        watch.close()
    stories = [read_story(folder.journal(rank), rank) for rank in range(ranks)]
    _sweep(stories)
    said = completed.stdout + completed.stderr
    logs = [read_log(folder, rank) or said for rank in range(ranks)]
    verdict = judge(stories, completed, first_lost=watch.first_lost, logs=logs)
    return Launch(
        file=selection.path,
        ranks=ranks,
        folder=folder,
        completed=completed,
        stories=stories,
        verdict=verdict,
    )


def read_log(folder: LaunchFolder, rank: int) -> str:
    """Return what a rank printed, without credentials."""
    log = folder.log(rank)
    return mask_text(log.read_text(errors="replace")) if log.exists() else ""


def _pytest(
    selection: Selection, folder: LaunchFolder, deadline: float, given: Sequence[str]
) -> list[str]:
    # -m mpi4py: a rank that fails ends the job. -x: so does a test that fails, before the
    # next one waits for a rank that is elsewhere.
    options = ["--with-mpi", "-m", "mpi", "-x", "-p", "no:cacheprovider"]
    options += [f"--mpi-deadline={deadline:g}", f"--junitxml={folder.junit}"]
    if deadline > 0:
        # For a rank that holds the GIL, which keeps the deadline's thread from running.
        options += ["-o", f"faulthandler_timeout={deadline + BACKSTOP:g}"]
        options += ["-o", "faulthandler_exit_on_timeout=true"]
    return [sys.executable, "-m", "mpi4py", "-m", "pytest", *options, *given, *selection.arguments]


def _sweep(stories: Sequence[Story]) -> None:
    """Remove the shared memory that these very ranks had mapped and could not remove."""
    for name in {name for story in stories for name in story.shared_memory}:
        Path(name).unlink(missing_ok=True)
