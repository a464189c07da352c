from types import SimpleNamespace

import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.plan import WITHOUT_HALO
from hpcpy_diffusion.plan_on_gpu import DEEPEST, choose_exchange_on_gpu, make_plan_on_gpu

RAW, TILED = (SimpleNamespace(most=most, regional=True) for most in (1, 8))
RESIDENT = SimpleNamespace(most=1 << 30, regional=False)


def plan(asked, sweep, *, points=4096, dims=(2, 1), exchange="persistent"):
    return make_plan_on_gpu(asked, exchange, sweep, "why", points=points, dims=dims)


def test_persistent_requests_are_the_default():
    assert choose_exchange_on_gpu("auto", 2) == "persistent"
    assert choose_exchange_on_gpu("sendrecv", 2) == "sendrecv"
    assert choose_exchange_on_gpu("auto", 1) == choose_exchange_on_gpu("sendrecv", 1) == "none"


@pytest.mark.parametrize("asked", ["shared", "carrier-pigeon"])
@pytest.mark.parametrize("ranks", [1, 2])
def test_what_no_gpu_can_do_is_refused(asked, ranks):
    with pytest.raises(InputError, match=f"exchange {asked}: "):
        choose_exchange_on_gpu(asked, ranks)


def test_halos_are_as_deep_as_a_sweep_takes_steps():
    assert [plan("auto", each).depth for each in (RAW, TILED, RESIDENT)] == [1, 8, DEEPEST]
    assert plan("auto", TILED, points=40).depth == 5  # a quarter of the smallest block
    assert plan("auto", TILED, points=3, dims=(4, 1)).depth == 1


def test_what_is_asked_for_is_taken_if_the_blocks_have_it():
    assert plan(20, TILED).depth == plan(20, TILED).chunk == 20
    with pytest.raises(InputError, match=r"the smallest block has 20 layers.*--halo-depth 20"):
        plan(21, TILED, points=40)
    for exchange in ("none", "persistent"):
        with pytest.raises(InputError, match="halo depth 0: give 1 or more"):
            plan(0, TILED, exchange=exchange)


def test_one_rank_has_no_halo():
    alone = plan("auto", TILED, exchange="none", dims=(1, 1))
    assert (alone.depth, alone.chunk, alone.overlap) == (0, WITHOUT_HALO, False)


def test_the_inside_is_computed_meanwhile_where_one_sweep_goes_from_exchange_to_exchange():
    assert plan("auto", RAW).overlap
    assert plan("auto", TILED).overlap
    assert plan(8, TILED, dims=(2, 2)).overlap
    assert not plan(9, TILED).overlap
    assert not plan("auto", RESIDENT).overlap
    assert not plan("auto", TILED, exchange="sendrecv").overlap
    assert not plan("auto", TILED, points=1024).overlap  # 2^19 points each
