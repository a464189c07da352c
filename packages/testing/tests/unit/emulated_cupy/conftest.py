import pytest

from hpcpy_testing.emulated_cupy import install_emulated_cupy


@pytest.fixture
def cupy(monkeypatch):
    return install_emulated_cupy(monkeypatch)


@pytest.fixture
def add(cupy):
    """A kernel that adds a number to all items of an array."""
    code = (
        'extern "C" __global__ void add(double *x, double step, int n) {\n'
        "    const int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
        "    if (i < n) x[i] += step;\n"
        "}\n"
    )
    return cupy.RawModule(code=code).get_function("add")
