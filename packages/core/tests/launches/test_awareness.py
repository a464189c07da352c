"""The proof with the MPI of this environment, on the emulated driver.

What is proven depends on the MPI: one that knows nothing of CUDA crashes in its first message,
one that was built with CUDA takes most operations, and wheels with another UCX in front of
their own take some.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from hpcpy_core.awareness import OPERATIONS, Verdict
from hpcpy_testing.emulated_driver import driver_environment
from hpcpy_testing.mpiexec import Mpiexec

SECONDS = 200

CUDA_MPI = {"p2p", "persistent", "bcast", "gather", "reduction", "datatype", "nonblocking"}
CRASHES_IN_CUDA_MPI = {"persistent_collective", "nonblocking_reduction", "accumulate"}
SWAPPED = {
    "mpich": {"persistent", "bcast", "rma"},  # messages to itself crash, so p2p is not proven
    "openmpi": {"p2p", "persistent", "bcast"},
}
"""What works of these."""

DECIDE = """
from mpi4py import MPI
from hpcpy_core.awareness.decide import decide
comm = MPI.COMM_WORLD
verdict = decide(comm)
assert comm.allreduce(verdict.to_json() == comm.bcast(verdict.to_json()), op=MPI.LAND)
if comm.rank == 0:
    print(verdict.to_json())
"""

HANG = """
import ctypes, sys
from hpcpy_core.awareness import probe
from hpcpy_core.awareness.trials import TRIALS
pause = ctypes.PyDLL(None).pause  # without giving Python a chance
TRIALS["p2p"] = {"a pause": lambda comm, make, n: pause() if comm.rank else comm.Barrier()}
sys.exit(probe.main(["60", "2", "p2p", "bcast"]))
"""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture(scope="module")
def cuda_mpi(mpiexec):
    """Whether the MPI was built with CUDA."""
    info = mpiexec.path.with_name("ompi_info")
    if not info.exists():
        return False
    environ = {**os.environ, **driver_environment()}
    said = subprocess.run([info], capture_output=True, text=True, timeout=60, env=environ)
    return "accelerator: cuda" in said.stdout


@pytest.fixture
def machine(mpiexec, tmp_path):
    """Runs programs with the emulated driver, an empty cache, and a launcher that keeps a log."""
    spy, log = tmp_path / "spy", tmp_path / "log"
    spy.write_text(
        "#!/bin/bash\nset -o pipefail\n"
        f'echo "launched" >>{log}\n"{mpiexec.path}" "$@" | tee -a {log}\n'
    )
    spy.chmod(0o755)
    log.touch()
    environ = {
        **driver_environment(),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HPCPY_MPIEXEC": str(spy),
    }

    def ask(*options, **variables):
        """Run the command alone, and return its exit code and verdict."""
        done = subprocess.run(
            [sys.executable, "-m", "hpcpy_core.awareness", "--json", *options],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env={**os.environ, **mpiexec.environment(), **environ, **variables},
            check=False,
        )
        return done.returncode, Verdict.from_json(done.stdout)

    def decide(ranks, **variables):
        """Run a job that decides, and return its verdict."""
        command, env = [sys.executable, "-c", DECIDE], {**environ, **variables}
        done = mpiexec.launch(ranks, command, timeout=SECONDS, env=env)
        assert done.returncode == 0, done.stderr
        assert not done.leftovers
        return Verdict.from_json(done.stdout)

    def launches():
        return log.read_text().count("launched\n")

    def shared():
        """Return the shared memory that ranks have named as theirs."""
        names = re.findall(r"/dev/shm/[^\"]+", log.read_text())
        return {Path(name) for name in names}

    return SimpleNamespace(
        ask=ask, decide=decide, launches=launches, shared=shared, environ=environ
    )


def test_a_job_proves_what_its_mpi_takes_and_it_is_remembered(machine, cuda_mpi):
    verdict = machine.decide(3)
    assert verdict.lasting, verdict.reason
    assert verdict.nodes == 1
    assert verdict.driver == "13.0, Emulated GPU 0"
    launches = machine.launches()
    if cuda_mpi:
        assert verdict.proven == CUDA_MPI
        assert verdict.failures["rma"].startswith("wrong data: Get ")
        assert verdict.queries["loads libcuda by itself"] == "yes"
        crash = "segmentation fault"
        assert {verdict.failures[name].split(" (")[0] for name in CRASHES_IN_CUDA_MPI} == {crash}
    else:
        assert verdict.proven == set()
        assert verdict.reason == "segmentation fault (messages between ranks, 8 B)"
        assert verdict.queries["loads libcuda by itself"] == "no"
        assert launches == 1
    assert machine.shared(), "no rank has named shared memory, so its sweeping was not shown"
    assert {path for path in machine.shared() if path.exists()} == set()

    # In a job and outside of one the same is remembered, without a launch.
    assert machine.ask() == (0, verdict)
    assert machine.decide(1) == verdict
    assert machine.launches() == launches
    # A variable of MPI makes it another environment; --no-cache asks for a new proof.
    false = {"HPCPY_MPIEXEC": "/bin/false"}
    for options, variables in (((), {"UCX_TLS": "tcp", **false}), (("--no-cache",), false)):
        code, failed = machine.ask(*options, **variables)
        assert (code, failed.lasting) == (1, False)
        assert failed.reason.startswith("its job did not start: nothing was said. Run `python -m ")
    assert machine.ask() == (0, verdict), "a failed proof was kept"


def test_wheels_with_a_ucx_that_knows_cuda_take_some_operations(machine, mpiexec, cuda_mpi):
    found = importlib.util.find_spec("libucx")
    if found is None or cuda_mpi:
        pytest.skip("no libucx-cu13 is installed beside an MPI from a wheel")
    (place,) = found.submodule_search_locations
    path = f"{place}/lib:{machine.environ['LD_LIBRARY_PATH']}"
    choice = {
        "mpich": {"MPIR_CVAR_NOLOCAL": "1"},
        "openmpi": {"OMPI_MCA_pml": "ucx", "OMPI_MCA_btl": "^ofi"},
    }[mpiexec.vendor]
    code, verdict = machine.ask(LD_LIBRARY_PATH=path, **choice)
    assert code == 0
    assert verdict.proven == SWAPPED[mpiexec.vendor]
    assert verdict.failures["reduction"] == "segmentation fault (Allreduce, 8 B)"
    assert verdict.queries["loads libcuda by itself"] == "yes"
    assert verdict.nodes == 1, "MPICH takes its ranks for nodes"
    assert {path for path in machine.shared() if path.exists()} == set()


def test_a_rank_that_hangs_ends_its_job_by_itself(mpiexec, machine, tmp_path):
    from hpcpy_core.awareness.outcome import read_outcome

    command = [sys.executable, "-c", HANG]
    done = mpiexec.launch(2, command, timeout=60, env=machine.environ)
    assert not done.timed_out
    assert not done.leftovers
    outcome = read_outcome(["p2p", "bcast"], done, 2)
    assert outcome.failures == {"p2p": "hung: no answer in 2 s (a pause, 8 B)"}


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"LD_LIBRARY_PATH": "/none"}, "no NVIDIA driver: libcuda.so.1 cannot be loaded"),
        ({"HPCPY_EMULATED_GPUS": "0"}, "cuInit: CUDA_ERROR_NO_DEVICE"),
        ({"HPCPY_EMULATED_GPUS": "broken"}, "cuInit: CUDA_ERROR_UNKNOWN"),
    ],
    ids=["no driver", "no device", "broken driver"],
)
def test_without_a_device_nothing_is_launched(machine, variables, reason):
    code, verdict = machine.ask(**variables)
    assert code == 1
    assert verdict.reason.startswith(reason)
    assert set(verdict.failures) == set(OPERATIONS)
    assert machine.launches() == 0
    if variables.get("HPCPY_EMULATED_GPUS") == "0":
        machine.decide(1, **variables)  # it says so without an error, too
        assert machine.launches() == 0


def test_words_of_the_user_start_the_proof(machine, mpiexec, cuda_mpi):
    if cuda_mpi:
        pytest.skip("it takes longer, and shows no more")
    words = f"env HPCPY_ANY=1 {mpiexec.path} -n 4"
    code, verdict = machine.ask("--launch", words, **mpiexec.environment())
    assert (code, verdict.lasting, verdict.nodes) == (0, True, 1)
    assert machine.launches() == 0
    assert json.loads(verdict.to_json())["operations"]["p2p"]["proven"] is False
