"""A checkpoint that cannot be written: the same error on every rank, older ones as they were."""

import errno
import os
import resource
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from time import sleep

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.checkpoints import checksum_field as checksum_module
from hpcpy_mpiio.checkpoints import hold_place as hold_module
from hpcpy_mpiio.checkpoints import write_checkpoint as write_module
from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def older(comm, folder, make_array, divide):
    """A checkpoint that must survive; at the end it restores, and is alone in its folder."""
    decomposition, block = divide(make_array((64, 512)), comm)
    checkpoint = Checkpoint(folder, comm)
    checkpoint.write(1, 0.1, {"u": block}, decomposition)
    yield checkpoint, decomposition, block
    comm.Barrier()
    found = [path.name for path in folder.iterdir() if path.name != ".hpcpy-lock"]
    parallel_assert(comm, found == ["ckpt-000000001"], f"the folder holds {found}")
    restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, np.array_equal(restored.fields["u"], block), "the old one has changed")


def last(comm):
    return comm.rank == comm.size - 1


def test_what_cannot_work_on_one_rank(comm, older):
    checkpoint, decomposition, block = older
    for changes, words in (
        ({"step": -1}, "step = -1: must be a whole number"),
        ({"time": float("inf")}, "time = inf: must be a finite number"),
        ({"parameters": {"a": object()}}, "cannot hold these parameters"),
        ({"fields": {}}, "needs a field"),
        ({"fields": {"u": block[:-1]}}, rf"rank {comm.size - 1} gave a block of shape"),
        ({"fields": {"u": block.tolist()}}, rf"rank {comm.size - 1} gave a list"),
    ):
        given = {"step": 2, "time": 0.2, "fields": {"u": block}, "parameters": {}}
        given |= changes if last(comm) else {}
        with parallel_raises(comm, InputError, words):
            checkpoint.write(decomposition=decomposition, **given)


def test_a_field_name_that_leads_elsewhere(comm, older):
    checkpoint, decomposition, block = older
    for name in ("../x", "a/b", "/tmp/x", ".."):
        with parallel_raises(comm, InputError, "cannot name a file"):
            checkpoint.write(2, 0.2, {name: block}, decomposition)


def test_items_that_are_python_objects(comm, older):
    checkpoint, decomposition, block = older
    with parallel_raises(comm, InputError, "Python objects"):
        checkpoint.write(2, 0.2, {"u": block, "v": block.astype(object)}, decomposition)


@pytest.mark.parametrize(
    "changes", [{"step": 3}, {"time": 0.3}, {"parameters": {"a": 2}}, {"fields": "v"}]
)
def test_arguments_differ_on_one_rank(comm, folder, divide, changes):
    decomposition, block = divide(np.zeros((12, 4)), comm)
    given = {"step": 2, "time": 0.2, "fields": {"u": block}, "parameters": {"a": 1}}
    if changes == {"fields": "v"}:
        changes = {"fields": {"v": block}}
    if last(comm):
        given |= changes
    error = rf"rank {comm.size - 1} gave (step, time|fields)"
    # One rank cannot differ from itself.
    with parallel_raises(comm, InputError, error) if comm.size > 1 else nullcontext():
        Checkpoint(folder, comm).write(decomposition=decomposition, **given)
    count = len(list(folder.glob("ckpt-*")))
    parallel_assert(comm, count == (comm.size == 1), f"{count} generations")


def test_a_file_larger_than_the_system_allows(comm, older):
    """The system itself refuses, in the middle of the write, and not on every rank."""
    checkpoint, decomposition, block = older
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**17, before[1]))
    try:
        with parallel_raises(comm, FileError, r"u\.npy") as caught:
            checkpoint.write(2, 0.2, {"u": block}, decomposition)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")


def test_the_second_field_fails(comm, older, monkeypatch):
    checkpoint, decomposition, block = older
    real = write_module.save

    def save(path, *args, **options):
        real(path, *args, **options)
        if path.name == "v.npy":
            from hpcpy_core.agreement import raise_on_all

            raise_on_all(comm, FileError("full") if last(comm) else None)

    monkeypatch.setattr(write_module, "save", save)
    with parallel_raises(comm, FileError, "full"):
        checkpoint.write(2, 0.2, {"u": block, "v": block}, decomposition)


def test_one_rank_cannot_read_back(comm, older, monkeypatch):
    checkpoint, decomposition, block = older
    real = checksum_module.checksum_slabs

    def checksum(*args):
        if last(comm):
            raise FileError("cannot read it back")
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(checksum_module, "checksum_slabs", checksum)
        with parallel_raises(comm, FileError, "cannot read it back"):
            checkpoint.write(2, 0.2, {"u": block}, decomposition)


@pytest.mark.parametrize("call", ["write_metadata", "publish_generation"])
def test_rank_0_fails_at_the_end(comm, older, monkeypatch, call):
    checkpoint, decomposition, block = older

    def fail(*args):
        raise FileError("no space left")

    monkeypatch.setattr(write_module, call, fail)
    with parallel_raises(comm, FileError, "no space left"):
        checkpoint.write(2, 0.2, {"u": block}, decomposition)


def test_fsync_fails(comm, older, monkeypatch):
    checkpoint, decomposition, block = older

    def fail(descriptor):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with parallel_raises(comm, FileError, "quota"):
            checkpoint.write(2, 0.2, {"u": block}, decomposition)


def test_the_temporary_is_gone_when_any_rank_returns(comm, older, folder, monkeypatch):
    checkpoint, decomposition, block = older
    real = write_module.discard_generation

    def discard_slowly(temporary):
        sleep(0.2)
        real(temporary)

    def fail(*args):
        raise FileError("no space left")

    monkeypatch.setattr(write_module, "discard_generation", discard_slowly)
    monkeypatch.setattr(write_module, "write_metadata", fail)
    with pytest.raises(FileError):
        checkpoint.write(2, 0.2, {"u": block}, decomposition)
    left = [path.name for path in folder.iterdir() if path.name != ".hpcpy-lock"]
    parallel_assert(comm, left == ["ckpt-000000001"], f"still there: {left}")


HOLD = """
import sys
from pathlib import Path
from hpcpy_mpiio.checkpoints.hold_place import hold_place
hold_place(Path(sys.argv[1]))
print(flush=True)
input()
"""


def test_another_job_has_the_directory(comm, older, folder, monkeypatch):
    """From its first write to its end, also between two writes."""
    monkeypatch.setattr(hold_module, "PATIENCE", 0.1)
    checkpoint, decomposition, block = older
    checkpoint.close()
    holder = None
    if comm.rank == 0:
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        command = [sys.executable, "-c", HOLD, str(folder)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        holder = subprocess.Popen(command, env=environment, **pipes)
        holder.stdout.readline()
    comm.Barrier()
    for call in (
        lambda: checkpoint.write(2, 0.2, {"u": block}, decomposition),
        checkpoint.prepare,
        checkpoint.clear,
    ):
        with parallel_raises(comm, FileError, "is in use by process") as caught:
            call()
        parallel_assert(comm, caught.error.exit_code == 2, "another exit code")
    if holder is not None:
        holder.kill()
        holder.communicate()
    comm.Barrier()
    checkpoint.prepare()


def test_a_decomposition_for_another_number_of_ranks(comm, older, divide):
    checkpoint, _, _ = older
    decomposition, block = divide(np.zeros((3, 3)), MPI.COMM_SELF, (1, 1))
    wrong = type(decomposition)(shape=(3, 3), dims=(comm.size + 1, 1))
    for call in (
        lambda: checkpoint.write(2, 0.2, {"u": block}, wrong),
        lambda: checkpoint.restore({"u": "<f8"}, wrong),
    ):
        with parallel_raises(comm, InputError, rf"over {comm.size + 1} ranks"):
            call()


@pytest.mark.parametrize("keep", [0, -1])
def test_keeping_nothing(comm, keep):
    with parallel_raises(comm, InputError, "keep at least 1"):
        Checkpoint(Path(), comm, keep)


@pytest.mark.parametrize("path", ["file/below", "/proc/checkpoints"])
def test_a_directory_that_cannot_be_made(comm, folder, divide, path):
    decomposition, block = divide(np.zeros((3, 3)), comm)
    if comm.rank == 0:
        (folder / "file").touch()
    checkpoint = Checkpoint(folder / path, comm)
    with parallel_raises(comm, InputError, "cannot be written: "):
        checkpoint.prepare()
    with parallel_raises(comm, FileError, "cannot write checkpoints to"):
        checkpoint.write(1, 0.1, {"u": block}, decomposition)
