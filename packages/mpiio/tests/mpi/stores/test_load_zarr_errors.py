"""A store that cannot be read: the same error on every rank, and nothing of it is executed."""

import importlib.util
import json

import numpy as np
import pytest

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.stores.load_zarr import load_zarr
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

INSTALLED = importlib.util.find_spec("zarr") is not None
SHAPE = (12, 8)


def needs_zarr(test):
    return test if INSTALLED else None


@pytest.fixture
def load(comm):
    """Load an array of this shape, by rows."""

    def load(path, shape=SHAPE):
        return load_zarr(path, Decomposition(shape=shape, dims=(comm.size, 1)), comm)

    return load


@pytest.fixture
def store(comm, folder):
    """Make a store on rank 0, and damage it."""

    def make(damage=lambda path: None, dtype="f8", **options):
        path = folder / "u.zarr"
        if comm.rank == 0:
            import zarr

            array = zarr.create_array(
                store=str(path), shape=SHAPE, chunks=(3, 8), dtype=dtype, **options
            )
            array[...] = np.arange(96).reshape(SHAPE).astype(dtype)
            damage(path)
        comm.Barrier()
        return path

    return make


def edit(change):
    """Change the metadata of a store."""

    def damage(path):
        metadata = json.loads((path / "zarr.json").read_text())
        change(metadata)
        (path / "zarr.json").write_text(json.dumps(metadata))

    return damage


def test_missing_store_or_missing_zarr(comm, folder, load):
    words = "does not exist: give the folder" if INSTALLED else "zarr is not installed"
    with parallel_raises(comm, InputError, words):
        load(folder / "u.zarr")


@needs_zarr
def test_store_of_another_writer(comm, store, load):
    place = Decomposition(shape=SHAPE, dims=(comm.size, 1)).owned(comm.rank)
    expected = np.arange(96).reshape(SHAPE)[tuple(map(slice, place.start, place.stop))]
    parallel_assert(comm, np.array_equal(load(store()), expected), "items differ")


@needs_zarr
def test_another_shape(comm, store, load):
    with parallel_raises(comm, InputError, r"make one with shape=\(12, 8\)"):
        load(store(), shape=(8, 12))


@needs_zarr
def test_format_2_is_not_opened(comm, store, load):
    with parallel_raises(comm, FileError, "check that it is a whole Zarr array of format 3"):
        load(store(zarr_format=2))


@needs_zarr
@pytest.mark.parametrize(
    "damage",
    [
        lambda path: (path / "zarr.json").write_text("{nonsense"),
        lambda path: (path / "zarr.json").unlink(),
        edit(lambda metadata: metadata.update(node_type="group")),
        edit(lambda metadata: metadata.update(codecs="none")),
        edit(lambda metadata: metadata.pop("shape")),
    ],
    ids=["no JSON", "no metadata", "group", "no codecs", "no shape"],
)
def test_damaged_metadata(comm, store, load, damage):
    with parallel_raises(comm, FileError, "cannot read .*u.zarr: "):
        load(store(damage))


@needs_zarr
@pytest.mark.parametrize(
    "damage",
    [lambda chunk: chunk[:-3], lambda chunk: chunk[:-9] + b"broken..!"],
    ids=["cut", "flip"],
)
def test_damaged_chunk(comm, store, load, damage):
    def damage_last(path):
        chunk = path / "c" / "3" / "0"
        chunk.write_bytes(damage(chunk.read_bytes()))

    with parallel_raises(comm, FileError, "cannot read .*u.zarr: "):
        load(store(damage_last))


@needs_zarr
@pytest.mark.parametrize("inside_shards", [False, True])
def test_codec_beyond_the_specification(comm, store, load, inside_shards):
    def add(metadata):
        codecs = metadata["codecs"]
        if inside_shards:
            codecs = codecs[0]["configuration"]["codecs"]
        codecs.append({"name": "pickle", "configuration": {}})

    path = store(edit(add), shards=(6, 8) if inside_shards else None)
    with parallel_raises(comm, FileError, "has codec pickle, which is not read here"):
        load(path)
