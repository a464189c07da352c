import subprocess
import sys

import pytest

from hpcpy_mpiio import __version__
from hpcpy_mpiio.__main__ import main


def test_help_lists_the_commands(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "info" in said
    assert "bench" in said


def test_version(capsys):
    assert main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("argv", [["info"], ["info", "--unknown", "u.npy"]])
def test_usage_error_of_a_command_without_mpi(argv, capsys):
    assert main(argv) == 2
    assert "Usage" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv", [[], ["unknown"], ["bench", "--unknown"], ["bench", "--size", "x"]]
)
def test_usage_error_is_exit_code_2(argv):
    program = [sys.executable, "-m", "hpcpy_mpiio", *argv]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "--help" in done.stderr


def test_info_help(capsys):
    assert main(["info", "--help"]) == 0
    assert "valid" in capsys.readouterr().out


def test_info_runs_without_mpi(tmp_path):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "hpcpy_mpiio", "info", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "hpcpy_mpiio.info" in done.stderr
    assert "mpi4py" not in done.stderr
