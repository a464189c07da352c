import pytest

from hpcpy_testing.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "PATHS"),
        (["--ranks", "0", "x"], "such as 1,2,4"),
        (["--ranks", "two", "x"], "such as 1,2,4"),
        (["missing"], "missing does not exist"),
        (["."], "no test file under ."),
        (["--mpiexec", "missing", "test_x.py"], "no mpiexec"),
        (["missing.py::test_one"], "missing.py does not exist"),
        (["--junit", ".", "test_x.py"], "--junit . is a directory: name a file in it"),
        (["--junit", "test_x.py/all.xml", "test_x.py"], "--junit test_x.py/all.xml"),
        (["--deadline", "nan", "test_x.py"], "'nan' is not a number of seconds"),
        (["--deadline", "-1", "test_x.py"], "'-1' is not a number of seconds"),
        (["--timeout", "1e300", "test_x.py"], "'1e300' is not a number of seconds"),
        (["--timeout", "0", "test_x.py"], "--timeout 0"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(
    arguments, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    if "test_x.py" in arguments:
        (tmp_path / "test_x.py").touch()
    before = sorted(tmp_path.iterdir())
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.out == ""
    assert sorted(tmp_path.iterdir()) == before


def test_help_is_no_failure(capsys):
    assert main(["--help"]) == 0
    assert "--deadline" in capsys.readouterr().out
