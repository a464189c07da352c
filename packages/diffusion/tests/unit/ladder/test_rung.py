from dataclasses import replace

import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels import GPU_KERNELS, KERNELS, kernel
from hpcpy_diffusion.ladder import rung
from hpcpy_diffusion.ladder.rung import Rung, list_missing, list_rungs, settle_ladder


@pytest.fixture
def kernels(monkeypatch):
    """Three kernels: plain, with threads, and one that needs what nobody has."""
    plain = replace(KERNELS["python"], name="plain")
    threaded = replace(plain, name="threaded", threads=True)
    absent = replace(plain, name="absent", needs="no_such_package", install="pip install it")
    found = {each.name: each for each in (plain, threaded, absent)}
    monkeypatch.setattr(rung, "KERNELS", found)
    return found


def test_each_number_of_threads_is_a_rung_of_kernels_that_have_threads(kernels):
    names = [each.name for each in list_rungs(None, (1, 2))]
    assert names == ["plain", "threaded", "threaded x2"]
    assert [each.threads for each in list_rungs(["threaded", "plain"], (3,))] == [1, 3]


def test_what_is_not_installed_is_listed_with_what_brings_it(kernels):
    assert list_missing() == {"absent": "no_such_package; pip install it"}


def test_the_order_is_that_of_the_registry():
    names = [each.kernel.name for each in list_rungs(None, (1,))]
    assert names == [name for name, kernel in KERNELS.items() if kernel.installed]
    assert Rung(kernel=KERNELS["python"]).name == "python"


def test_a_gpus_ladder_has_its_kernels_and_the_fastest_of_the_cpu(monkeypatch):
    monkeypatch.setattr(kernel, "find_spec", lambda name: True)
    rungs = list_rungs(None, (16,), "gpu")
    assert [each.name for each in rungs] == [*GPU_KERNELS, "numba-vector x16"]
    assert [each.kernel.device for each in rungs] == ["gpu"] * len(GPU_KERNELS) + ["cpu"]
    assert [each.name for each in list_rungs(["cupy-raw"], (16,), "gpu")] == ["cupy-raw"]
    monkeypatch.setattr(kernel, "find_spec", lambda name: None if name == "numba" else True)
    assert list(list_missing("gpu")) == ["numba-vector"]
    assert [each.name for each in list_rungs(None, (16,), "gpu")] == list(GPU_KERNELS)


@pytest.mark.parametrize(
    ("request_", "names", "settled"),
    [
        ("auto", None, "auto"),
        ("auto", ("python", "numba-vector"), "cpu"),
        ("auto", ("numba-vector", "cupy-raw"), "gpu"),
        ("gpu:1", ("numba-vector", "cupy"), "gpu:1"),
        ("gpu", None, "gpu"),
    ],
)
def test_kernels_settle_the_device_that_was_left_open(request_, names, settled):
    assert settle_ladder(request_, names) == settled


@pytest.mark.parametrize(
    ("request_", "names", "words"),
    [
        (
            *("cpu", ("python", "cupy-raw")),
            "kernel cupy-raw computes on a GPU, and this ladder is a CPU's: give --device gpu",
        ),
        (
            *("gpu:1", ("cupy-raw", "numba")),
            "kernel numba computes on a CPU, and this ladder is a GPU's: give --device cpu, or "
            "choose from cupy, cupy-raw, cupy-tiled, cupy-resident, numba-vector",
        ),
        ("auto", ("cupy", "python"), "kernel python computes on a CPU, and this ladder is a GPU's"),
        ("tpu", None, "'tpu' is no device"),
    ],
)
def test_kernels_of_the_other_device_are_refused(request_, names, words):
    with pytest.raises(InputError, match=words):
        settle_ladder(request_, names)
