import pytest

from hpcpy_core.errors import InputError
from hpcpy_testing.select_files import select_files


def test_folders_are_searched_in_order_and_files_taken_once(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("test_b.py", "test_a.py", "deep/test_c.py", "other.py", "test_x.txt"):
        (tmp_path / name).touch()
    found = select_files([tmp_path / "test_b.py", tmp_path])
    assert [path.name for path in found] == ["test_b.py", "test_c.py", "test_a.py"]


def test_a_file_may_have_any_name(tmp_path):
    (tmp_path / "check.py").touch()
    assert len(select_files([tmp_path / "check.py"])) == 1


def test_an_unknown_path_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        select_files([tmp_path / "missing"])


def test_a_folder_without_tests_is_refused(tmp_path):
    with pytest.raises(InputError, match="no test file under"):
        select_files([tmp_path])
