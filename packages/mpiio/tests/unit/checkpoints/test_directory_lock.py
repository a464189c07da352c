import fcntl
import subprocess
import sys

import pytest

from hpcpy_core.errors import FileError
from hpcpy_mpiio.checkpoints.directory_lock import locked

HOLD = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
print(flush=True)
input()
"""


def test_the_second_is_refused_while_the_first_holds_it(tmp_path):
    refused = pytest.raises(FileError, match="another job is writing a checkpoint into")
    with locked(tmp_path), refused, locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_a_killed_process_does_not_hold_it(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()
        with pytest.raises(FileError, match="another job"), locked(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with locked(tmp_path):
            pass


def test_a_file_system_without_locks_is_trusted(tmp_path, monkeypatch):
    def fail(descriptor, operation):
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", fail)
    with locked(tmp_path):
        pass
