"""The newest valid checkpoint is found, and what was skipped is said."""

import json
import shutil

import numpy as np
import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

OLD, NEW = "ckpt-000000010", "ckpt-000000020"


@pytest.fixture
def two(comm, folder, make_array, divide):
    """A checkpoint of step 10 and one of step 20 in one folder, and this rank's blocks."""
    decomposition, block = divide(make_array((11, 7)), comm)
    checkpoint = Checkpoint(folder, comm)
    for step in (10, 20):
        checkpoint.write(
            step, 0.1 * step, {"u": step * block}, decomposition, parameters={"dx": 0.5, "D": 1.0}
        )
    return checkpoint, decomposition, block


def flip(path):
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-8])


def edit(path):
    """Change a number, as an editor does, in a file that stays JSON."""
    content = json.loads(path.read_text())
    content["time"] = 99.0
    path.write_text(json.dumps(content))


def put_link(path):
    path.unlink()
    path.symlink_to("/dev/zero")


FAULTS = {
    "bit flip": ("u.npy", flip, r"^u\.npy is damaged in slab 0 \(rows 0 to 10\): its checksum"),
    "truncated": ("u.npy", truncate, r"u\.npy is truncated: it has"),
    "missing": ("u.npy", lambda path: path.unlink(), r"u\.npy does not exist"),
    "device": ("u.npy", put_link, r"u\.npy is not a regular file"),
    "no metadata": ("metadata.json", lambda path: path.unlink(), "cannot be read: No such file"),
    "half": ("metadata.json", lambda path: path.write_bytes(path.read_bytes()[:99]), "is damaged"),
    "edited": ("metadata.json", edit, "it has changed since it was written"),
    "empty": ("", lambda path: (shutil.rmtree(path), path.mkdir()), "cannot be read: No such"),
    "a file": ("", lambda path: (shutil.rmtree(path), path.touch()), "cannot be read: Not a dir"),
}


def do(comm, folder, name, fault):
    file, change, words = FAULTS[fault]
    if comm.rank == 0:
        change(folder / name / file)
    comm.Barrier()
    return words


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_falls_back_one_generation_and_is_named(comm, folder, two, fault):
    checkpoint, decomposition, block = two
    words = do(comm, folder, NEW, fault)
    restored = checkpoint.restore({"u": "<f8"}, decomposition, parameters={"dx": 0.5})
    parallel_assert(comm, (restored.step, restored.time) == (10, 1.0), f"{restored}")
    parallel_assert(comm, np.array_equal(restored.fields["u"], 10 * block), "another field")
    ((name, reason),) = restored.skipped
    parallel_assert(comm, name == NEW, name)
    with parallel_raises(comm, FileError, words):
        raise FileError(reason)


def test_all_generations_bad_stops_and_names_each(comm, folder, two):
    checkpoint, decomposition, _ = two
    do(comm, folder, OLD, "no metadata")
    do(comm, folder, NEW, "bit flip")
    words = rf"no checkpoint in .* is valid \({NEW}: u\.npy is damaged .*; {OLD}: metadata\.json"
    with parallel_raises(comm, FileError, words) as caught:
        checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")


@pytest.mark.parametrize("name", ["", "missing"])
def test_no_checkpoint_at_all_is_bad_input(comm, folder, divide, name):
    decomposition, _ = divide(np.zeros((5, 4)), comm)
    with parallel_raises(comm, InputError, "there is no checkpoint in"):
        Checkpoint(folder / name, comm).restore({"u": "<f8"}, decomposition)


def test_another_parameter_is_named_with_both_values(comm, two):
    checkpoint, decomposition, _ = two
    for parameters, words in (
        ({"dx": 0.25}, r"^dx = 0\.25, but .*ckpt-000000020 is of a run with dx = 0\.5: give"),
        ({"dx": 0.5, "D": 2.0}, r"^D = 2\.0, but .* with D = 1\.0"),
        ({"dx": "0.5"}, r"^dx = 0\.5, but"),
        ({"fourier": 0.25}, "says nothing of fourier"),
    ):
        with parallel_raises(comm, InputError, words):
            checkpoint.restore({"u": "<f8"}, decomposition, parameters=parameters)


def test_another_field_dtype_or_shape_is_refused(comm, two, divide):
    checkpoint, decomposition, _ = two
    for dtypes, words in (
        ({"u": "<f4"}, "holds u of dtype <f8, but float32 was asked for"),
        ({"u": ">f8"}, "holds u of dtype <f8, but >f8 was asked for"),
        ({"v": "<f8"}, "has no field v: it has u"),
    ):
        with parallel_raises(comm, InputError, words):
            checkpoint.restore(dtypes, decomposition)
    decomposition, _ = divide(np.zeros((7, 11)), comm)
    with parallel_raises(comm, InputError, r"holds u of shape \(11, 7\), but .* \(7, 11\)"):
        checkpoint.restore({"u": "<f8"}, decomposition)


def test_the_displaced_one_counts_while_there_is_no_other(comm, folder, two):
    """What a job leaves that is killed while it replaces a checkpoint of the same step."""
    checkpoint, decomposition, block = two
    if comm.rank == 0:
        (folder / NEW).rename(folder / f"{NEW}.old")
        (folder / f"{NEW}.tmp").mkdir()
    restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, (restored.step, restored.skipped) == (20, ()), f"{restored}")
    checkpoint.write(30, 3.0, {"u": block}, decomposition)
    names = [path.name for path in checkpoint.generations()]
    parallel_assert(comm, names == ["ckpt-000000030", NEW], f"{names}")
