"""The launcher as a command: green files, leftovers, time-out, signals, another MPI's mpiexec."""

import signal
import subprocess
import sys
import time

from hpcpy_testing.mpiexec import Mpiexec

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


def test_a_launch_that_takes_too_long_is_ended(write_case, launcher):
    outcome = launcher(write_case(WAITS), deadline=0, options=["--timeout", "10"])
    assert outcome.code == 1
    assert outcome.blamed == {("the job", "test_waits")}
    assert "--timeout" in outcome.output
    assert outcome.ended_soon


def test_a_launcher_that_is_terminated_takes_its_job_along(write_case, case_environment, pids):
    command = [sys.executable, "-m", "hpcpy_testing", "--ranks", "2", str(write_case(WAITS))]
    with subprocess.Popen(command, env=case_environment, stdout=subprocess.DEVNULL) as process:
        limit = time.monotonic() + 20
        while len(list(pids.iterdir())) < 2 and time.monotonic() < limit:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
    assert len(list(pids.iterdir())) == 2


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
