import subprocess
import sys

import pytest

from hpcpy_core.errors import FileError
from hpcpy_core.files.hold import hold_directory
from hpcpy_mpiio.checkpoints import hold_place as module
from hpcpy_mpiio.checkpoints.hold_place import hold_place, release_place

HOLD = """
import sys
from pathlib import Path
from hpcpy_mpiio.checkpoints.hold_place import hold_place
hold_place(Path(sys.argv[1]))
print(flush=True)
input()
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_another_job_is_refused_for_as_long_as_the_first_lives(tmp_path, holder):
    with pytest.raises(FileError, match=f"in use by process {holder.pid} on .*, since ") as caught:
        hold_place(tmp_path)
    assert caught.value.exit_code == 2
    holder.communicate(b"\n")
    hold_place(tmp_path)
    release_place(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_does_not_hold_it(tmp_path, holder):
    holder.kill()
    hold_place(tmp_path)  # it need not be gone yet
    release_place(tmp_path)


def test_this_process_may_hold_it_twice(tmp_path):
    hold_place(tmp_path)
    hold_place(tmp_path / ".")
    release_place(tmp_path)
    release_place(tmp_path)
    with hold_directory(tmp_path):  # by another part of this process
        hold_place(tmp_path)
        release_place(tmp_path)
        assert len(list(tmp_path.iterdir())) == 1


def test_a_directory_that_was_made_anew_is_held_anew(tmp_path):
    place = tmp_path / "c"
    place.mkdir()
    hold_place(place)
    (place / ".hpcpy-lock").unlink()
    place.rmdir()
    place.mkdir()
    hold_place(place)
    assert (place / ".hpcpy-lock").exists()
    release_place(place)
