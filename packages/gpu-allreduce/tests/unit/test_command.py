import subprocess
import sys

import click
import pytest

from hpcpy_gpu_allreduce.bench import bench
from hpcpy_gpu_allreduce.train import train
from hpcpy_gpu_allreduce.tune import tune


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


@pytest.mark.parametrize(
    ("command", "name"), [(bench, "repeats"), (tune, "repeats"), (train, "steps")]
)
def test_days_of_repeats_are_refused_by_the_numbers(command, name):
    option = next(each for each in command.params if each.name == name)
    assert option.type.convert("1000000", option, None) == 10**6
    with pytest.raises(click.BadParameter, match=r"1000000000 is not in the range .*<=x<=1000000"):
        option.type.convert("1000000000", option, None)
