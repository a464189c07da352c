"""Kernels of the emulated CuPy, and what it refuses."""

import numpy as np
import pytest

from hpcpy_testing.emulated_cupy import device, guarded
from hpcpy_testing.emulated_kernels import KernelError

PLACES = 'extern "C" __global__ void put(int *x) { x[0] = blockIdx.x; }'
WRITE = 'extern "C" __global__ void put(float *x, int n) { x[n] = 1; }'


def test_each_launch_runs_in_another_order(cupy):
    put = cupy.RawModule(code=PLACES).get_function("put")
    found = []
    for _ in range(6):
        x = cupy.zeros(1, np.int32)
        put((64,), (1,), (x,))
        found += x.tolist()
    assert len(set(found)) > 1


def test_a_refused_source_is_an_error_of_the_compiler(cupy):
    with pytest.raises(cupy.cuda.compiler.CompileException, match=r"kernels\.cu:1") as caught:
        cupy.RawModule(code="not CUDA", options=("-DX=1",)).get_function("f")
    assert "kernels.cu:1" in caught.value.get_message()
    assert caught.value.options == ("-DX=1",)


def test_wrong_arguments_are_told_by_the_call(cupy, add):
    with pytest.raises(TypeError, match=r"argument 1 of add must be numpy\.float64"):
        add((1,), (1,), (cupy.zeros(1), 1.0, np.int32(1)))


@pytest.mark.parametrize("index", [2, -1, 1024, -1024])
def test_writes_outside_of_an_array_are_told_by_the_wait(cupy, index):
    put = cupy.RawModule(code=WRITE).get_function("put")
    x = cupy.zeros(2, np.float32)
    put((1,), (1,), (x, np.int32(index)))
    with pytest.raises(KernelError, match=r"float32 array of shape|where nothing is"):
        cupy.cuda.get_current_stream().synchronize()
    put((1,), (1,), (x, np.int32(1)))
    assert x.tolist() == [0, 1]


def test_what_is_between_the_rows_is_not_written(cupy):
    put = cupy.RawModule(code=WRITE).get_function("put")
    x = guarded((2, 3), np.float32, pitch=16)
    put((1,), (1,), (x, np.int32(4)))
    assert x.get()[1, 0] == 1
    put((1,), (1,), (x, np.int32(3)))
    with pytest.raises(KernelError, match="between the rows"):
        x.get()


def test_a_kernel_asks_for_much_shared_memory(cupy, add):
    assert add.max_dynamic_shared_size_bytes == 48 * 1024
    add.max_dynamic_shared_size_bytes = 100_000
    add((1,), (1,), (cupy.zeros(1), np.float64(1), np.int32(1)), shared_mem=100_000)
    with pytest.raises(KernelError, match="232448"):
        add.max_dynamic_shared_size_bytes = 232449


def test_a_cooperative_launch_is_not_larger_than_the_device(cupy, monkeypatch):
    code = 'extern "C" __global__ void none() {}'
    none = cupy.RawModule(code=code, enable_cooperative_groups=True).get_function("none")
    none((8,), (1024,), ())
    with pytest.raises(KernelError, match=r"TOO_LARGE: 9 blocks .* at most 8"):
        none((9,), (1024,), ())
    monkeypatch.setitem(device.ATTRIBUTES, "MultiProcessorCount", 5)
    none((9,), (1024,), ())
    cupy.cuda.get_current_stream().synchronize()


def test_a_kernel_outlives_the_emulation_it_was_compiled_under(cupy, add, monkeypatch):
    from hpcpy_testing.emulated_cupy import install_emulated_cupy

    later = install_emulated_cupy(monkeypatch)
    x = later.zeros(1)
    add((1,), (1,), (x, np.float64(2), np.int32(1)))
    assert x.tolist() == [2]
