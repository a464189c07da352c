import json
import os
import tempfile
from math import inf

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import CPU
from hpcpy_core.files.json_cache import keep_json
from hpcpy_gpu_allreduce import Allreducer
from hpcpy_gpu_allreduce.attached import attach
from hpcpy_gpu_allreduce.host import Host
from hpcpy_gpu_allreduce.thresholds import Row
from hpcpy_gpu_allreduce.tuned import describe_environment, name_file, store_thresholds
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

ROWS = [Row(upto=64, algorithm="recursive_doubling"), Row(upto=inf, algorithm="ring")]


def choices(comm):
    """Return what auto takes for 64 and for 72 B."""
    names = []
    for count in (8, 9):
        with Allreducer(count, float, comm) as reducer:
            names.append(reducer.algorithm)
            reducer.reduce(np.ones(count))
    return names


def store(comm, rows=ROWS):
    """Store thresholds in the cache of rank 0; return their file there."""
    attached = attach(comm)
    path = store_thresholds(attached, CPU, rows) if comm.rank == 0 else None
    comm.Barrier()
    return path


def test_auto_takes_what_was_tuned_here_and_rank_0_has_read(comm):
    store(comm)
    parallel_assert(comm, choices(comm) == ["recursive_doubling", "ring"])


def test_auto_takes_mpi_where_nothing_was_tuned(comm):
    parallel_assert(comm, choices(comm) == ["host", "host"])


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"environment": {"ranks": 1000}},
        {"rows": []},
        {"rows": [[64, "ring"]]},
        {"rows": [[64, "ring"], [32, "ring"], [None, "host"]]},
        {"rows": [[None, "no algorithm"]]},
        {"rows": None},
        None,
    ],
    ids=str,
)
def test_a_file_that_makes_no_sense_is_as_none(comm, change):
    path = store(comm)
    if path is not None:
        stored = json.loads(path.read_text())
        del stored["digest"]
        if change is None:
            path.write_text("{")
        else:
            keep_json("gpu-allreduce", path.name, stored | change)
    comm.Barrier()
    parallel_assert(comm, choices(comm) == ["host", "host"])


def test_each_environment_has_a_file_of_its_own(comm):
    environment = describe_environment(attach(comm), CPU)
    parallel_assert(comm, environment["ranks"] == comm.size and environment["nodes"] == 1)
    other = environment | {"ranks": comm.size + 1}
    parallel_assert(comm, name_file(environment) != name_file(other))


@pytest.mark.parametrize("damage", ["flipped", "open to others"])
def test_a_file_that_is_damaged_or_open_to_others_is_as_none(comm, damage):
    path = store(comm)
    if path is not None:
        if damage == "flipped":
            path.write_text(path.read_text().replace("64", "65"))
        else:
            path.chmod(0o666)
    comm.Barrier()
    parallel_assert(comm, choices(comm) == ["host", "host"])


def test_a_table_that_cannot_be_stored_in_the_cache_is_elsewhere(comm, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = store(comm)
    parallel_assert(comm, path is None or path.is_relative_to(tmp_path / f"hpcpy-{os.geteuid()}"))
    parallel_assert(comm, choices(comm) == ["recursive_doubling", "ring"])


def test_auto_goes_round_what_is_not_possible_on_any_rank(comm, monkeypatch):
    if comm.rank == comm.size - 1:
        monkeypatch.setattr(Host, "refuse", classmethod(lambda *_: "not on this rank"))
    parallel_assert(comm, choices(comm) == ["rabenseifner", "rabenseifner"])


def test_what_was_chosen_is_not_chosen_again(comm, monkeypatch):
    choices(comm)
    monkeypatch.setattr(Host, "refuse", None)
    parallel_assert(comm, choices(comm) == ["host", "host"])
    with Allreducer(8, float, comm, op=MPI.MAX, algorithm="ring") as reducer:
        parallel_assert(comm, reducer.algorithm == "ring")
