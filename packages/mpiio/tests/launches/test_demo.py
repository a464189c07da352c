"""The examples from the command line."""

import sys

import pytest

from hpcpy_mpiio.examples import TOPICS
from hpcpy_testing.mpiexec import Mpiexec

EXAMPLES = [example for examples in TOPICS.values() for example in examples]
DEMO = [sys.executable, "-m", "hpcpy_mpiio", "demo"]


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_all_run_in_teaching_order_are_right_and_leave_nothing(mpiexec, tmp_path):
    done = mpiexec.launch(3, [*DEMO, "all"], timeout=180)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    titles = [f"{example.name}: {example.summary}" for example in EXAMPLES]
    assert [line for line in lines if not line.startswith("  ") and line != "ok"] == titles
    assert lines.count("ok") == len(EXAMPLES)
    assert not list(tmp_path.iterdir())


def test_hints_tell_what_came_into_force(mpiexec):
    done = mpiexec.launch(2, [*DEMO, "hints"])
    assert done.returncode == 0, done.stderr
    assert "rank 0: cb_buffer_size: wished 1048576, in force 1048576" in done.stdout
    assert "rank 0: no_such_hint: wished 1, in force unknown" in done.stdout
    known = {"mpich": "romio_cb_write: wished disable, in force disable"}
    assert known.get(mpiexec.vendor, "collective_buffering: wished false, in force false") in (
        done.stdout
    )


def test_list_needs_no_launcher_and_names_every_example(mpiexec):
    done = mpiexec.launch(1, [*DEMO, "--list"])
    assert done.returncode == 0, done.stderr
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert listed == [example.name for example in EXAMPLES]


SMALL_DISK = """
import resource
import sys

from hpcpy_core.launch import import_mpi
from hpcpy_mpiio.__main__ import main

import_mpi()  # it needs shared memory, which the limit holds for as well
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, resource.RLIM_INFINITY))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("name", ["contiguous", "shared_pointer", "atomic_mode"])
def test_no_room_is_said_once_before_mpi_writes(mpiexec, tmp_path, name):
    script = tmp_path / "small_disk.py"
    script.write_text(SMALL_DISK)
    done = mpiexec.launch(3, [sys.executable, str(script), "demo", name])
    assert done.returncode == 1
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "cannot make a folder for scratch files: [Errno 27] File too large" in error
    assert "start the job in a folder that every node sees" in error
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["small_disk.py"]


SPOILED = """
import sys

from hpcpy_core.launch import import_mpi
from hpcpy_mpiio.__main__ import main

import_mpi()
from mpi4py import MPI

from hpcpy_mpiio.examples import contiguous as module


class Spoiled(MPI.File):
    def Write_at_all(self, offset, buffer):
        super().Write_at_all(offset, buffer + 1)


class SpoiledMPI:
    File = Spoiled

    def __getattr__(self, name):
        return getattr(MPI, name)


module.MPI = SpoiledMPI()
sys.exit(main(sys.argv[1:]))
"""


def test_a_wrong_file_names_example_ranks_expected_and_got(mpiexec, tmp_path):
    script = tmp_path / "spoiled.py"
    script.write_text(SPOILED)
    done = mpiexec.launch(2, [sys.executable, str(script), "demo", "contiguous"])
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "wrong"
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert error.startswith(
        "error: contiguous gave a wrong answer on ranks 0, 1 of 2: "
        "rank 0 expected [0, 1, 2, 3, 10, 11, 12, 13], got [1, 2, 3, 4, 11, 12, 13, 14]; "
    )
    assert "Traceback" not in done.stderr
