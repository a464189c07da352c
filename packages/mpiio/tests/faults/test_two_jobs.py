"""Two jobs that write one path: the last rename wins, and the file is never of both."""

import os
import signal

import numpy as np
import pytest


def value_of(path):
    """Return the value of which the whole array is."""
    array = np.load(path)
    assert array.size
    assert (array == array.flat[0]).all()
    return array.flat[0]


@pytest.mark.parametrize("turn", range(2))
def test_two_jobs_that_race(make_job, background, folder, turn):
    jobs = [make_job(folder / "u.npy", "--value", v, "--pause") for v in (1, 2)]
    running = [background(job.run) for job in jobs]
    for job in jobs:
        job.wait_for_pause()
    for job in jobs[:: (1, -1)[turn]]:
        job.go()
    for done in running:
        assert done.result().returncode == 0, done.result().stderr
    assert value_of(folder / "u.npy") in (1, 2)
    assert [path.name for path in folder.iterdir()] == ["u.npy"]


def test_the_last_rename_wins(make_job, background, folder):
    first, second = (
        make_job(folder / "u.npy", "--value", v, "--rows", rows, "--pause")
        for v, rows in ((1, 512), (2, 8))
    )
    running = {job: background(job.run) for job in (first, second)}
    for job in running:
        job.wait_for_pause()
    for job, value in ((second, 2), (first, 1)):
        job.go()
        assert running[job].result().returncode == 0, running[job].result().stderr
        assert value_of(folder / "u.npy") == value
    assert [path.name for path in folder.iterdir()] == ["u.npy"]


def test_the_temporary_of_a_stopped_job_is_not_swept(make_job, background, folder):
    slow = make_job(folder / "slow.npy", "--value", 1, "--pause")
    running = background(slow.run)
    processes = slow.wait_for_pause()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        (temporary,) = folder.glob(".slow.npy.*")
        done = make_job(folder / "u.npy", "--value", 2).run()
        assert done.returncode == 0, done.stderr
        assert temporary.exists()
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
    slow.go()
    assert running.result().returncode == 0, running.result().stderr
    assert value_of(folder / "slow.npy") == 1
    assert sorted(path.name for path in folder.iterdir()) == ["slow.npy", "u.npy"]
