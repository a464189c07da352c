import pytest

from hpcpy_core.errors import InputError
from hpcpy_testing.select_files import select_files


def test_folders_are_searched_in_order_and_files_taken_once(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("test_b.py", "test_a.py", "deep/test_c.py", "other.py", "test_x.txt"):
        (tmp_path / name).touch()
    found = select_files([str(tmp_path / "test_b.py"), str(tmp_path)])
    assert [one.path.name for one in found] == ["test_b.py", "test_c.py", "test_a.py"]


def test_a_file_may_have_any_name(tmp_path):
    (tmp_path / "check.py").touch()
    assert len(select_files([str(tmp_path / "check.py")])) == 1


def test_an_unknown_path_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        select_files([str(tmp_path / "missing")])


def test_a_folder_without_tests_is_refused(tmp_path):
    with pytest.raises(InputError, match="no test file under"):
        select_files([str(tmp_path)])


@pytest.mark.parametrize(
    ("tests", "arguments"),
    [
        (["::test_one"], ["::test_one"]),
        (["::test_one[a::b]", "::Case::test_two"], ["::test_one[a::b]", "::Case::test_two"]),
        (["::test_one", "::test_two", "::test_one"], ["::test_one", "::test_two"]),
        (["::test_one", ""], [""]),
        (["", "::test_one"], [""]),
        (["::"], [""]),
    ],
)
@pytest.mark.parametrize("together", [False, True])
def test_tests_of_a_file_are_one_selection(tests, arguments, together, tmp_path):
    file = tmp_path / "test_a.py"
    file.touch()
    (found,) = select_files([f"{file}{test}" for test in tests], together=together)
    assert found.path == file
    assert found.arguments == [f"{file}{test}" for test in arguments]


def test_a_path_may_have_colons(tmp_path):
    file = tmp_path / "test_a::b.py"
    file.touch()
    (found,) = select_files([str(file)])
    assert (found.path, found.tests) == (file, ())


def test_a_folder_stays_whole_where_its_files_run_together(tmp_path):
    (tmp_path / "test_a.py").touch()
    (tmp_path / "test_b.py").touch()
    (found,) = select_files([str(tmp_path), str(tmp_path)], together=True)
    assert (found.path, found.tests) == (tmp_path, ())


@pytest.mark.parametrize(
    ("word", "said"),
    [("missing.py::test_one", "missing.py does not exist"), ("::test_one", "is a folder")],
)
def test_tests_of_what_is_no_file_are_refused(word, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "test_a.py").touch()
    with pytest.raises(InputError, match=said):
        select_files([word])
