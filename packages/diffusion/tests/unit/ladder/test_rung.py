from dataclasses import replace

import pytest

from hpcpy_diffusion.kernels import KERNELS
from hpcpy_diffusion.ladder import rung
from hpcpy_diffusion.ladder.rung import Rung, list_missing, list_rungs


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
