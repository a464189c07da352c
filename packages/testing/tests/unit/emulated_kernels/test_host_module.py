"""Kernels are found in their source, and launched as a GPU could launch them."""

import signal

import pytest

from hpcpy_core.errors import InputError
from hpcpy_testing.emulated_kernels import KernelError, compile_on_host

SOURCE = (
    '/* extern "C" __global__ void none(int) */\n'
    'extern "C" __global__ void one(int *x) { x[0] += STEP; }\n'
    'extern "C" __global__ void __launch_bounds__(32 * (1 + 1)) two(int *x) { x[0] *= 2; }\n'
)
OPTIONS = ["-DSTEP=5", "--std=c++17", "-arch=sm_90", "-fmad=false"]


def test_a_source_may_have_several_kernels():
    module = compile_on_host(SOURCE, OPTIONS)
    assert module.get_function("two").most_threads == 64
    assert module.get_function("one").most_threads == 1024
    with pytest.raises(InputError, match="void none in this source, but: one, two"):
        module.get_function("none")


def test_no_more_threads_than_it_is_compiled_for(kernel):
    with pytest.raises(KernelError, match="is compiled for 1024 threads, not 1056"):
        kernel("much() {}")((1,), (33, 32), ())


def test_no_more_shared_memory_than_was_asked_for(kernel):
    much = kernel("much() {}")
    with pytest.raises(KernelError, match="set its max_dynamic_shared_size_bytes first"):
        much((1,), (1,), (), shared_mem=49153)
    much.max_dynamic_shared_size_bytes = 49153
    much((1,), (1,), (), shared_mem=49153)


@pytest.mark.parametrize("grid", [(), (0,), (1, 1, 1, 1), (2, -1), (1, 65536), (2**31,)])
def test_a_grid_has_sizes(kernel, grid):
    with pytest.raises(KernelError, match="a grid has one to three sizes from 1 to"):
        kernel("none() {}")(grid, (1,), ())


def test_signals_are_python_s_again_when_it_is_done(kernel):
    caught = []
    former = signal.signal(signal.SIGVTALRM, lambda number, frame: caught.append(number))
    try:
        kernel("none() {}")((1,), (1,), ())
        signal.raise_signal(signal.SIGVTALRM)
    finally:
        signal.signal(signal.SIGVTALRM, former)
    assert caught == [signal.SIGVTALRM]
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
