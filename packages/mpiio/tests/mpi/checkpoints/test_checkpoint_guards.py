"""What a checkpoint refuses lest a good one is lost, and what it takes from NumPy."""

import json
import os
from contextlib import nullcontext
from zlib import crc32

import numpy as np
import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio import room as room_module
from hpcpy_mpiio.checkpoints.checkpoint import Checkpoint
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def last(comm):
    return comm.rank == comm.size - 1


def names(comm, folder):
    comm.Barrier()
    found = sorted(path.name for path in folder.glob("ckpt-*"))
    comm.Barrier()
    return found


@pytest.fixture
def two(comm, folder, make_array, divide):
    """Checkpoints of the steps 1 and 2, of the array and of its double."""
    decomposition, block = divide(make_array((12, 4)), comm)
    checkpoint = Checkpoint(folder, comm)
    for step in (1, 2):
        checkpoint.write(step, 0.1 * step, {"u": step * block}, decomposition)
    return checkpoint, decomposition, block


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8", "c16", [("a", "i4"), ("b", "f8")]])
def test_a_field_that_is_not_finite_replaces_nothing(comm, two, folder, value, dtype):
    checkpoint, decomposition, block = two
    bad = np.zeros(block.shape, dtype)
    if last(comm) and bad.size:
        (bad["b"] if bad.dtype.names else bad)[-1, -1] = value
    with parallel_raises(comm, FileError, r"the field u.* is not finite \(.*\) at|is not finite"):
        checkpoint.write(2, 0.3, {"u": bad}, decomposition)
    parallel_assert(comm, names(comm, folder) == ["ckpt-000000001", "ckpt-000000002"], "names")
    restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, np.array_equal(restored.fields["u"], 2 * block), "another field")
    lenient = Checkpoint(folder, comm, finite=False)
    lenient.write(3, 0.3, {"u": bad}, decomposition)
    there = lenient.restore({"u": bad.dtype}, decomposition).fields["u"]
    parallel_assert(comm, there.tobytes() == bad.tobytes(), "not bit for bit")


def test_the_place_of_an_item_that_is_not_finite_is_that_in_the_whole_array(comm, two):
    checkpoint, decomposition, block = two
    bad = np.zeros(block.shape)
    if last(comm):
        bad[-1, -1] = np.nan
    with parallel_raises(comm, FileError, r"is not finite \(nan at \(11, 3\)\)"):
        checkpoint.write(3, 0.3, {"u": bad}, decomposition)


def test_a_masked_array_on_one_rank(comm, two):
    checkpoint, decomposition, block = two
    given = np.ma.masked_greater(block, 0) if last(comm) else block
    with parallel_raises(comm, InputError, "block is a masked array"):
        checkpoint.write(3, 0.3, {"u": given}, decomposition)


def test_more_than_fits(comm, two, folder, monkeypatch):
    checkpoint, decomposition, block = two
    real = os.statvfs(folder)

    class Small:
        f_blocks, f_frsize = 10, 1
        f_bfree = f_bavail = 12 * 4 * 8 - 1

    monkeypatch.setattr(room_module.os, "statvfs", lambda folder: Small)
    with parallel_raises(comm, InputError, "the checkpoint of step 3 needs .* GiB free: .*insist"):
        checkpoint.write(3, 0.3, {"u": block}, decomposition)
    Checkpoint(folder, comm, check_room=False).write(3, 0.3, {"u": block}, decomposition)
    Small.f_bfree = Small.f_bavail = 12 * 4 * 8
    checkpoint.write(4, 0.3, {"u": block}, decomposition)
    Small.f_blocks = Small.f_bfree = Small.f_bavail = 0  # it tells nothing
    checkpoint.write(5, 0.3, {"u": block}, decomposition)
    assert real.f_blocks > 0


def test_scalars_of_numpy_and_paths_of_any_kind(comm, folder, divide, make_array):
    decomposition, block = divide(make_array((5, 4)), comm)
    parameters = {"dx": np.float32(0.5), "n": np.int64(3), "dims": (np.int32(1), 2)}
    for place in (str(folder), folder, os.fsencode(folder)):
        checkpoint = Checkpoint(place, comm, keep=np.int64(1))
        path = checkpoint.write(
            np.int64(3), np.float32(0.25), {"u": block}, decomposition, parameters=parameters
        )
        restored = checkpoint.restore({"u": "f8"}, decomposition, parameters=parameters)
        parallel_assert(comm, (restored.step, restored.time) == (3, 0.25), f"{restored}")
        parallel_assert(comm, path == folder / "ckpt-000000003", f"{path}")
    plain = {"dx": 0.5, "n": 3, "dims": [1, 2]}
    restored = checkpoint.restore({"u": "f8"}, decomposition, parameters=plain)
    parallel_assert(comm, np.array_equal(restored.fields["u"], block), "another field")


@pytest.mark.parametrize(
    "step", [True, 1.5, "1", None, 10**18, 10**5000, -1], ids=lambda step: type(step).__name__
)
def test_what_is_no_step(comm, folder, divide, step):
    decomposition, block = divide(np.zeros((5, 4)), comm)
    with parallel_raises(comm, InputError, "step = "):
        Checkpoint(folder, comm).write(step, 0.1, {"u": block}, decomposition)


@pytest.mark.parametrize("path", [None, 3, "", "a\0b"])
def test_what_is_no_path(comm, path):
    with parallel_raises(comm, InputError, "path"):
        Checkpoint(path, comm)


@pytest.mark.parametrize(
    "changes", [{"dtypes": {"v": "f8"}}, {"dtypes": {"u": "f4"}}, {"parameters": {"a": 2}}]
)
def test_a_restore_of_something_else_on_one_rank(comm, folder, divide, changes):
    """It would wait for ever in the load of a field that the others do not load."""
    decomposition, block = divide(np.zeros((5, 4)), comm)
    checkpoint = Checkpoint(folder, comm)
    checkpoint.write(1, 0.1, {"u": block, "v": block}, decomposition, parameters={"a": 1})
    given = {"dtypes": {"u": "f8"}, "parameters": {"a": 1}} | (changes if last(comm) else {})
    words = rf"rank {comm.size - 1} gave (fields and dtypes|parameters)" if comm.size > 1 else "."
    alone_and_fine = comm.size == 1 and changes == {"dtypes": {"v": "f8"}}
    with nullcontext() if alone_and_fine else parallel_raises(comm, InputError, words):
        checkpoint.restore(given["dtypes"], decomposition, parameters=given["parameters"])


def test_fields_of_another_dtype_on_one_rank_leave_nothing(comm, two, folder):
    checkpoint, decomposition, block = two
    given = {"u": block.astype("f4") if last(comm) else block}
    if comm.size > 1:
        with parallel_raises(comm, InputError, rf"rank {comm.size - 1} gave dtypes"):
            checkpoint.write(3, 0.3, given, decomposition)
        parallel_assert(comm, names(comm, folder) == ["ckpt-000000001", "ckpt-000000002"], "names")


def rewrite(path, change):
    """Change the metadata, with a checksum that is right."""
    content = json.loads(path.read_text())
    del content["checksum"]
    change(content)
    spelled = json.dumps(content, sort_keys=True, separators=(",", ":"))
    content["checksum"] = f"{crc32(spelled.encode()):08x}"
    path.write_text(json.dumps(content))


def absurd_shape(path):
    rewrite(path, lambda content: content["fields"]["u"].update(shape=[12, 10**15]))


def far_too_long_shape(path):
    rewrite(path, lambda content: content["fields"]["u"].update(shape=[12, 10**4000]))


def other_dtype(path):
    rewrite(path, lambda content: content["fields"]["u"].update(dtype=[["a", "<f8", [1] * 999]]))


def path_as_name(path):
    def change(content):
        content["fields"]["../../u"] = content["fields"].pop("u")

    rewrite(path, change)


def negative_step(path):
    rewrite(path, lambda content: content.update(step=-2))


def time_is_text(path):
    rewrite(path, lambda content: content.update(time="0.2"))


def float_schema(path):
    rewrite(path, lambda content: content.update(schema=1.0))


def digits(path):
    path.write_text(path.read_text().replace('"step": 2', f'"step": {"2" * 5000}'))


def twice(path):
    path.write_text(path.read_text().replace('"step": 2', '"step": 3, "step": 2'))


def nested(path):
    path.write_text('{"schema": 1, "step": ' + "[" * 60_000 + "]" * 60_000 + "}")


def byte_order_mark(path):
    path.write_text("\ufeff" + path.read_text())


def not_a_number(path):
    path.write_text(path.read_text().replace('"time": 0.2', '"time": NaN'))


def latin(path):
    path.write_bytes(path.read_bytes().replace(b"<f8", b"\xff\xfe8"))


def empty(path):
    path.write_bytes(b"")


def huge(path):
    os.truncate(path, 2**30)  # sparse


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def device(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def directory(path):
    path.unlink()
    path.mkdir()


def gone(path):
    path.unlink()


@pytest.mark.parametrize(
    "damage",
    [
        *(absurd_shape, far_too_long_shape, other_dtype, path_as_name, negative_step),
        *(time_is_text, float_schema, digits, twice, nested, byte_order_mark, not_a_number),
        *(latin, empty, huge, pipe, device, directory, gone),
    ],
)
def test_metadata_of_any_fault_is_an_invalid_generation(comm, two, folder, damage):
    """The older one is taken, and the next write of the same step goes well."""
    checkpoint, decomposition, block = two
    if comm.rank == 0:
        damage(folder / "ckpt-000000002" / "metadata.json")
    comm.Barrier()
    restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, restored.step == 1, f"{restored.step}")
    parallel_assert(comm, np.array_equal(restored.fields["u"], block), "another field")
    ((name, reason),) = restored.skipped
    parallel_assert(comm, name == "ckpt-000000002", name)
    parallel_assert(comm, 0 < len(reason) < 1000, f"{len(reason)}: {reason[:1000]}")
    checkpoint.write(2, 0.2, {"u": 5 * block}, decomposition)
    restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, restored.step == 2, f"{restored}")
    parallel_assert(comm, np.array_equal(restored.fields["u"], 5 * block), "not the new one")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["FIFO", "directory"])
def test_a_field_that_is_no_file(comm, two, folder, make):
    checkpoint, decomposition, _ = two
    if comm.rank == 0:
        path = folder / "ckpt-000000002" / "u.npy"
        path.unlink()
        make(path)
    comm.Barrier()
    restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, restored.step == 1, f"{restored}")


def test_thousands_of_bad_generations_are_counted(comm, folder, divide):
    decomposition, _ = divide(np.zeros((5, 4)), comm)
    if comm.rank == 0:
        for step in range(1000):
            (folder / f"ckpt-{step:09d}").mkdir()
    comm.Barrier()
    with parallel_raises(comm, FileError, r"ckpt-000000995: .*; and 995 more\)") as caught:
        Checkpoint(folder, comm).restore({"u": "f8"}, decomposition)
    parallel_assert(comm, len(str(caught.error)) < 2000, f"{len(str(caught.error))}")


def test_a_newer_one_that_could_not_be_read_outlives_the_next_write(comm, two, folder, monkeypatch):
    from hpcpy_mpiio.checkpoints import slab_checksums

    checkpoint, decomposition, block = two
    real = os.preadv

    def fail(descriptor, *args):
        if "ckpt-000000002" in os.readlink(f"/proc/self/fd/{descriptor}"):  # noqa: PTH115
            raise OSError(5, "Input/output error")
        return real(descriptor, *args)

    with monkeypatch.context() as patch:
        patch.setattr(slab_checksums.os, "preadv", fail)
        restored = checkpoint.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, restored.step == 1, f"{restored}")
    single = Checkpoint(folder, comm, keep=1)
    object.__setattr__(single, "_unread", checkpoint._unread)
    single.write(1, 0.1, {"u": 7 * block}, decomposition)
    parallel_assert(comm, names(comm, folder) == ["ckpt-000000001", "ckpt-000000002"], "names")
    restored = single.restore({"u": "<f8"}, decomposition)
    parallel_assert(comm, restored.step == 2, f"{restored}")
    parallel_assert(comm, np.array_equal(restored.fields["u"], 2 * block), "another field")


def test_a_users_files_are_never_removed(comm, two, folder):
    checkpoint, decomposition, block = two
    if comm.rank == 0:
        for name in ("ckpt-best.tmp", "ckpt-mine.old", "ckpt-000000003", "ckpt-000000007.tmp"):
            (folder / name).mkdir()
            (folder / name / "thesis.txt").write_text(name)
        (folder / "ckpt-000000001" / "notes.txt").write_text("notes")
    comm.Barrier()
    for step in (3, 4):
        checkpoint.write(step, 0.1 * step, {"u": block}, decomposition)
    checkpoint.clear()
    comm.Barrier()
    found = {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.glob("*/*.txt")
    }
    parallel_assert(
        comm,
        found
        == {
            "ckpt-best.tmp/thesis.txt": "ckpt-best.tmp",
            "ckpt-mine.old/thesis.txt": "ckpt-mine.old",
            "ckpt-000000003.kept/thesis.txt": "ckpt-000000003",
            "ckpt-000000007.tmp/thesis.txt": "ckpt-000000007.tmp",
            "ckpt-000000001.kept/notes.txt": "notes",
        },
        f"{found}",
    )
