"""The launcher as a command: green files, leftovers, time-out, signals, another MPI's mpiexec."""

import os
import signal
import subprocess
import sys
import time

import pytest

from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.restoring_signals import restoring_signals

GREEN = """
def test_sum(comm):
    assert comm.allreduce(1) == comm.size

@pytest.mark.mpi(min_size=2)
def test_pair(comm):
    print("this must not be seen", flush=True)
    comm.Barrier()
"""

DEVICE = """
from hpcpy_core.cuda_driver import load_driver
from hpcpy_testing.emulated_driver import require_driver_environment

def test_finds_a_device(comm):
    require_driver_environment()
    assert load_driver().count_devices() == 1
"""

ORPHAN = """
def test_leaves_a_process_behind(comm):
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    record(child.pid)
    child.returncode = 0
"""

WAITS = """
def test_waits(comm):
    time.sleep(60)
"""


def test_green_files_print_a_line_per_launch_and_exact_totals(write_case, launcher):
    outcome = launcher(write_case(GREEN), ranks="1,2")
    assert outcome.code == 0
    assert outcome.tally == "3 passed, 0 failed, 1 skipped"
    assert [line.split()[0] for line in outcome.output.splitlines()[1:-1]] == ["green", "green"]
    assert "this must not be seen" not in outcome.output


def test_files_of_a_folder_run_together_in_one_job_with_a_driver(write_case, launcher):
    write_case("def test_first(comm):\n    comm.Barrier()\n", "test_a.py")
    folder = write_case(DEVICE, "test_b.py").parent
    outcome = launcher(folder, ranks="1,2", options=["--together", "--emulated-driver"])
    assert outcome.code == 0
    assert outcome.tally == "4 passed, 0 failed, 0 skipped"
    assert [line.split()[0] for line in outcome.output.splitlines()[1:-1]] == ["green", "green"]


def test_a_file_that_executes_nothing_is_red_among_others(write_case, launcher):
    write_case(GREEN, "test_a.py")
    case = "@pytest.mark.mpi(min_size=3)\ndef test_needs_three(comm):\n    comm.Barrier()\n"
    outcome = launcher(write_case(case, "test_b.py").parent, options=["--together"])
    assert outcome.code == 1
    assert "test_b.py: executed no MPI test" in outcome.output
    assert "test_a.py: executed no MPI test" not in outcome.output


def test_green_junit_has_every_test_of_every_rank(write_case, launcher):
    outcome = launcher(write_case(GREEN), ranks="1,2")
    assert outcome.cases == {
        "test_sum [rank 0 of 1]": "pass",
        "test_pair [rank 0 of 1]": "skipped",
        "test_sum [rank 0 of 2]": "pass",
        "test_pair [rank 0 of 2]": "pass",
        "test_sum [rank 1 of 2]": "pass",
        "test_pair [rank 1 of 2]": "pass",
    }


def test_a_green_run_leaves_no_files(write_case, launcher, tmp_path):
    launcher(write_case(GREEN))
    assert list(tmp_path.glob("hpcpy-testing-*")) == []


def test_a_process_that_outlives_its_rank_is_killed_and_reported(write_case, launcher):
    outcome = launcher(write_case(ORPHAN))
    assert outcome.output.count("left behind, now killed: process") == 2
    assert "sleep 60" in outcome.output


def test_a_launch_that_takes_too_long_is_ended(write_case, launcher, pids):
    for seconds in ("10", "25"):  # the second where this machine is too busy to start in the first
        outcome = launcher(write_case(WAITS), deadline=0, options=["--timeout", seconds])
        if len(list(pids.iterdir())) == 2:
            break
    assert outcome.code == 1
    assert outcome.blamed == {("the job", "test_waits")}
    assert "--timeout" in outcome.output
    assert outcome.ended_soon


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_a_launcher_that_is_ended_takes_its_job_along(number, write_case, case_environment, pids):
    command = [sys.executable, "-m", "hpcpy_testing", "--ranks", "2", str(write_case(WAITS))]
    command = restoring_signals(command)
    with subprocess.Popen(command, env=case_environment, stderr=subprocess.PIPE) as process:
        limit = time.monotonic() + 20
        while len(list(pids.iterdir())) < 2 and time.monotonic() < limit:
            time.sleep(0.1)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert process.returncode in (-number, 128 + number)
    assert len(list(pids.iterdir())) == 2
    interrupted = b"interrupted; nothing of the running job is left, its logs are in "
    assert said.count(interrupted) == (number != signal.SIGKILL)


CHOSEN = """
@pytest.mark.parametrize("name", ["a", "b", "c[1]"])
def test_named(comm, name):
    comm.Barrier()

class TestCase:
    @pytest.mark.mpi(min_size=2)
    def test_pair(self, comm):
        comm.Barrier()
"""


@pytest.mark.parametrize(
    ("suffixes", "options", "tally"),
    [
        (["::test_named[c[1]]", "::TestCase::test_pair"], [], "2 passed, 0 failed, 0 skipped"),
        (["::TestCase"], ["--ranks", "1,2"], "1 passed, 0 failed, 1 skipped"),
        ([""], ["-k", "named and not b"], "2 passed, 0 failed, 0 skipped"),
    ],
)
def test_chosen_tests(suffixes, options, tally, write_case, launcher, tmp_path):
    """Under a project's settings, which are meant for serial tests."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -n 2 --maxfail=7 -p no:doctest\n")
    write_case("def test_alone(comm):\n    pass\n", "test_b.py")
    files = [f"{write_case(CHOSEN)}{suffix}" for suffix in suffixes]
    others = [tmp_path / "test_b.py"] if "-k" in options else []
    outcome = launcher(*files, *others, options=options)
    assert outcome.code == 0
    assert outcome.tally == tally


@pytest.mark.parametrize(
    ("suffix", "options", "said"),
    [
        ("", ["-k", "no_such"], "no MPI test was executed"),
        ("", ["--", "--collect-only"], "executed no MPI test"),
        ("::no_such", [], "in the collection: not found: "),
        ("", ["-k", "a and"], "in the collection: Wrong expression passed to '-k'"),
    ],
)
def test_no_chosen_test_is_red(suffix, options, said, write_case, launcher):
    file = f"{write_case(CHOSEN)}{suffix}"
    dashes = "--" in options
    outcome = launcher(*([] if dashes else [file]), options=[file, *options] if dashes else options)
    assert outcome.code == 1
    assert said in outcome.output
    assert outcome.ended_soon


@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        (">/dev/full", 1, "error: standard output cannot be written: No space left on device\n"),
        ("| :", 141, ""),
    ],
)
def test_an_output_that_cannot_be_written(redirection, code, said, write_case, tmp_path):
    write_case(GREEN)
    ended = subprocess.run(
        [
            "bash",
            "-c",
            f'"$0" -m hpcpy_testing --ranks 1 test_case.py {redirection}; exit ${{PIPESTATUS[0]}}',
            sys.executable,
        ],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr, ended.stdout) == (code, said, "")


def test_a_closed_output_is_no_fault(write_case, case_environment, tmp_path):
    write_case(GREEN)
    ended = subprocess.run(
        ["bash", "-c", '"$0" -m hpcpy_testing --ranks 2 test_case.py <&- >&- 2>&-', sys.executable],
        cwd=tmp_path,
        env=case_environment,
        check=False,
    )
    assert ended.returncode == 0


def test_an_mpiexec_of_another_mpi_is_found_out(write_case, launcher, tmp_path):
    own = Mpiexec.find().vendor
    variable = {"mpich": "OMPI_COMM_WORLD_RANK", "openmpi": "PMI_RANK"}[own]
    fake = tmp_path / "mpiexec"
    fake.write_text(
        f"""#!/bin/sh
if [ "$1" = --version ]; then echo "mpiexec (Open MPI) 1.0"; exit; fi
shift 2
{variable}=0 "$@" & first=$!
{variable}=1 "$@" & second=$!
wait $first && wait $second
"""
    )
    fake.chmod(0o755)
    outcome = launcher(write_case(GREEN), options=["--mpiexec", str(fake)])
    assert outcome.code == 1
    assert "use different MPIs" in outcome.output
