import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "argv",
    [
        ["--version"],
        *(
            [*command, "--help"]
            for command in ([], ["run"], ["demo"], ["ladder"], ["scaling"], ["profile"])
        ),
    ],
)
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
