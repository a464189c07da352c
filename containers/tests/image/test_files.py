"""The image cannot be changed; the folders that are bound can."""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hpcpy_testing.run_job import run_job

SIDE = 37
NOBODY = 65534


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "in.npy", np.random.default_rng(1).random((SIDE, SIDE)))
    return tmp_path


def test_a_file_from_outside_is_read_and_one_is_written_back(image, mpiexec, programs, folder):
    options = ["--bind", f"{folder}:/data", "--pwd", "/data", *programs]
    argv = ["python", "/programs/double_file.py", "in.npy", "out.npy", str(SIDE)]
    done = mpiexec.launch(
        4, image.command(*argv, options=options), env=image.launched_environment()
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(folder / "out.npy"), 2 * np.load(folder / "in.npy"))


def test_a_run_inside_writes_into_the_folder_that_is_bound(image, folder):
    argv = ["hpcpy-diffusion", "run", "--set", "runtime=0.1"]
    options = ["--bind", f"{folder}:/data", "--pwd", "/data"]
    done = image.run("mpirun", "-n", "4", *argv, "--output", "run", options=options)
    assert done.returncode == 0, done.stderr
    assert np.isfinite(np.load(folder / "run" / "field.npy")).all()


def test_the_image_is_read_only(image):
    done = image.run("touch", "/opt/hpcpy/new")
    assert done.returncode != 0
    assert "Read-only file system" in done.stderr


def test_a_folder_that_is_bound_to_read_only_is_not_written(image, folder):
    options = ["--bind", f"{folder}:/data:ro", "--pwd", "/data"]
    argv = ["hpcpy-diffusion", "run", "--output", "run"]
    done = image.run("mpirun", "-n", "2", *argv, options=options)
    assert done.returncode != 0
    assert "Read-only file system" in done.stderr
    assert done.stderr.count("error: ") == 1, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["in.npy"]


@pytest.fixture
def home(open_folder):
    with tempfile.TemporaryDirectory(dir=open_folder) as folder:
        os.chown(folder, NOBODY, NOBODY)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs all of these tests already")
def test_an_ordinary_user_runs_it_and_owns_what_it_writes(image, programs, home, open_folder):
    seen = image
    if image.path.is_file():
        seen = replace(image, path=Path(shutil.copy(image.path, open_folder)))
        seen.path.chmod(0o644)
    np.save(home / "in.npy", np.ones((SIDE, SIDE)))
    argv = ["python", "/programs/double_file.py", "in.npy", "out.npy", str(SIDE)]
    options = ["--home", str(home), "--pwd", str(home), *programs]
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    command = seen.command("mpirun", "-n", "4", *argv, options=options)
    done = run_job(
        ["timeout", "-k", "10", "60", *user, *command],
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(home / "out.npy"), np.full((SIDE, SIDE), 2.0))
    assert (home / "out.npy").stat().st_uid == NOBODY
