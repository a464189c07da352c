"""Every kernel against the matrix form of the scheme, and against each other."""

import builtins

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion import kernels
from hpcpy_diffusion.kernels import KERNELS, find_kernel

SHAPES = [(1, 1), (1, 7), (6, 1), (2, 2), (5, 9), (23, 17), (64, 65)]


@pytest.fixture(params=KERNELS)
def step(request):
    return find_kernel(request.param).load()


def random_field(shape, dtype="float64"):
    rng = np.random.default_rng(42)
    return rng.random((shape[0] + 2, shape[1] + 2)).astype(dtype)


def advance_by_matrix(u, r):
    """Return the inner items after a step, as u + r (A u + u B) with dense second differences."""

    def difference(n):
        return np.eye(n, n + 2) - 2 * np.eye(n, n + 2, 1) + np.eye(n, n + 2, 2)

    rows, columns = u.shape[0] - 2, u.shape[1] - 2
    laplacian = difference(rows) @ u[:, 1:-1] + u[1:-1, :] @ difference(columns).T
    return u[1:-1, 1:-1] + r * laplacian


@pytest.mark.parametrize("r", [0.25, 0.1, 1e-3])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_step_is_the_scheme(step, shape, r):
    u = random_field(shape)
    out = np.full_like(u, np.nan)
    step(u, out, r)
    assert np.abs(out[1:-1, 1:-1] - advance_by_matrix(u, r)).max() < 1e-14


@pytest.mark.parametrize("shape", SHAPES)
def test_the_rim_and_the_source_are_left_as_they_were(step, shape):
    u, out = random_field(shape), random_field(shape) + 5
    source, rim = u.copy(), out.copy()
    step(u, out, 0.2)
    out[1:-1, 1:-1] = rim[1:-1, 1:-1]
    assert np.array_equal(u, source)
    assert np.array_equal(out, rim)


@pytest.mark.parametrize("empty", [(0, 4), (4, 0)])
def test_an_empty_block_is_no_work(step, empty):
    u = random_field(empty)
    out = u.copy()
    step(u, out, 0.25)
    assert np.array_equal(out, u)


@pytest.mark.parametrize("r", [0.25, 0.17])
@pytest.mark.parametrize("name", KERNELS)
def test_all_kernels_agree_with_python_to_the_last_bit(name, r):
    fields = {}
    for kernel in ("python", name):
        u = random_field((31, 43))
        out = u.copy()
        for _ in range(20):
            find_kernel(kernel).load()(u, out, r)
            u, out = out, u
        fields[kernel] = u
    assert np.array_equal(fields[name], fields["python"])


def test_float32_stays_float32(step):
    u = random_field((23, 17), "float32")
    out = u.copy()
    step(u, out, 0.2)
    expected = advance_by_matrix(u.astype("float64"), 0.2)
    assert out.dtype == "float32"
    assert np.abs(out[1:-1, 1:-1] - expected).max() < 4 * np.finfo("float32").eps


def test_a_symmetric_field_stays_symmetric_to_the_last_bit(step):
    u = np.zeros((21, 21))
    u[10, 10] = 1.0
    out = u.copy()
    for _ in range(30):
        step(u, out, 0.22)
        u, out = out, u
    for mirrored in (u[::-1], u[:, ::-1], u.T):
        assert np.array_equal(u, mirrored)


def test_auto_takes_the_fastest(monkeypatch):
    assert find_kernel("auto").name == "numba"
    monkeypatch.setattr(kernels, "find_spec", lambda name: None)
    assert find_kernel("auto").name == "numpy-flat"


def test_a_kernel_that_is_not_installed_names_what_to_install(monkeypatch):
    monkeypatch.setattr(kernels, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"kernel numba needs numba, .* pip install"):
        find_kernel("numba")


def test_an_unknown_kernel_names_the_known():
    with pytest.raises(InputError, match=r"unknown kernel 'fortan': .*numpy-flat, numba"):
        find_kernel("fortan")


@pytest.mark.parametrize("name", [n for n, kernel in KERNELS.items() if kernel.needs is None])
def test_simple_kernels_import_no_mpi_and_no_gpu(name, monkeypatch):
    real = builtins.__import__

    def guarded(module, *args, **kwargs):
        assert module.split(".")[0] not in ("mpi4py", "cupy")
        return real(module, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", guarded)
    find_kernel(name).load()
