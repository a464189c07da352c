import io

import numpy as np
import pytest

from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import FileError
from hpcpy_diffusion.result import Frame
from hpcpy_diffusion.save_thinned import save_thinned
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

FIELD = np.arange(21 * 34, dtype="float32").reshape(21, 34)


@pytest.fixture
def folder(comm, tmp_path):
    return comm.bcast(tmp_path, root=0)


def make_frame(comm, dims, **how):
    decomposition = Decomposition(shape=FIELD.shape, dims=dims, boundary=1)
    whole = Block(start=(0, 0), stop=FIELD.shape)
    block = FIELD[decomposition.owned(comm.rank).within(whole)]
    return Frame(7, 0.5, decomposition, lambda: block, **how)


@pytest.mark.parametrize("stride", [2, 5, 50])
def test_the_file_is_that_of_every_kth_point(comm, folder, stride):
    expected = io.BytesIO()
    np.save(expected, np.ascontiguousarray(FIELD[::stride, ::stride]))
    for number, dims in enumerate([(comm.size, 1), (1, comm.size)]):
        path = folder / f"{number}.npy"
        save_thinned(path, make_frame(comm, dims), stride, comm)
        right = comm.rank > 0 or path.read_bytes() == expected.getvalue()
        parallel_assert(comm, right, f"dims {dims}")


def test_only_what_is_kept_is_brought_to_the_host(comm, folder):
    """As the solver gives it on a GPU."""
    dims, brought = (comm.size, 1), []
    block = make_frame(comm, dims).block

    def show_part(kept):
        brought.append(block[kept].size)
        return block[kept]

    def show():
        raise AssertionError("the whole block was brought")

    frame = Frame(7, 0.5, make_frame(comm, dims).decomposition, show, show_part)
    save_thinned(folder / "a.npy", frame, 3, comm)
    parallel_assert(comm, comm.allreduce(sum(brought)) == FIELD[::3, ::3].size, f"{brought}")


def test_a_file_that_cannot_be_written_is_said_on_all_ranks(comm, folder):
    with parallel_raises(comm, FileError, match="cannot write .*: No such file or directory"):
        save_thinned(folder / "missing" / "a.npy", make_frame(comm, (comm.size, 1)), 2, comm)


def test_after_an_error_the_older_file_is_there(comm, folder, monkeypatch):
    path = folder / "a.npy"
    save_thinned(path, make_frame(comm, (1, comm.size)), 2, comm)

    def fill_up(file, array, **options):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hpcpy_diffusion.save_thinned.npy.write_array", fill_up)
    with parallel_raises(comm, FileError, match="cannot write .*: No space left on device"):
        save_thinned(path, make_frame(comm, (1, comm.size)), 2, comm)
    monkeypatch.undo()
    if comm.rank == 0:
        assert np.array_equal(np.load(path), FIELD[::2, ::2])
        assert [each.name for each in folder.iterdir()] == ["a.npy"]
