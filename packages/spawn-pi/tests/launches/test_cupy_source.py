"""The CUDA source gives the bits of the other kernels, with a CPU's threads for a GPU's.

It needs a C compiler and no GPU: the words of CUDA become those of C and pthreads. So
indices, barriers and the order of operations are tested; the GPU's compiler is not.
"""

import ctypes
import sys
from types import ModuleType

import numpy as np
import pytest

from hpcpy_core.find_compiler import require_compiler
from hpcpy_core.tools import run_tool
from hpcpy_spawn_pi.kernels import BLOCK, LANES, find_kernel
from hpcpy_spawn_pi.quadrature import MOST_INTERVALS

BEFORE = f"""
#include <pthread.h>
#include <stdint.h>
enum {{ BLOCK = {BLOCK}, LANES = {LANES}, ROWS = {BLOCK // (2 * LANES)} }};
#define __global__
#define __shared__ static
#define __syncthreads() pthread_barrier_wait(&barrier)
static pthread_barrier_t barrier;
static _Thread_local struct {{ int x; }} threadIdx, blockIdx;
"""
AFTER = """
static struct { long long intervals, first; int blocks; double *sums; } call;

static void *run_thread(void *lane)
{
    threadIdx.x = (intptr_t)lane;
    for (blockIdx.x = 0; blockIdx.x < call.blocks; blockIdx.x++) {
        block_sums(call.intervals, call.first, call.sums);
        pthread_barrier_wait(&barrier); /* a block begins when the one before it has ended */
    }
    return 0;
}

int launch(long long intervals, long long first, int blocks, double *sums)
{
    static pthread_t threads[LANES];
    call.intervals = intervals, call.first = first, call.blocks = blocks, call.sums = sums;
    pthread_barrier_init(&barrier, 0, LANES);
    for (intptr_t lane = 0; lane < LANES; lane++)
        if (pthread_create(threads + lane, 0, run_thread, (void *)lane))
            return 1;
    for (int lane = 0; lane < LANES; lane++)
        pthread_join(threads[lane], 0);
    return pthread_barrier_destroy(&barrier);
}
"""


@pytest.fixture(scope="module")
def launch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cupy-source")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "cupy", ModuleType("cupy"))
        from hpcpy_spawn_pi.kernels.cupy_block import SOURCE

        del sys.modules["hpcpy_spawn_pi.kernels.cupy_block"]
    program, library = folder / "source.c", folder / "source.so"
    program.write_text(BEFORE + SOURCE.replace('extern "C"', "") + AFTER, encoding="utf-8")
    options = ("-O2", "-ffp-contract=off", "-pthread", "-shared", "-fPIC")
    run_tool([*require_compiler("C", "this test"), *options, str(program), "-o", str(library)], 60)
    call = ctypes.CDLL(str(library)).launch
    doubles = np.ctypeslib.ndpointer(np.float64, ndim=1)
    call.argtypes = [ctypes.c_longlong, ctypes.c_longlong, ctypes.c_int, doubles]
    return call


@pytest.mark.parametrize(
    ("intervals", "first", "last"),
    [
        (1, 0, 1),
        (2 * LANES + 5, 0, 1),
        (BLOCK - 1, 0, 1),
        (3 * BLOCK + 4711, 2, 4),
        (MOST_INTERVALS, 2**36 - 1, 2**36),
    ],
)
def test_the_bits_are_those_of_the_other_kernels(launch, intervals, first, last):
    sums, expected = np.full((2, last - first), np.nan)
    assert launch(intervals, first, last - first, sums) == 0
    find_kernel("numpy").load()(intervals, first, last, expected)
    assert np.array_equal(sums, expected)
