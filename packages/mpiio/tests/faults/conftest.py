import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.run_job import run_job

PROGRAM = Path(__file__).with_name("programs") / "save_array.py"
SECONDS = 60
"""Far above what is seen, on a busy machine too."""


class SaveJob:
    """A job that saves an array of one value; it runs in the background once started."""

    def __init__(self, notes, ranks, argv, wrap=()):
        self.notes, self.ranks = notes, ranks
        self.argv, self.wrap = [sys.executable, str(PROGRAM), *argv], wrap
        notes.mkdir()

    def run(self):
        mpiexec = Mpiexec.find()
        command = mpiexec.command(self.ranks, [*self.argv, "--notes", str(self.notes)], SECONDS)
        environment = {**os.environ, **mpiexec.environment()}
        return run_job([*self.wrap, *command], env=environment, timeout=SECONDS)

    def wait_for_pause(self):
        """Return the process of every rank, once each waits between write and rename."""
        files = [self.notes / f"{rank}.pid" for rank in range(self.ranks)]
        end = time.monotonic() + SECONDS / 2
        while not all(file.exists() for file in files):
            assert time.monotonic() < end, f"{self.outcomes()} before the pause"
            time.sleep(0.01)
        return [int(file.read_text()) for file in files]

    def go(self):
        (self.notes / "go").touch()

    def outcomes(self):
        return [file.read_text() for file in sorted(self.notes.glob("*.outcome"))]


@pytest.fixture
def make_job(tmp_path, background):  # torn down before it, so that what waits can end
    """Make a job of the program save_array; its notes are not in the folder it saves to."""
    made = []

    def make(path, *argv, ranks=2, wrap=()):
        job = SaveJob(tmp_path / f"notes{len(made)}", ranks, [str(path), *map(str, argv)], wrap)
        made.append(job)
        return job

    yield make
    for job in made:  # a job that still waits must not hold up the test that has failed
        job.go()


@pytest.fixture
def background():
    """Run something in the background; `result` of what it returns waits for it."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit


@pytest.fixture
def folder(tmp_path):
    """The folder to save to, with an old file."""
    folder = tmp_path / "data"
    folder.mkdir()
    np.save(folder / "u.npy", np.full((8, 8), 7.0))
    return folder
