"""The kernel, compiled for the host: its own source computes, thread by thread, with no GPU."""

import ctypes
import functools
import shutil
import subprocess
from importlib.resources import files

import numpy as np
import pytest

from hpcpy_gpu_allreduce.on_device_reduce import (
    BLOCKS,
    PACK,
    THREADS,
    compile_options,
    pack_addresses,
    plan_launch,
)
from hpcpy_gpu_allreduce.reduction import DTYPES, REDUCTIONS

AS_ON_A_GPU = """
#define __global__
#define __device__
#define __launch_bounds__(threads)
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct { unsigned x; } gridDim, blockDim, blockIdx, threadIdx;
"""
ALL_THREADS = """
extern "C" void launch(unsigned blocks, unsigned threads, inputs from, outputs to, uint64 count,
                       uint64 packs) {
    gridDim.x = blocks;
    blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)
        for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++)
            reduce_many(from, to, count, packs);
}
"""
INSTRUCTIONS = {
    'asm("cvt.f32.f16 %0, %1;" : "=f"(widened) : "h"(item.bits));': (
        "_Float16 half; __builtin_memcpy(&half, &item, 2); widened = half;"
    ),
    'asm("cvt.rn.f16.f32 %0, %1;" : "=h"(narrowed.bits) : "f"(item));': (
        "_Float16 half = item; __builtin_memcpy(&narrowed, &half, 2);"
    ),
}
"""What a host has in the place of a GPU's instructions."""

CASES = [
    (dtype, operation)
    for dtype in DTYPES
    for operation in REDUCTIONS
    if np.dtype(dtype).kind != "c" or operation in ("sum", "prod")
]


@pytest.fixture(scope="module")
def compile_kernel(tmp_path_factory):
    """Compile one case of the kernel, and return it as a function of arrays."""
    source = files("hpcpy_gpu_allreduce").joinpath("kernels", "reduce_many.cu").read_text()
    for instruction, meaning in INSTRUCTIONS.items():
        assert source.count(instruction) == 1
        source = source.replace(instruction, meaning)
    folder = tmp_path_factory.mktemp("kernels")
    program = folder / "kernel.cpp"
    program.write_text(AS_ON_A_GPU + source + ALL_THREADS)
    compiler = shutil.which("c++") or pytest.fail("no C++ compiler: apt-get install g++")

    @functools.cache
    def make(dtype, operation, inputs, outputs):
        library = folder / f"{dtype}-{operation}-{inputs}-{outputs}.so"
        options = [o for o in compile_options(dtype, operation, inputs, outputs) if "fmad" not in o]
        flags = ["-std=c++17", "-O1", "-fwrapv", "-ffp-contract=off", "-fPIC", "-shared"]
        flags += ["-Wno-unknown-pragmas", "-Wno-narrowing"]
        subprocess.run([compiler, *flags, *options, "-o", library, program], check=True)
        launch = ctypes.CDLL(str(library)).launch

        class Inputs(ctypes.Structure):
            _fields_ = (("at", ctypes.c_void_p * inputs),)

        class Outputs(ctypes.Structure):
            _fields_ = (("at", ctypes.c_void_p * outputs),)

        def reduce(read, written, *, multiprocessors=1):
            places = [array.ctypes.data for array in (*read, *written)]
            count, item = read[0].size, read[0].itemsize
            blocks, packs = plan_launch(places, count, item, multiprocessors)
            from_, to = pack_addresses(places[:inputs]), pack_addresses(places[inputs:])
            assert from_.size == to.size == 1  # CuPy takes no other array by value
            by_value = (Inputs.from_buffer(from_), Outputs.from_buffer(to))
            launch(blocks, THREADS, *by_value, ctypes.c_uint64(count), ctypes.c_uint64(packs))
            return packs

        return reduce

    return make


class Guarded:
    """Arrays with some bytes around them, that nobody may write."""

    def __init__(self, host, shift=0):
        self.memory = np.full(host.nbytes + 64 + 2 * PACK, 0xA5, np.uint8)
        start = -self.memory.ctypes.data % PACK + PACK + shift
        self.around = np.r_[0:start, start + host.nbytes : self.memory.size]
        self.array = self.memory[start : start + host.nbytes].view(host.dtype)
        self.array[...] = host

    def is_intact(self):
        return (self.memory[self.around] == 0xA5).all()


def values(dtype, rng, count):
    if np.dtype(dtype).kind in "iu":
        lowest, highest = np.iinfo(dtype).min, np.iinfo(dtype).max
        return rng.integers(lowest, highest, count, dtype, endpoint=True)
    made = rng.uniform(-2, 2, count) + (1j * rng.uniform(-2, 2, count) if dtype[0] == "c" else 0)
    return made.astype(dtype)


def reduced(arrays, operation):
    """Return what NumPy makes of them, one after the other."""
    wide = np.float32 if arrays[0].dtype == np.float16 else arrays[0].dtype
    total = arrays[0].astype(wide)
    for array in arrays[1:]:
        other = array.astype(wide)
        if total.dtype.kind == "c" and operation == "prod":
            parts = total.real * other.real - total.imag * other.imag
            total = parts + 1j * (total.real * other.imag + total.imag * other.real)
            total = total.astype(wide)
        else:
            total = getattr(np, REDUCTIONS[operation].ufunc)(total, other)
    return total.astype(arrays[0].dtype)


@pytest.mark.parametrize(("dtype", "operation"), CASES)
def test_every_dtype_and_operation(compile_kernel, dtype, operation):
    rng = np.random.default_rng(1)
    hosts = [values(dtype, rng, 101) for _ in range(3)]
    read = [Guarded(host) for host in hosts]
    written = [Guarded(np.zeros(101, dtype)) for _ in range(2)]
    with np.errstate(over="ignore"):
        right = reduced(hosts, operation)
    reduce = compile_kernel(dtype, operation, 3, 2)
    assert reduce([r.array for r in read], [w.array for w in written]) > 0
    for each in written:
        assert each.array.tobytes() == right.tobytes()
    assert all(each.is_intact() for each in read + written)
    assert all((r.array == h).all() for r, h in zip(read, hosts, strict=True))


@pytest.mark.parametrize("operation", ["min", "max"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_nan_of_any_rank_is_kept(compile_kernel, dtype, operation):
    arrays = [np.array([1, np.nan, 3], dtype), np.array([np.nan, 5, 6], dtype)]
    written = np.zeros(3, dtype)
    compile_kernel(dtype, operation, 2, 1)(arrays, [written])
    np.testing.assert_array_equal(written, [np.nan, np.nan, 3 if operation == "min" else 6])


@pytest.mark.parametrize("dtype", ["int8", "uint16", "float32", "float64", "complex128"])
@pytest.mark.parametrize("shift", [0, 1], ids=["aligned", "not aligned"])
def test_in_place_each_item_is_reduced_once(compile_kernel, dtype, shift):
    """An item that two threads take, or that is none's, would have another sum."""
    reduce, itemsize = compile_kernel(dtype, "sum", 2, 2), np.dtype(dtype).itemsize
    if itemsize == PACK and shift:
        shift = 0.5  # as far as an array of numbers of 8 bytes can be off
    per_pack = PACK // itemsize
    one_turn = BLOCKS * THREADS * per_pack  # what all threads of one multiprocessor take
    sizes = {1, 2, per_pack - 1, per_pack, per_pack + 1, 5 * per_pack + 3}
    sizes |= {one_turn - 1, one_turn, one_turn + 1, 2 * one_turn + per_pack + 1}
    for count in sorted(sizes - {0}):
        hosts = [(np.arange(count) % 50).astype(dtype), np.full(count, 3).astype(dtype)]
        arrays = [Guarded(host, int(shift * itemsize)) for host in hosts]
        both = [each.array for each in arrays]
        packs = reduce(both, both)
        assert packs == (0 if shift else count // per_pack)
        for each in arrays:
            assert (each.array == hosts[0] + hosts[1]).all()
            assert each.is_intact()


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (1, 4), (2, 1), (16, 16)])
def test_any_number_of_arrays_in_their_order(compile_kernel, inputs, outputs):
    """The sum of these depends on the order in which they are added."""
    hosts = [np.full(33, 1e8 if rank % 2 else -(3.0**rank), "f4") for rank in range(inputs)]
    written = [np.zeros(33, "f4") for _ in range(outputs)]
    compile_kernel("float32", "sum", inputs, outputs)(hosts, written)
    right = reduced(hosts, "sum")
    assert inputs < 16 or (right != reduced(hosts[::-1], "sum")).any()
    for each in written:
        assert each.tobytes() == right.tobytes()


@pytest.mark.parametrize("itemsize", [1, 2, 4, 8, 16])
def test_the_plan_takes_each_item_once(itemsize):
    """The kernel's arithmetic of indices, in Python: which thread takes which items."""
    per_pack = PACK // itemsize
    for count in [*range(1, 70), 4097, 3 * BLOCKS * THREADS * per_pack + 5]:
        for addresses in ([0, 4096], [0, 4096 + itemsize % PACK]):
            blocks, packs = plan_launch(addresses, count, itemsize, multiprocessors=1)
            taken = np.zeros(count, int)
            for thread in range(blocks * THREADS):
                for pack in range(thread, packs, blocks * THREADS):
                    taken[pack * per_pack : (pack + 1) * per_pack] += 1
                taken[packs * per_pack + thread :: blocks * THREADS] += 1
            assert (taken == 1).all(), (count, itemsize, addresses)
            assert 1 <= blocks <= BLOCKS


def test_no_block_has_nothing_to_do():
    assert plan_launch([0], 1, 8, 132) == (1, 0)
    assert plan_launch([0], 512, 8, 132) == (1, 256)
    assert plan_launch([0], 514, 8, 132) == (2, 257)
    assert plan_launch([8], 514, 8, 132) == (3, 0)
    assert plan_launch([0], 1 << 30, 8, 132) == (BLOCKS * 132, 1 << 29)
