import subprocess
import sys

import click
import pytest
from mpi4py import MPI

from hpcpy_core.cli import device_options, run_command
from hpcpy_core.errors import InputError


@click.command()
@click.option("--number", type=int, default=1)
@device_options
def command(number, device, transport):
    def work(comm):
        click.echo(f"{number} {device} {transport} {comm.size}")
        if number < 0:
            error = InputError("number is negative")
            error.agreed = True
            raise error

    return work


def run(*argv):
    return run_command(command, argv, lambda: MPI.COMM_SELF)


def test_the_work_is_done_on_the_communicator(capsys):
    assert run("--number", "3") == 0
    assert capsys.readouterr().out == "3 auto auto 1\n"


def test_the_environment_chooses_device_and_transport(capsys, monkeypatch):
    monkeypatch.setenv("HPCPY_DEVICE", "cpu")
    monkeypatch.setenv("HPCPY_TRANSPORT", "host")
    assert run("--device", "gpu") == 0
    assert capsys.readouterr().out == "1 gpu host 1\n"


@pytest.mark.parametrize("argv", [("--number", "x"), ("--numbre", "1"), ("--device", "tpu")])
def test_a_usage_error_is_one_message_and_exit_2(argv, capsys):
    assert run(*argv) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert argv[0] in printed.err
    assert printed.err.endswith("(try: command --help)\n")


def test_an_agreed_error_is_one_message(capsys):
    assert run("--number", "-1") == 2
    assert capsys.readouterr().err == "error: number is negative\n"


def test_help_needs_no_work(capsys):
    assert run("--help") == 0
    assert "HPCPY_DEVICE" in capsys.readouterr().out


def test_help_and_version_do_not_start_mpi():
    program = (
        "import sys\n"
        "from hpcpy_core.__main__ import main\n"
        "assert main(['--help']) == main(['--version']) == 0\n"
        "assert 'mpi4py.MPI' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
