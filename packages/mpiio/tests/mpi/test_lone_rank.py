"""One rank that cannot open a file: an error on all ranks, and nobody waits for anybody."""

import ctypes
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest

from hpcpy_core.errors import FileError, HpcpyError
from hpcpy_mpiio.benchmark.layouts import make_layout
from hpcpy_mpiio.benchmark.transfer import transfer_file
from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
from hpcpy_mpiio.load_npy import load
from hpcpy_mpiio.save_npy import save
from hpcpy_mpiio.scratch_file import scratch_file
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

CLONE_NEWNS = 0x20000
NOBODY = 65534
SETRESUID = {"x86_64": 117, "aarch64": 147}


@contextmanager
def no_descriptors(folder, left):
    """Leave this process only so many more descriptors."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def no_rights(folder):
    """Be another user in this thread, and in no other; only root can."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.syscall(SETRESUID[platform.machine()], -1, NOBODY, -1) == 0
    try:
        yield
    finally:
        assert libc.syscall(SETRESUID[platform.machine()], -1, 0, -1) == 0


@contextmanager
def not_mounted(folder):
    """See an empty folder, as on a node that does not mount it; only root can."""
    libc = ctypes.CDLL(None, use_errno=True)
    own = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY)
    private = 0x4000 | 0x40000  # recursively
    assert libc.unshare(CLONE_NEWNS) == 0
    assert libc.mount(b"none", b"/", None, private, None) == 0
    assert libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, None) == 0
    try:
        yield
    finally:
        assert libc.setns(own, CLONE_NEWNS) == 0
        os.close(own)


def works(*command):
    """Say whether a command may do here what it tries."""
    found = shutil.which(command[0])
    return bool(found) and subprocess.run(command, capture_output=True, check=False).returncode == 0


FAULTS = {
    "no descriptor": lambda folder: no_descriptors(folder, 0),
    "3 descriptors": lambda folder: no_descriptors(folder, 3),
}
# Root of a container may have neither another user nor a mount of its own.
if platform.machine() in SETRESUID and works(
    sys.executable, "-c", f"import os; os.setresuid(-1, {NOBODY}, -1)"
):
    FAULTS["no rights"] = no_rights
if works("unshare", "-m", "mount", "-t", "tmpfs", "none", tempfile.gettempdir()):
    FAULTS["not mounted"] = not_mounted


def save_new(comm, folder, decomposition, block):
    save(folder / "v.npy", block, decomposition, comm)


def load_old(comm, folder, decomposition, block):
    load(folder / "u.npy", decomposition, comm)


def write_checkpoint(comm, folder, decomposition, block):
    Checkpoint(folder / "c", comm).write(2, 0.2, {"u": block}, decomposition)


def restore_checkpoint(comm, folder, decomposition, block):
    Checkpoint(folder / "c", comm).restore({"u": block.dtype}, decomposition)


def use_scratch(comm, folder, decomposition, block):
    with scratch_file(comm):
        pass


def transfer(comm, folder, decomposition, block):
    layout = make_layout("contiguous", 64, 1, (comm.size, 1), comm.size)
    buffer = np.zeros(8, np.uint64)
    transfer_file(
        *("write", folder / "bench", buffer, layout, comm.rank, comm),
        **{"api": "collective", "transfer": 64, "hints": {}},
    )


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "call",
    [save_new, load_old, write_checkpoint, restore_checkpoint, use_scratch, transfer],
    ids=lambda call: call.__name__,
)
def test_the_last_rank_cannot_open_it(comm, folder, make_array, divide, monkeypatch, call, fault):
    if comm.size == 1:
        return  # what one rank meets alone is another test's
    decomposition, block = divide(make_array((16, 8)), comm)
    save(folder / "u.npy", block, decomposition, comm)
    Checkpoint(folder / "c", comm).write(1, 0.1, {"u": block}, decomposition)
    monkeypatch.chdir(folder)
    if comm.rank == 0:
        folder.chmod(0o700)
    comm.Barrier()
    lone = FAULTS[fault](folder) if comm.rank == comm.size - 1 else nullcontext()
    with parallel_raises(comm, HpcpyError, ".") as caught, lone:
        call(comm, folder, decomposition, block)
    parallel_assert(comm, isinstance(caught.error, FileError), f"{caught.error!r}")
    parallel_assert(comm, caught.error.agreed, "not agreed")
    comm.Barrier()
    left = sorted(path.name for path in folder.iterdir())
    parallel_assert(comm, left == ["c", "u.npy"], f"{left}")
    loaded = load(folder / "u.npy", decomposition, comm)
    parallel_assert(comm, np.array_equal(loaded, block), "the old file has changed")
    restored = Checkpoint(folder / "c", comm).restore({"u": block.dtype}, decomposition)
    parallel_assert(comm, restored.step == 1, "another checkpoint")
