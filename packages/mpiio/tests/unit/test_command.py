import subprocess
import sys

import click
import pytest

from hpcpy_mpiio.benchmark.bench import bench


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["bench", "--help"]])
def test_help_does_not_start_mpi(argv):
    program = (
        "import sys\n"
        "from hpcpy_mpiio.__main__ import main\n"
        f"assert main({argv}) == 0\n"
        "assert 'mpi4py.MPI' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize(("command", "name"), [(bench, "repeats")])
def test_days_of_repeats_are_refused_by_the_numbers(command, name):
    option = next(each for each in command.params if each.name == name)
    assert option.type.convert("1000000", option, None) == 10**6
    with pytest.raises(click.BadParameter, match=r"1000000000 is not in the range .*<=x<=1000000"):
        option.type.convert("1000000000", option, None)
