import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], *([name, "--help"] for name in ("verify", "bench"))]
)
def test_help_does_not_start_mpi(argv):
    program = (
        "import sys\n"
        "from hpcpy_gpu_allreduce.__main__ import main\n"
        f"assert main({argv}) == 0\n"
        "assert 'mpi4py.MPI' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_public_names_come_when_they_are_asked_for():
    program = (
        "import sys, hpcpy_gpu_allreduce as package\n"
        "assert 'mpi4py.MPI' not in sys.modules\n"
        "assert callable(package.allreduce) and isinstance(package.Allreducer, type)\n"
        "assert 'cupy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
