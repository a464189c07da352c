"""Many steps in passes, against single steps of the kernel ``numpy``."""

import threading

import numpy as np
import pytest

from hpcpy_diffusion.kernels.lanes import field as module
from hpcpy_diffusion.kernels.lanes.field import LaneField
from hpcpy_diffusion.kernels.numpy_slices import step

SHAPES = [(1, 1), (1, 9), (6, 1), (3, 8), (23, 17), (40, 64), (64, 65)]


def random_field(shape, dtype="float64"):
    padded = np.zeros((shape[0] + 2, shape[1] + 2), dtype)
    padded[1:-1, 1:-1] = np.random.default_rng(7).random(shape)
    return padded


def advance_singly(padded, r, steps):
    out = padded.copy()
    for _ in range(steps):
        step(padded, out, r)
        padded, out = out, padded
    return padded


def set_tile(monkeypatch, tile):
    monkeypatch.setattr(module, "choose_tile", lambda layout, team: tile)


@pytest.mark.parametrize("tile", [None, (1, 4), (3, 7), (8, 4), (5, 12)])
@pytest.mark.parametrize("r", [0.25, 0.17])
@pytest.mark.parametrize("shape", SHAPES)
def test_any_number_of_steps_is_the_same_to_the_last_bit(monkeypatch, shape, r, tile):
    if tile is not None:
        set_tile(monkeypatch, tile)
    padded = random_field(shape)
    field = LaneField(shape, padded.dtype, r)
    field.write(padded[1:-1, 1:-1])
    for steps in (1, 2, 0, 7, 65):
        field.advance(steps)
        padded = advance_singly(padded, r, steps)
        found = np.full(shape, np.nan)
        field.read(found)
        assert np.array_equal(found, padded[1:-1, 1:-1]), steps


@pytest.mark.parametrize("shape", SHAPES)
def test_float32(shape):
    padded = random_field(shape, "float32")
    field = LaneField(shape, padded.dtype, 0.2)
    field.write(padded[1:-1, 1:-1])
    field.advance(20)
    found = np.zeros(shape, "float32")
    field.read(found)
    assert np.array_equal(found, advance_singly(padded, 0.2, 20)[1:-1, 1:-1])


@pytest.mark.parametrize("tile", [(2, 4), (16, 4), (64, 8)])
@pytest.mark.parametrize("threads", [2, 3])
def test_threads_share_a_pass(monkeypatch, threads, tile):
    set_tile(monkeypatch, tile)
    padded = random_field((61, 33))
    field = LaneField((61, 33), padded.dtype, 0.21, threads=threads)
    field.write(padded[1:-1, 1:-1])
    for steps in (1, 40, 3):
        field.advance(steps)
        padded = advance_singly(padded, 0.21, steps)
        found = np.zeros((61, 33))
        field.read(found)
        assert np.array_equal(found, padded[1:-1, 1:-1])
    field.close()


def test_members_share_memory(monkeypatch):
    """Threads play the processes; each has a `LaneField` of its own over the same bytes."""
    shape, size = (37, 20), 3
    set_tile(monkeypatch, (8, 4))
    padded = random_field(shape)
    memory = np.zeros(LaneField.nbytes(shape, padded.dtype, size), np.uint8)
    members = [
        LaneField(shape, padded.dtype, 0.21, member=(me, size), memory=memory) for me in range(size)
    ]
    for me, (first, stop) in enumerate([(0, 13), (13, 25), (25, 37)]):
        members[me].write(padded[1 + first : 1 + stop, 1:-1], first)
    for steps in (5, 20):
        teams = [threading.Thread(target=member.advance, args=(steps,)) for member in members]
        for team in teams:
            team.start()
        for team in teams:
            team.join(timeout=60)
            assert not team.is_alive()
        padded = advance_singly(padded, 0.21, steps)
        found = np.zeros((5, shape[1]))
        members[1].read(found, 13)
        assert np.array_equal(found, padded[14:19, 1:-1])


@pytest.mark.parametrize("halo", [(True, False), (False, True), (True, True)])
def test_rows_of_a_neighbour_go_stale_one_by_one(halo):
    padded = random_field((30, 21))
    field = LaneField((30, 21), padded.dtype, 0.2, halo=halo, depth=5)
    field.write(padded[1:-1, 1:-1])
    field.advance(5)
    found = np.zeros((30, 21))
    field.read(found)
    right = slice(5 * halo[0], 30 - 5 * halo[1])
    assert np.array_equal(found[right], advance_singly(padded, 0.2, 5)[1:-1, 1:-1][right])
    assert np.isfinite(found).all()


@pytest.mark.parametrize("shape", [(0, 4), (4, 0)])
def test_a_field_without_cells_is_no_work(shape):
    field = LaneField(shape, np.dtype("float64"), 0.25)
    field.write(np.zeros(shape))
    field.advance(3)
    field.read(np.zeros(shape))


def test_what_is_not_the_field_stays_zero():
    padded = random_field((30, 21))
    field = LaneField((30, 21), padded.dtype, 0.2)
    field.write(padded[1:-1, 1:-1])
    field.advance(45)
    rows = field.rows(0, 30)
    total = advance_singly(padded, 0.2, 45).sum()
    assert np.abs(rows.sum() - total) < 1e-12
    assert np.abs(field._lanes.sum() - total) < 1e-12
