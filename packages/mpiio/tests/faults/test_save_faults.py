"""A save that fails ends the job: one message, the old file as it was, no temporary."""

import os
import shutil
import subprocess
import time

import numpy as np
import pytest

MOUNT = 'mount -t tmpfs -o size=2m none "$1" && cp "$2" "$1" && shift 2'
KEEP = 'folder=$1; after=$2; shift 2; "$@"; code=$?; cp -a "$folder/." "$after"; exit $code'
NEW_BYTES = 4 * 2**20
LONGEST_EXIT = 30
"""Seconds from the fault to the end of the job, with room for a busy machine."""


def refused(job, code, kind, words):
    """Run a job; check that each raised this error, and that it was said once."""
    done = job.run()
    ended = time.time()
    assert not done.timed_out
    assert done.returncode == code, done.stderr
    faults = [file.stat().st_mtime for file in job.notes.glob("*.outcome")]
    assert ended - min(faults) < LONGEST_EXIT
    outcomes = job.outcomes()
    assert len(outcomes) == job.ranks
    assert len(set(outcomes)) == 1, outcomes
    assert outcomes[0].startswith(f"{kind}: "), outcomes
    assert words in outcomes[0]
    assert done.stderr.count("error: ") == 1, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.leftovers
    return done


@pytest.fixture
def unharmed(folder):
    """At the end the old file is as it was, and alone in its folder."""
    old = (folder / "u.npy").read_bytes()
    yield folder
    assert (folder / "u.npy").read_bytes() == old
    assert [path.name for path in folder.iterdir()] == ["u.npy"]


def test_a_save_without_a_fault(make_job, folder):
    job = make_job(folder / "u.npy", "--value", 2, "--rows", 512)
    done = job.run()
    assert done.returncode == 0, done.stderr
    assert job.outcomes() == ["saved"] * 2
    assert np.array_equal(np.load(folder / "u.npy"), np.full((512, 1024), 2.0))
    assert [path.name for path in folder.iterdir()] == ["u.npy"]


def test_no_space_that_a_limit_on_file_sizes_stands_in_for(make_job, unharmed):
    job = make_job(unharmed / "u.npy", "--rows", NEW_BYTES // 8192, "--limit", 2**20)
    refused(job, 1, "FileError", "u.npy: ")


def can_mount():
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


if can_mount():  # as root only; the test above stands in for it elsewhere

    @pytest.mark.parametrize(
        ("insist", "expected"),
        [
            ([], (2, "InputError", "needs 0.00391 GiB, and ")),
            (["--insist"], (1, "FileError", "check free space and quota")),
        ],
        ids=["by the numbers", "insisting"],
    )
    def test_no_space_on_a_full_file_system(make_job, folder, tmp_path, insist, expected):
        old, after, disk = folder / "u.npy", tmp_path / "after", tmp_path / "disk"
        after.mkdir()
        disk.mkdir()
        script = f"{MOUNT} && {KEEP}"
        places = [disk, old, disk, after]
        wrap = ["unshare", "-m", "sh", "-c", script, "sh", *map(str, places)]
        job = make_job(disk / "u.npy", "--rows", NEW_BYTES // 8192, *insist, wrap=wrap)
        refused(job, *expected)
        assert [path.name for path in after.iterdir()] == ["u.npy"]
        assert (after / "u.npy").read_bytes() == old.read_bytes()


def test_no_permission(make_job, unharmed):
    unharmed.chmod(0o555)
    # Root without this capability is as any other user before a folder.
    wrap = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    job = make_job(unharmed / "u.npy", wrap=wrap)
    refused(job, 2, "InputError", "you may not write to the folder")
    unharmed.chmod(0o755)


def test_existing_file(make_job, unharmed):
    job = make_job(unharmed / "u.npy", "--keep")
    refused(job, 2, "InputError", "u.npy exists: pass overwrite=True")


def test_block_of_wrong_shape_on_one_rank(make_job, unharmed):
    job = make_job(unharmed / "u.npy", "--wrong-block")
    refused(job, 2, "InputError", "rank 1 gave a block of shape")


def test_link_that_was_planted_at_the_name_of_the_temporary(make_job, folder, tmp_path):
    old = (folder / "u.npy").read_bytes()
    victim, planted = tmp_path / "victim", folder / "planted.tmp"
    victim.write_text("of value")
    planted.symlink_to(victim)
    job = make_job(folder / "u.npy", "--temporary", planted.name)
    refused(job, 1, "FileError", "File exists")
    assert victim.read_text() == "of value"
    assert planted.is_symlink()  # not ours to remove
    assert (folder / "u.npy").read_bytes() == old
