"""A kernel of another package, as it is, gives NumPy's bits."""

import functools
from pathlib import Path

import numpy as np
import pytest

from hpcpy_testing.emulated_cupy import guarded, install_emulated_cupy

SOURCE = (
    Path(__file__)
    .parents[4]
    .joinpath("gpu-allreduce", "src", "hpcpy_gpu_allreduce", "kernels", "reduce_many.cu")
)
COUNT = 1003  # the last pack is cut


def multiply(a, b):
    """Round each product, also of complex numbers, of which NumPy fuses some."""
    if not np.iscomplexobj(a):
        return a * b
    real, imag = a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real
    return (real + 1j * imag).astype(a.dtype)


COMBINE = {"sum": np.add, "prod": multiply, "min": np.minimum, "max": np.maximum}


def draw_items(inputs, dtype):
    rng = np.random.default_rng(3)
    if np.dtype(dtype).kind in "iu":
        return rng.integers(0, 250, (inputs, COUNT)).astype(dtype)
    items = rng.random((inputs, COUNT)) + (1j * rng.random(COUNT) if dtype[0] == "c" else 0)
    items[1, 5] = np.nan
    return items.astype(dtype)


def pack_addresses(arrays):
    """Return the struct that the kernel takes by value."""
    addresses = tuple(array.ctypes.data for array in arrays)
    return np.array((addresses,), [("at", np.uint64, (len(arrays),))])


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("dtype", "operation", "inputs"),
    [
        ("float64", "sum", 3),
        ("float64", "min", 2),
        ("float32", "prod", 2),
        ("int32", "max", 4),
        ("uint8", "sum", 3),
        ("complex64", "prod", 2),
    ],
)
def test_the_last_input_is_written_too(monkeypatch, dtype, operation, inputs, packed):
    cupy = install_emulated_cupy(monkeypatch)
    options = (f"-DITEM={dtype}", f"-DOPERATION={operation}", f"-DINPUTS={inputs}", "-DOUTPUTS=2")
    kernel = cupy.RawModule(code=SOURCE.read_text(), options=options).get_function("reduce_many")
    hosts = draw_items(inputs, dtype)
    arrays = [guarded(COUNT, dtype) for _ in hosts]
    for array, host in zip(arrays, hosts, strict=True):
        array.set(host)
    outputs = [arrays[-1], guarded(COUNT, dtype)]
    packs = np.uint64(COUNT * hosts.itemsize // 16 if packed else 0)
    structs = (pack_addresses(arrays), pack_addresses(outputs))
    kernel((2,), (256,), (*structs, np.uint64(COUNT), packs))
    expected = functools.reduce(COMBINE[operation], hosts)
    for found in outputs:
        assert np.array_equal(found.get(), expected, equal_nan=dtype[0] in "fc")
