"""SIGKILL in the middle of a save: the old file is as it was, and the next job cleans up."""

import os
import signal

import numpy as np
import pytest


@pytest.mark.parametrize("killed", [slice(1, 2), slice(None)], ids=["one rank", "all ranks"])
def test_killed_ranks(make_job, background, folder, killed):
    old = (folder / "u.npy").read_bytes()
    job = make_job(folder / "u.npy", "--pause")
    running = background(job.run)
    for process in job.wait_for_pause()[killed]:
        os.kill(process, signal.SIGKILL)
    done = running.result()
    assert not done.timed_out
    assert done.returncode != 0
    assert "saved" not in job.outcomes()
    assert (folder / "u.npy").read_bytes() == old
    assert len(list(folder.glob(".u.npy.*.tmp"))) == 1

    next_job = make_job(folder / "u.npy", "--value", 2)
    done = next_job.run()
    assert done.returncode == 0, done.stderr
    assert np.array_equal(np.load(folder / "u.npy"), np.full((64, 1024), 2.0))
    assert [path.name for path in folder.iterdir()] == ["u.npy"]
