import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_core.output_files import check_plot, check_writable, write_text


def test_nothing_is_left_of_the_check(tmp_path):
    check_writable(None, "--output")
    check_plot(None)
    check_plot(tmp_path / "a.png")
    check_writable(tmp_path / "a.json", "--output")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match=r"--output .* is a directory: name a file in it"):
        check_writable(tmp_path, "--output")
    with pytest.raises(InputError, match=r"cannot be written: .*missing: No such file"):
        check_writable(tmp_path / "missing" / "a.json", "--output")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Not a directory"):
        check_writable(tmp_path / "file" / "a.json", "--output")


def test_text_is_written_whole(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "one µs")
    assert path.read_text(encoding="utf-8") == "one µs\n"
    with pytest.raises(FileError, match="cannot write"):
        write_text(tmp_path / "missing" / "a.txt", "")
