import subprocess
import sys

import pytest
from click.exceptions import BadParameter

from hpcpy_core.cli import run_command
from hpcpy_diffusion.ladder_command import KernelNames, ladder


def test_kernels_are_names_of_the_registry():
    assert KernelNames().convert("all", None, None) is None
    assert KernelNames().convert("numba, python", None, None) == ("numba", "python")
    assert KernelNames().convert("cupy,python", None, None) == ("cupy", "python")
    with pytest.raises(BadParameter, match="unknown kernel 'nunba': choose all, or from"):
        KernelNames().convert("python,nunba", None, None)


@pytest.mark.parametrize(
    "option", [["--repeats", "4"], ["--seconds", "0"], ["--plot", "a.txt"], ["--device", "tpu"]]
)
def test_what_cannot_be_measured_or_drawn_is_refused(option, capsys):
    from mpi4py import MPI

    assert run_command(ladder, option, lambda: MPI.COMM_SELF) == 2
    assert option[0] in capsys.readouterr().err


def test_threads_by_the_thousand_are_refused_by_the_numbers(capsys):
    from mpi4py import MPI

    assert run_command(ladder, ["--threads", "1,100000"], lambda: MPI.COMM_SELF) == 2
    said = capsys.readouterr().err
    assert "100000 threads: this process may use " in said
    assert "--force" not in said


def test_help_does_not_start_mpi():
    program = (
        "import sys\n"
        "from hpcpy_diffusion.ladder_command import ladder\n"
        "ladder.main(['--help'], standalone_mode=False)\n"
        "assert 'mpi4py' not in sys.modules and 'numba' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
