import subprocess
import sys

import pytest


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["bench", "--help"]])
def test_help_does_not_start_mpi(argv):
    program = (
        "import sys\n"
        "from hpcpy_mpiio.__main__ import main\n"
        f"assert main({argv}) == 0\n"
        "assert 'mpi4py.MPI' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
