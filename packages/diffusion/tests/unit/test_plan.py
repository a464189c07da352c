import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels import KERNELS
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import WITHOUT_HALO, choose_depth, choose_exchange, make_plan

SINGLE, WHOLE, TILES = (KERNELS[name] for name in ("numba", "numpy-flat", "numba-vector"))
SMALL = Parameters()
LARGE = Parameters(dx=20 / 1025)


def choose(asked, kernel, *, dims=None, depth="auto", ranks=4, nodes=1):
    return choose_exchange(asked, kernel, ranks=ranks, nodes=nodes, dims=dims, halo_depth=depth)


def test_auto_shares_the_field_of_a_kernel_of_many_steps():
    assert choose("auto", TILES) == ("shared", (4, 1))
    assert choose("auto", TILES, dims=(4, 1)) == ("shared", (4, 1))
    assert choose("auto", TILES, ranks=8) == ("shared", (8, 1))
    for others in (
        {"kernel": SINGLE},
        {"kernel": TILES, "ranks": 9},
        {"kernel": TILES, "nodes": 2},
        {"kernel": TILES, "dims": (2, 2)},
        {"kernel": TILES, "depth": 4},
    ):
        assert choose("auto", **others) == ("persistent", others.get("dims"))


def test_what_is_asked_for_is_taken():
    assert choose("sendrecv", TILES) == ("sendrecv", None)
    assert choose("persistent", TILES) == ("persistent", None)
    assert choose("shared", SINGLE) == ("shared", (4, 1))
    assert choose("shared", SINGLE, dims=(2, 2)) == ("shared", (2, 2))


@pytest.mark.parametrize("asked", ["auto", "sendrecv", "persistent", "shared"])
def test_one_rank_has_none(asked):
    assert choose(asked, TILES, ranks=1) == ("none", None)


@pytest.mark.parametrize(
    ("asked", "options", "words"),
    [
        ("pigeon", {}, "exchange pigeon: choose one of auto, sendrecv, persistent, shared"),
        ("shared", {"nodes": 2}, "are on 2 nodes, which share no memory: give --exchange persist"),
        ("shared", {"kernel": WHOLE, "dims": (2, 2)}, "whole rows only: give --dims 4x1"),
        ("shared", {"kernel": TILES, "dims": (1, 4)}, "whole rows only: give --dims 4x1"),
    ],
)
def test_an_exchange_that_cannot_work(asked, options, words):
    with pytest.raises(InputError, match=words):
        choose(asked, **{"kernel": SINGLE, **options})


def test_auto_is_a_quarter_of_the_smallest_block_and_32_at_most():
    assert choose_depth("auto", "persistent", SINGLE, 299, (2, 2))[0] == 1
    assert choose_depth("auto", "persistent", TILES, 299, (2, 2))[0] == 32
    assert choose_depth("auto", "persistent", TILES, 29, (2, 1))[0] == 3
    assert choose_depth("auto", "persistent", TILES, 29, (2, 4))[0] == 1
    assert choose_depth("auto", "persistent", TILES, 3, (1, 7))[0] == 1  # some without cells
    assert choose_depth("auto", "shared", TILES, 299, (4, 1))[0] == 0
    assert choose_depth("auto", "none", TILES, 299, (1, 1))[0] == 0
    assert choose_depth(9, "none", TILES, 299, (1, 1))[0] == 0


@pytest.mark.parametrize(
    ("asked", "exchange", "dims", "words"),
    [
        (0, "none", (1, 1), "halo depth 0: give 1 or more"),
        (15, "persistent", (2, 1), "has 14 layers to send: give --halo-depth 14 at most"),
        (8, "sendrecv", (2, 4), "has 7 layers to send: give --halo-depth 7 at most"),
        (2, "persistent", (30, 1), "has 1 layers to send"),
        (1, "shared", (4, 1), "shared memory has no halos"),
    ],
)
def test_a_depth_that_cannot_work(asked, exchange, dims, words):
    with pytest.raises(InputError, match=words):
        choose_depth(asked, exchange, TILES, 29, dims)


def test_the_plan_tells_what_was_chosen_and_how_many_steps_go_together():
    def plan(asked, exchange, kernel, parameters=SMALL, dims=(2, 1), threads=1):
        return make_plan(asked, exchange, kernel, parameters, dims=dims, threads=threads)

    assert plan(5, "persistent", SINGLE).chunk == 5
    assert plan("auto", "shared", SINGLE).chunk == 1
    assert plan("auto", "shared", TILES).chunk == WITHOUT_HALO
    assert plan("auto", "none", TILES, dims=(1, 1)).chunk == WITHOUT_HALO
    assert str(plan("auto", "persistent", TILES, threads=2)) == (
        "halo depth 32 · exchange persistent · 2 threads a rank "
        "(kernel numba-vector takes 32 steps at once)"
    )
    assert str(plan("auto", "shared", TILES)) == (
        "halo depth 0 · exchange shared (all share one field)"
    )


def test_large_blocks_of_whole_rows_overlap_exchange_and_compute():
    def overlap(asked="auto", exchange="persistent", kernel=SINGLE, parameters=LARGE, dims=(4, 1)):
        return make_plan(asked, exchange, kernel, parameters, dims=dims, threads=1).overlap

    assert overlap()
    assert not overlap(parameters=SMALL)
    assert not overlap(asked=2)
    assert not overlap(exchange="sendrecv")
    assert not overlap(dims=(2, 2))
    assert not overlap(kernel=TILES, asked=1)
