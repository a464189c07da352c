"""Ranks that were started differently: every kind of difference, named on every rank."""

from dataclasses import replace

import pytest

from hpcpy_core.errors import InputError
from hpcpy_core.same_start import Start, agree_on_start
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

START = Start(
    command="hpcpy-diffusion",
    arguments=("run", "case.txt", "--set", "dx=0.5", "--set", "D=1", "--json"),
    mistake="",
    environment={"HPCPY_DEVICE": "cpu"},
    folder="/home/ada",
    inode=7,
    versions={"Python": "3.11.2", "numpy": "2.3.0"},
)

DIFFERENCES = {
    "command": ({"command": "hpcpy-collectives"}, "as hpcpy-collectives where rank 0 is hpcpy-d"),
    "set": (
        {"arguments": ("run", "case.txt", "--set", "dx=0.5", "--set", "D=2", "--json")},
        "other arguments: --set D=2 where rank 0 has --set D=1",
    ),
    "file": ({"arguments": ("run", "other.txt")}, "arguments: other.txt where rank 0 has case.txt"),
    "subcommand": ({"arguments": ("ladder",)}, "arguments: ladder where rank 0 has run"),
    "no subcommand": ({"arguments": ()}, "arguments: no more of them where rank 0 has run"),
    "help": ({"arguments": ("--help",)}, "arguments: --help where rank 0 has run"),
    "fewer": ({"arguments": START.arguments[:-1]}, "no more of them where rank 0 has --json"),
    "more": ({"arguments": (*START.arguments, "--plot")}, "--plot where rank 0 has no more"),
    "cut": (
        {"arguments": START.arguments[:-2]},
        "no more of them where rank 0 has --set D=1",
    ),
    "spaces": ({"arguments": ("run", "a b")}, "'a b' where rank 0 has case.txt"),
    "mistake": (
        {"arguments": ("run", "--plto"), "mistake": "No such option '--plto'."},
        "No such option '--plto'.; rank",
    ),
    "device": ({"environment": {"HPCPY_DEVICE": "gpu"}}, "with HPCPY_DEVICE=gpu in its env"),
    "no device": (
        {"environment": {}},
        "without HPCPY_DEVICE in its environment where rank 0",
    ),
    "folder": ({"folder": "/tmp", "inode": 8}, "in /tmp where rank 0 is in /home/ada"),
    "python": (
        {"versions": {**START.versions, "Python": "3.12.1"}},
        "has Python 3.12.1 where rank 0 has 3.11.2",
    ),
    "package": (
        {"versions": {"Python": "3.11.2"}},
        "has numpy (none) where rank 0 has 2.3.0",
    ),
}


def catch(comm, start):
    try:
        agree_on_start(comm, start)
    except Exception as error:
        return error
    return None


def test_ranks_that_were_started_alike_pass(comm):
    parallel_assert(comm, catch(comm, replace(START)) is None, "was refused")


def test_the_same_mistake_on_all_ranks_is_one_error(comm):
    error = catch(comm, replace(START, mistake="No such option"))
    parallel_assert(comm, isinstance(error, InputError) and error.agreed, f"raised {error!r}")
    parallel_assert(comm, str(error) == "No such option", f"says {error}")


@pytest.mark.parametrize("name", DIFFERENCES)
@pytest.mark.parametrize("which", ["last", "all but the first"])
def test_the_first_difference_is_named_by_rank_on_all_ranks(comm, name, which):
    changes, said = DIFFERENCES[name]
    other = comm.rank == comm.size - 1 if which == "last" else comm.rank > 0
    lowest = comm.size - 1 if which == "last" else 1
    error = catch(comm, replace(START, **changes) if other and comm.rank else START)
    if comm.size == 1:
        assert error is None
        return
    parallel_assert(comm, isinstance(error, InputError) and error.agreed, f"raised {error!r}")
    parallel_assert(comm, f"rank {lowest} " in str(error), f"names another rank: {error}")
    parallel_assert(comm, said in str(error), f"says {error}")
    parallel_assert(comm, error.exit_code == 2, "has another exit code")


def test_the_mistake_of_rank_0_is_said_where_the_others_made_none(comm):
    start = replace(START, arguments=("--jsno",), mistake="No such option '--jsno'.")
    error = catch(comm, START if comm.rank else start)
    parallel_assert(comm, "No such option '--jsno'." in str(error), f"says {error}")


def test_a_mistake_that_one_node_alone_makes_of_the_same_arguments(comm):
    last = comm.size - 1
    error = catch(comm, replace(START, mistake="no such file" if comm.rank == last else ""))
    parallel_assert(comm, "no such file" in str(error), f"says {error}")
    parallel_assert(comm, last == 0 or f"on rank {last}" in str(error), f"says {error}")


@pytest.mark.parametrize("own", [{"folder": "/net/a/home/ada"}, {"inode": 8}])
def test_a_folder_that_a_node_knows_by_another_name_or_number_is_the_same(comm, own):
    """An automounter's place, and a folder of the same name on each node's own disk."""
    error = catch(comm, replace(START, **own) if comm.rank else START)
    parallel_assert(comm, error is None, f"says {error}")


def test_what_differs_legitimately_is_not_compared(comm):
    own = {
        "CUDA_VISIBLE_DEVICES": str(comm.rank),
        "SLURM_PROCID": str(comm.rank),
        "TMPDIR": f"/tmp/{comm.rank}",
        "HOSTNAME": f"node{comm.rank}",
        "OMP_NUM_THREADS": str(1 + comm.rank),
        "HPCPY_MPIEXEC": f"/opt/{comm.rank}",
        "HPCPY_DEVICE": "cpu",
    }
    start = Start.of_this_process("a", ["b"], environ=own)
    parallel_assert(comm, catch(comm, start) is None, "was refused")
    parallel_assert(comm, "Python" in start.versions and "numpy" in start.versions, "lacks them")


def test_a_long_difference_is_cut_and_a_credential_is_masked(comm):
    long = replace(START, arguments=("run", f"{comm.rank}" + "x" * 10000))
    error = catch(comm, long)
    parallel_assert(comm, comm.size == 1 or len(str(error)) < 600, f"says {error}")
    secret = replace(START, environment={"HPCPY_TOKEN": f"tell{comm.rank}"})
    error = catch(comm, secret)
    parallel_assert(comm, comm.size == 1 or "HPCPY_TOKEN=***" in str(error), f"says {error}")
