import subprocess
import sys

import pytest

from hpcpy_mpiio import __version__
from hpcpy_mpiio.__main__ import main


def test_help_lists_the_commands(capsys):
    assert main(["--help"]) == 0
    assert "info" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("argv", [[], ["unknown"], ["info"], ["info", "--unknown", "u.npy"]])
def test_usage_error_is_exit_code_2(argv, capsys):
    assert main(argv) == 2
    assert "Usage" in capsys.readouterr().err


def test_module_runs_without_mpi(tmp_path):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "hpcpy_mpiio", "info", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "hpcpy_mpiio.info" in done.stderr
    assert "mpi4py" not in done.stderr
