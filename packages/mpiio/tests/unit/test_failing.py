import errno
import pickle

import pytest

from hpcpy_core.errors import FileError, HpcpyError
from hpcpy_mpiio.failing import failing


def test_file_error_is_an_expected_failure_and_an_os_error():
    error = FileError("u.npy is broken")
    assert isinstance(error, HpcpyError)
    assert isinstance(error, OSError)
    assert error.exit_code == 1
    assert str(error) == "u.npy is broken"


def test_file_error_survives_the_way_to_another_rank():
    error = FileError("u.npy is broken")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is FileError
    assert str(copy) == str(error)


def test_system_error_becomes_one_line_with_step_cause_and_cure():
    def write():
        with failing("write u.npy", "free some space"):
            raise OSError(errno.ENOSPC, "No space\n  left on device")

    with pytest.raises(FileError, match=r"^cannot write u\.npy: .*No space.*; free some space$"):
        write()


def test_other_errors_pass_unchanged():
    def write():
        with failing("write u.npy", "free some space"):
            raise KeyError("u")

    with pytest.raises(KeyError):
        write()
