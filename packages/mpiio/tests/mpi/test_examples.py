"""Every example is right on every rank, and says so when the file is not."""

import sys
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import CPU
from hpcpy_core.errors import FileError
from hpcpy_mpiio.examples import TOPICS
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

EXAMPLES = {example.name: example for examples in TOPICS.values() for example in examples}

# For each example the calls of which the last rank falsifies what they write or have read.
FALSIFIED = {
    "contiguous": ["Write_at_all"],
    "individual_pointers": ["Write", "Read"],
    "shared_pointer": ["Write_shared"],
    "write_ordered": ["Write_ordered"],
    "vector_view": ["Write_all"],
    "subarray_view": ["Write_all"],
    "darray_view": ["Write_all"],
    "teaching_matrix": ["Write_at", "Write_at_all", "Iwrite_at_all"],
    "npy_file": ["Write_all"],
    "nonblocking_collective": ["Iwrite_at_all"],
    "atomic_mode": ["Read_at"],
    "set_size": ["Write_at_all"],
    "external32": ["Write_at_all"],
    "hints": ["Write_at_all"],
}
CASES = [(name, method) for name, methods in FALSIFIED.items() for method in methods]


@pytest.fixture(autouse=True)
def _in_a_folder_of_the_test(folder, monkeypatch):
    monkeypatch.chdir(folder)


@pytest.fixture
def patch_file(monkeypatch):
    """Let an example find in `MPI.File` a class of files with other methods."""

    def patch(name, **methods):
        file = type("SpoiledFile", (MPI.File,), methods)
        spoiled = type("SpoiledMPI", (), {"__getattr__": lambda _, key: getattr(MPI, key)})()
        spoiled.File = file
        EXAMPLES[name].load()
        monkeypatch.setattr(sys.modules[f"hpcpy_mpiio.examples.{name}"], "MPI", spoiled)

    return patch


def array_of(spec):
    return spec[0] if isinstance(spec, list) else spec


def falsify(method, kept):
    """Return the method with other data: one is added to each item of its last argument."""

    def falsified(file, *args):
        *first, spec = args
        call = getattr(super(type(file), file), method)
        if "ead" in method:
            call(*args)
            array_of(spec)[...] += 1
            return None
        array = array_of(spec) + 1
        kept.append(array)  # until a request is done
        return call(*first, [array, *spec[1:]] if isinstance(spec, list) else array)

    return falsified


def test_every_example_has_a_case():
    assert FALSIFIED.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_answer_is_correct_on_every_rank_and_nothing_is_left(comm, folder, name):
    result = EXAMPLES[name].load()(comm, CPU)
    parallel_assert(comm, result.correct, f"{result.lines} {result.expected}")
    spoke = comm.allreduce(len(result.lines))
    parallel_assert(comm, spoke > 0, "no rank had anything to say")
    parallel_assert(comm, not list(folder.iterdir()), "a folder is left")


@pytest.mark.parametrize(("name", "method"), CASES)
def test_false_data_of_one_rank_is_noticed(comm, patch_file, name, method):
    kept = []
    last = comm.rank == comm.size - 1
    patch_file(name, **({method: falsify(method, kept)} if last else {}))
    result = EXAMPLES[name].load()(comm, CPU)
    reads_itself = "ead" in method  # what one rank reads is no other's business
    parallel_assert(
        comm,
        result.correct == (reads_itself and not last),
        f"{method} falsified, correct {result.correct}: {result.lines}",
    )
    parallel_assert(comm, result.correct or "expected " in result.expected, result.expected)
    parallel_assert(comm, bool(kept) == (last and not reads_itself), "falsified nothing")


def test_atomic_mode_notices_a_mixture(comm, patch_file):
    def write_mixture(file, offset, items):
        items = items.copy()
        items[items.size // 2 :] += 0.5
        super(type(file), file).Write_at(offset, items)

    patch_file("atomic_mode", Write_at=write_mixture)
    result = EXAMPLES["atomic_mode"].load()(comm, CPU)
    parallel_assert(comm, not result.correct, f"{result.lines}")


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_file_that_one_rank_cannot_open_is_an_error_on_all(comm, folder, patch_file, name):
    @classmethod
    def refuse(cls, *args):
        file = MPI.File.Open(*args)
        file.Close()
        if comm.rank == comm.size - 1:
            raise MPI.Exception(MPI.ERR_ACCESS)
        return file

    patch_file(name, Open=refuse)
    with parallel_raises(comm, FileError, r"cannot use .*data\.bin") as caught:
        EXAMPLES[name].load()(comm, CPU)
    parallel_assert(comm, caught.error.agreed, "not marked as agreed")
    comm.Barrier()  # the folder is rank 0's to remove
    parallel_assert(comm, not list(folder.iterdir()), "a folder is left")


def test_shared_pointer_wants_every_record(comm, patch_file):
    class Counted:
        calls = 0

    def skip_first(file, record):
        Counted.calls += 1
        if Counted.calls > 1:
            super(type(file), file).Write_shared(record)

    patch_file("shared_pointer", Write_shared=skip_first)
    result = EXAMPLES["shared_pointer"].load()(comm, CPU)
    parallel_assert(comm, not result.correct, f"{result.lines}")


def test_external32_is_big_endian_in_the_file(comm, monkeypatch):
    example = EXAMPLES["external32"].load()
    module = sys.modules["hpcpy_mpiio.examples.external32"]
    seen = []

    class Spy:
        def __getattr__(self, name):
            return getattr(np, name)

        def fromfile(self, path, dtype):
            seen.append(Path(path).read_bytes())
            return np.fromfile(path, dtype=dtype)

    monkeypatch.setattr(module, "np", Spy())
    example(comm, CPU)
    # 1/4 is 1.0 x 2^-2: sign 0, exponent 1021, so 3fd0...
    parallel_assert(comm, seen[0][8:16] == bytes.fromhex("3fd0000000000000"), f"{seen}")
    parallel_assert(comm, len(seen[0]) == comm.size * 4 * 8, f"{len(seen[0])} bytes")
