"""Standard output that is closed, full, or read by nobody: one line or silence, and a code."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys, click
from mpi4py import MPI
from hpcpy_core.cli import run_command
from hpcpy_core.run_alone import run_alone
@click.command("speak")
@click.option("--lines", type=int, default=3)
def speak(lines):
    def work(comm=None):
        for line in range(lines):
            click.echo(f"line {line} " + "x" * 50)
            print("printed", line)
        click.echo("said", err=True)
        with open(sys.argv[2], "w") as file:
            file.write("whole")
    if sys.argv[1] == "alone":
        work()
        return 0
    return work
@click.command("letter")
def letter():
    click.echo("\\u00b7 \\u2603")
commands = {"alone": speak, "together": speak, "letter": letter}
command, arguments = commands[sys.argv[1]], sys.argv[3:]
if sys.argv[1] == "together":
    sys.exit(run_command(command, arguments, lambda: MPI.COMM_SELF))
sys.exit(run_alone(command, arguments))
"""


def run(tmp_path, shell, kind, *arguments):
    """Run the command by a shell, which redirects its output; returns (code, stderr, file)."""
    script, written = tmp_path / "speak.py", tmp_path / "written"
    script.write_text(PROGRAM)
    line = f'"$0" "$@" {shell}'
    command = [sys.executable, str(script), kind, str(written), *arguments]
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}", *command],
        capture_output=True, text=True, errors="replace", check=False,
        timeout=60,
    )  # fmt: skip
    return done, written.read_text() if written.exists() else None


KINDS = pytest.mark.parametrize("kind", ["alone", "together"])


@KINDS
def test_a_full_device_is_one_line_and_exit_1(tmp_path, kind):
    done, _ = run(tmp_path, ">/dev/full", kind)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line != "said"]
    assert lines == ["error: standard output cannot be written: No space left on device"]


@KINDS
def test_help_into_a_full_device_is_one_line_and_exit_1(tmp_path, kind):
    done, _ = run(tmp_path, ">/dev/full", kind, "--help")
    assert done.returncode == 1
    assert done.stderr == "error: standard output cannot be written: No space left on device\n"


@KINDS
@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_pipe_that_nobody_reads_ends_in_silence(tmp_path, kind, reader):
    done, _ = run(tmp_path, f"| {reader}", kind, "--lines", "100000")
    assert done.returncode == 141
    assert done.stderr in ("", "said\n")


@KINDS
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_silence_and_the_work_is_done(tmp_path, kind, closed):
    done, written = run(tmp_path, closed, kind)
    assert done.returncode == 0
    assert done.stderr == ("said\n" if closed == ">&-" else "")
    assert written == "whole"


@KINDS
def test_what_cannot_be_said_on_standard_error_spoils_nothing(tmp_path, kind):
    done, written = run(tmp_path, "2>/dev/full", kind)
    assert done.returncode == 0
    assert written == "whole"
    assert done.stdout.count("printed") == 3


def test_a_mistake_with_standard_error_closed_has_its_exit_code(tmp_path):
    done, _ = run(tmp_path, "2>&-", "alone", "--lnes")
    assert done.returncode == 2
    done, _ = run(tmp_path, "2>/dev/full", "alone", "--lnes")
    assert done.returncode == 2


@pytest.mark.parametrize(("encoding", "said"), [("ascii", "\u2603"), ("latin-1", "\\u2603")])
def test_letters_that_the_encoding_lacks_are_spelled_out(tmp_path, monkeypatch, encoding, said):
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    done, _ = run(tmp_path, "", "letter")
    assert done.returncode == 0
    assert said in done.stdout
    done, _ = run(tmp_path, ">/dev/full", "letter")
    assert done.returncode == 1
    assert done.stderr == "error: standard output cannot be written: No space left on device\n"


def test_a_number_of_5000_digits_is_one_short_line(tmp_path):
    for kind in ("alone", "together"):
        done, _ = run(tmp_path, "", kind, "--lines", "9" * 5000)
        assert done.returncode == 2
        assert len(done.stderr) < 1000
        assert "Traceback" not in done.stderr
