"""Checkpoints that are written and restored as they should be."""

import json
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

LOCK = ".hpcpy-lock"
"""It is there while the job lives, and no longer."""


def listed(comm, folder):
    """Return the names in a folder, once no rank is ahead."""
    comm.Barrier()
    names = sorted(path.name for path in folder.iterdir() if path.name != LOCK)
    comm.Barrier()
    return names


def test_what_is_on_disk_is_what_the_documentation_says(comm, folder, make_array, divide):
    array = make_array((11, 7))
    decomposition, block = divide(array, comm)
    parameters = {"D": 0.1, "name": "four-peak"}
    path = Checkpoint(folder / "c", comm).write(
        120, 0.3, {"u": block, "v": 2 * block}, decomposition, parameters=parameters
    )
    parallel_assert(comm, path == folder / "c" / "ckpt-000000120", f"{path}")
    names = listed(comm, path)
    parallel_assert(comm, names == ["metadata.json", "u.npy", "v.npy"], f"{names}")
    parallel_assert(comm, np.array_equal(np.load(path / "u.npy"), array), "u")
    parallel_assert(comm, np.array_equal(np.load(path / "v.npy"), 2 * array), "v")
    content = json.loads((path / "metadata.json").read_text())
    parallel_assert(comm, content["schema"] == 1, "schema")
    parallel_assert(comm, (content["step"], content["time"]) == (120, 0.3), "step, time")
    parallel_assert(comm, content["parameters"] == parameters, "parameters")
    wanted = {"python", "numpy", "mpi4py", "hpcpy-core", "hpcpy-mpiio", "mpi"}
    parallel_assert(comm, wanted <= set(content["versions"]), f"{content['versions']}")
    parallel_assert(comm, content["fields"]["u"]["shape"] == [11, 7], "shape")


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<c16", "i1", [("a", "<f4"), ("b", "<i2", (3,))]])
def test_another_number_of_ranks_restores_the_same_bits(comm, folder, make_array, divide, dtype):
    array = make_array((23, 9), dtype)
    decomposition, block = divide(array, comm)
    written = Checkpoint(folder, comm)
    written.write(7, 0.7, {"u": block}, decomposition, parameters={"bounds": (1, 2)})
    for dims in ((comm.size, 1), (1, comm.size)):
        decomposition, block = divide(array, comm, dims)
        restored = Checkpoint(folder, comm).restore(
            {"u": dtype}, decomposition, parameters={"bounds": (1, 2)}
        )
        same = restored.fields["u"].tobytes() == block.tobytes()
        parallel_assert(comm, same, f"dims {dims}")
        state = (restored.step, restored.time, restored.skipped, restored.path.name)
        parallel_assert(comm, state == (7, 0.7, (), "ckpt-000000007"), f"{state}")
    decomposition, block = divide(array, MPI.COMM_SELF)
    alone = Checkpoint(folder, MPI.COMM_SELF).restore({"u": dtype}, decomposition)
    parallel_assert(comm, alone.fields["u"].tobytes() == array.tobytes(), "one rank")
    comm.Barrier()


@pytest.mark.parametrize(("shape", "dims"), [((1, 3), None), ((0, 3), None), ((2, 3, 5), None)])
def test_more_ranks_than_rows_no_items_and_three_axes(
    comm, folder, make_array, divide, shape, dims
):
    array = make_array(shape)
    decomposition, block = divide(array, comm, dims)
    checkpoint = Checkpoint(folder, comm)
    checkpoint.write(0, 0.0, {"u": block}, decomposition)
    restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, np.array_equal(restored.fields["u"], block), "block")


@pytest.mark.parametrize(("keep", "left"), [(1, [40]), (2, [30, 40]), (3, [20, 30, 40])])
def test_so_many_generations_are_kept(comm, folder, make_array, divide, keep, left):
    decomposition, block = divide(make_array((5, 4)), comm)
    checkpoint = Checkpoint(folder, comm, keep)
    parallel_assert(comm, checkpoint.generations() == [], "not empty")
    for step in (10, 20, 30, 40):
        checkpoint.write(step, 0.1 * step, {"u": block}, decomposition)
    found = [int(path.name[5:]) for path in checkpoint.generations()]
    parallel_assert(comm, found == left[::-1], f"{found}")
    names = listed(comm, folder)
    parallel_assert(comm, names == [f"ckpt-{step:09d}" for step in left], f"{names}")
    checkpoint.clear()
    parallel_assert(comm, listed(comm, folder) == [], "not cleared")


def test_the_same_step_is_replaced_and_an_abandoned_future_goes(comm, folder, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    checkpoint = Checkpoint(folder, comm)
    for step in (10, 20, 30):
        checkpoint.write(step, 0.0, {"u": block}, decomposition)
    checkpoint.write(20, 0.0, {"u": 3 * block}, decomposition)
    names = listed(comm, folder)
    parallel_assert(comm, names == ["ckpt-000000020"], f"{names}")
    restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, np.array_equal(restored.fields["u"], 3 * block), "not the new one")


def test_some_fields_of_several_are_restored(comm, folder, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    checkpoint = Checkpoint(folder, comm)
    checkpoint.write(1, 0.0, {"u": block, "v": 2 * block}, decomposition, parameters={"a": 1})
    restored = checkpoint.restore({"v": "<f8"}, decomposition)
    parallel_assert(comm, list(restored.fields) == ["v"], "fields")
    parallel_assert(comm, np.array_equal(restored.fields["v"], 2 * block), "v")


def test_a_stale_temporary_is_ignored_and_swept(comm, folder, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    checkpoint = Checkpoint(folder, comm)
    checkpoint.write(1, 0.0, {"u": block}, decomposition)
    if comm.rank == 0:
        (folder / "ckpt-000000002.tmp").mkdir()
        (folder / "ckpt-000000002.tmp" / "metadata.json").write_text('{"hpcpy": "unfinished"}')
    restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, (restored.step, restored.skipped) == (1, ()), f"{restored}")
    checkpoint.write(2, 0.0, {"u": block}, decomposition)
    names = listed(comm, folder)
    parallel_assert(comm, names == ["ckpt-000000001", "ckpt-000000002"], f"{names}")


def test_only_rank_0_needs_the_path(comm, folder, make_array, divide):
    decomposition, block = divide(make_array((5, 4)), comm)
    path = folder if comm.rank == 0 else Path("/nowhere")
    Checkpoint(path, comm).prepare()
    Checkpoint(path, comm).write(1, 0.0, {"u": block}, decomposition)
    restored = Checkpoint(path, comm).restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, np.array_equal(restored.fields["u"], block), "block")


def test_prepare_makes_the_directory_and_leaves_nothing_in_it(comm, folder):
    Checkpoint(folder / "a" / "b", comm).prepare()
    parallel_assert(comm, listed(comm, folder / "a" / "b") == [], "something is left")


def test_a_boundary_is_the_owners_part(comm, folder, make_array):
    array = make_array((12, 12))
    dims = tuple(MPI.Compute_dims(comm.size, 2))
    decomposition = Decomposition(shape=array.shape, dims=dims, boundary=1)
    owned = decomposition.owned(comm.rank)
    block = array[tuple(map(slice, owned.start, owned.stop))]
    path = Checkpoint(folder, comm).write(1, 0.0, {"u": block}, decomposition)
    parallel_assert(comm, np.array_equal(np.load(path / "u.npy"), array), "array")
