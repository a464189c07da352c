import subprocess
import sys

import pytest
from click.exceptions import BadParameter

from hpcpy_diffusion.command import Dims


def test_dims_are_two_numbers():
    assert Dims().convert("2x3", None, None) == (2, 3)
    assert Dims().convert("1X4", None, None) == (1, 4)


@pytest.mark.parametrize("value", ["4", "2x", "x2", "2x2x1", "0x4", "-1x2", "axb", "2.0x2"])
def test_anything_else_is_refused(value):
    with pytest.raises(BadParameter, match="is not two positive numbers like 2x3"):
        Dims().convert(value, None, None)


@pytest.mark.parametrize("argv", [["--help"], ["run", "--help"], ["demo", "--help"], ["--version"]])
def test_help_and_version_do_not_start_mpi(argv):
    program = (
        "import sys\n"
        "from hpcpy_diffusion.__main__ import main\n"
        f"assert main({argv}) == 0\n"
        "assert 'mpi4py.MPI' not in sys.modules and 'numba' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_module_is_the_command():
    shown = subprocess.run(
        [sys.executable, "-m", "hpcpy_diffusion", "run", "--help"],
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert shown.stdout.startswith("Usage: hpcpy-diffusion run [OPTIONS] [PARAMS]")
