"""Every kernel against the matrix form of the scheme, and against each other."""

import builtins
import os
import re
import tomllib
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels import KERNELS, find_kernel
from hpcpy_diffusion.kernels import kernel as kernel_module

INSTALLED = [name for name, kernel in KERNELS.items() if kernel.installed]
YARDSTICKS = [name for name in INSTALLED if KERNELS[name].yardstick]
CORES = len(os.sched_getaffinity(0))
SHAPES = [(1, 1), (1, 7), (6, 1), (2, 2), (5, 9), (23, 17), (64, 65)]


@pytest.fixture(params=INSTALLED)
def step(request):
    return find_kernel(request.param).load()


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(kernel_module, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    for variable in ("CC", "CXX", "FC"):
        monkeypatch.delenv(variable, raising=False)


def random_field(shape, dtype="float64"):
    rng = np.random.default_rng(42)
    return rng.random((shape[0] + 2, shape[1] + 2)).astype(dtype)


def advance(name, u, r, steps=20, *, threads=1):
    step, out = find_kernel(name).load(threads), u.copy()
    for _ in range(steps):
        step(u, out, r)
        u, out = out, u
    return u


@cache
def advanced_by_python(r):
    return advance("python", random_field((31, 43)), r)


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
@pytest.mark.parametrize("name", INSTALLED)
def test_all_kernels_agree_with_python_to_the_last_bit(name, r):
    assert np.array_equal(advance(name, random_field((31, 43)), r), advanced_by_python(r))


@pytest.mark.parametrize("name", [name for name in INSTALLED if name != "python"])
def test_in_float32_they_agree_with_numpy_to_the_last_bit(name):
    fields = [advance(one, random_field((31, 43), "float32"), 0.17) for one in ("numpy", name)]
    assert np.array_equal(*fields)


@pytest.mark.parametrize("name", [name for name in INSTALLED if not KERNELS[name].whole])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_views_of_some_rows_and_columns_are_enough(name, dtype):
    rows, columns = 9, 14
    u = random_field((20, 30), dtype)[3 : 3 + rows, 5 : 5 + columns]
    around = np.full((25, 41), np.nan, dtype)
    out = around[7 : 7 + rows, 2 : 2 + columns]
    find_kernel(name).load()(u, out, 0.2)
    expected = np.zeros((rows, columns), dtype)
    find_kernel("numpy").load()(u.copy(), expected, 0.2)
    if name == "python":  # which computes in float64, and rounds once
        assert np.abs(out - expected)[1:-1, 1:-1].max() < 4 * np.finfo(dtype).eps
    else:
        assert np.array_equal(out[1:-1, 1:-1], expected[1:-1, 1:-1])
    out[1:-1, 1:-1] = np.nan
    assert np.isnan(around).all()


@pytest.mark.parametrize("threads", range(1, min(2, CORES) + 1))
@pytest.mark.parametrize("name", [name for name in INSTALLED if KERNELS[name].threads])
def test_any_number_of_threads_gives_the_same_bits(name, threads):
    field = advance(name, random_field((31, 43)), 0.17, threads=threads)
    assert np.array_equal(field, advanced_by_python(0.17))


@pytest.mark.parametrize("steps", [0, 1, 20])
@pytest.mark.parametrize("name", YARDSTICKS)
def test_a_yardstick_takes_many_steps_in_one_call(name, steps):
    module = find_kernel(name).module
    u = random_field((31, 43))
    import_module(f"hpcpy_diffusion.kernels.{module}").advance(u, u.copy(), 0.17, steps)
    assert np.array_equal(u, advance("python", random_field((31, 43)), 0.17, steps))


@pytest.mark.parametrize("name", YARDSTICKS)
def test_a_yardstick_takes_views_too(name):
    module = find_kernel(name).module
    around = random_field((20, 30), "float32")
    u = around[3:12, 5:19]
    expected = around.copy()
    expected[3:12, 5:19] = advance("numpy", u.copy(), 0.17, 5)
    scratch = np.zeros((25, 41), "float32")[7:16, 2:16]
    import_module(f"hpcpy_diffusion.kernels.{module}").advance(u, scratch, 0.17, 5)
    assert np.array_equal(around, expected)


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


def test_auto_takes_the_fastest():
    assert find_kernel("auto").name == list(KERNELS)[-1]


def test_auto_takes_no_yardstick(monkeypatch):
    monkeypatch.setattr(kernel_module, "find_spec", lambda name: None)
    monkeypatch.setattr(kernel_module, "find_compiler", lambda language: [language])
    assert find_kernel("cpp").installed
    assert find_kernel("auto").name == "numpy-flat"


@pytest.mark.parametrize("name", [name for name, k in KERNELS.items() if k.needs or k.compiler])
def test_what_is_missing_is_named_with_what_brings_it(name, nothing_installed):
    kernel = KERNELS[name]
    thing = kernel.needs or f"a {kernel.compiler} compiler"
    assert kernel.missing == thing
    assert not kernel.installed
    message = f"kernel {name} needs {thing}, which is not installed: {kernel.install}"
    with pytest.raises(InputError, match=re.escape(message)):
        find_kernel(name)


@pytest.mark.parametrize("name", [name for name, k in KERNELS.items() if k.compiler])
def test_a_compiler_is_missed_where_the_packages_are_there(name, nothing_installed, monkeypatch):
    monkeypatch.setattr(kernel_module, "find_spec", lambda name: object())
    language = KERNELS[name].compiler
    variable = {"C": "CC", "C++": "CXX", "Fortran": "FC"}[language]
    words = (
        rf"needs a {re.escape(language)} compiler, .* set {variable}, or install one, e\.g\. apt"
    )
    with pytest.raises(InputError, match=words):
        find_kernel(name)


def test_a_package_that_does_not_work_is_named_with_what_brings_it(monkeypatch):
    def fail(name):
        raise ImportError("Numba needs NumPy 9.9 or less")

    monkeypatch.setattr(kernel_module, "import_module", fail)
    words = r"kernel numba cannot import numba: Numba needs NumPy 9\.9 or less; pip install"
    with pytest.raises(InputError, match=words):
        find_kernel("numba").load()


def test_what_is_to_be_installed_is_what_the_package_asks_for():
    path = Path(__file__).parents[2] / "pyproject.toml"
    project = tomllib.loads(path.read_text())["project"]
    wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
    known = {re.match(r"[\w-]+", requirement)[0] for requirement in wanted}
    named = [
        re.findall(r"pip install (?:--upgrade )?([\w-]+)", kernel.install or "")
        for kernel in KERNELS.values()
    ]
    assert {"numba", "numexpr", "jax"} <= {name for names in named for name in names} <= known


def test_without_threads_only_one_is_taken():
    with pytest.raises(InputError, match=r"numpy has no threads: .*numexpr, .*numba-parallel"):
        find_kernel("numpy").load(threads=2)
    with pytest.raises(InputError, match="0 threads cannot work: give 1 or more"):
        find_kernel("numba").load(threads=0)


def test_an_unknown_kernel_names_the_known():
    with pytest.raises(InputError, match=r"unknown kernel 'fortan': .*numpy-flat, .*numba"):
        find_kernel("fortan")


@pytest.mark.parametrize("name", [n for n, kernel in KERNELS.items() if kernel.needs is None])
def test_simple_kernels_import_no_mpi_and_no_gpu(name, monkeypatch):
    real = builtins.__import__

    def guarded(module, *args, **kwargs):
        assert module.split(".")[0] not in ("mpi4py", "cupy")
        return real(module, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", guarded)
    find_kernel(name).load()


def test_where_numba_may_not_compile_auto_is_another_kernel(monkeypatch):
    assert find_kernel("auto").needs == "numba"
    monkeypatch.setattr(kernel_module, "numba_compiles", lambda: False)
    assert find_kernel("auto").needs != "numba"
    assert not find_kernel("auto").yardstick
    with pytest.raises(InputError, match="compiler, which NUMBA_DISABLE_JIT turns off: unset it"):
        find_kernel("numba-vector").load()
