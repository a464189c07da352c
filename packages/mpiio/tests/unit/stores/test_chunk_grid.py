from itertools import product
from math import ceil, prod

import pytest

from hpcpy_core.decomposition import Decomposition
from hpcpy_mpiio.stores import chunk_grid as chunk_grid_module
from hpcpy_mpiio.stores.chunk_grid import choose_chunks

CASES = [
    ((10,), (4,), 0),
    ((101, 67), (2, 2), 0),
    ((101, 67), (3, 1), 1),
    ((7, 11, 5), (2, 1, 3), 0),
    ((3, 3), (4, 1), 0),
    ((3, 3), (1, 4), 1),
    ((1, 5), (5, 1), 0),
    ((0, 4), (2, 2), 0),
    ((), (), 0),
]


def chunks_of(grid, rank):
    """Return the indices of the chunks that a rank's region touches."""
    region = grid.region(rank)
    if region.size == 0:
        return []
    spans = zip(region.start, region.stop, grid.chunk, strict=True)
    return list(product(*(range(a // n, ceil(b / n)) for a, b, n in spans)))


@pytest.fixture(params=[2**20, 100, 1], ids=lambda most: f"at most {most} bytes")
def most_bytes(request, monkeypatch):
    monkeypatch.setattr(chunk_grid_module, "MOST_BYTES", request.param)
    return request.param


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_chunk_has_one_writer_which_writes_all_of_it(case, most_bytes):
    shape, dims, boundary = case
    decomposition = Decomposition(shape=shape, dims=dims, boundary=boundary)
    grid = choose_chunks(decomposition, itemsize=8)
    written = [c for rank in range(decomposition.ranks) for c in chunks_of(grid, rank)]
    counts = [range(ceil(n / side)) for n, side in zip(shape, grid.chunk, strict=True)]
    assert sorted(written) == sorted(product(*counts))
    assert sum(grid.region(rank).size for rank in range(decomposition.ranks)) == prod(shape)
    assert prod(grid.chunk) == 1 or prod(grid.chunk) * 8 <= max(most_bytes, 8)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_first_chunk_is_where_the_region_starts(case):
    shape, dims, boundary = case
    decomposition = Decomposition(shape=shape, dims=dims, boundary=boundary)
    grid = choose_chunks(decomposition, itemsize=8)
    for rank in range(decomposition.ranks):
        if grid.region(rank).size:
            assert grid.first_chunk(rank) == chunks_of(grid, rank)[0]


def test_regions_of_equal_blocks_are_the_blocks():
    decomposition = Decomposition(shape=(12, 8), dims=(3, 2))
    grid = choose_chunks(decomposition, itemsize=8)
    assert grid.chunk == (4, 4)
    assert grid.regions_are_blocks


def test_regions_of_uneven_blocks_are_whole_chunks():
    grid = choose_chunks(Decomposition(shape=(10,), dims=(4,)), itemsize=8)
    assert not grid.regions_are_blocks
    assert [grid.region(rank).shape for rank in range(4)] == [(3,), (3,), (3,), (1,)]


@pytest.mark.parametrize(("rows", "pieces"), [(12288, 2), (12285, 3)])
def test_large_blocks_are_cut_into_equal_chunks_where_possible(rows, pieces):
    grid = choose_chunks(Decomposition(shape=(2 * rows, 1024), dims=(2, 1)), itemsize=8)  # 96 MiB
    assert grid.per_rank == (pieces, 1)
    assert grid.chunk == (rows // pieces, 1024)
    assert grid.regions_are_blocks
