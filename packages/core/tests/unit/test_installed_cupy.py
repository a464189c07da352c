from types import SimpleNamespace

import pytest

from hpcpy_core import installed_cupy
from hpcpy_core.installed_cupy import explain_installation, explain_wrong_cuda, how_to_install


@pytest.fixture
def installed(monkeypatch):
    def install(*names):
        found = [SimpleNamespace(name=name) for name in ("numpy", *names, "cupy-xarray")]
        monkeypatch.setattr(installed_cupy, "distributions", lambda: found)

    return install


def test_nothing_is_wrong_with_one_cupy(machine, installed):
    machine("a")
    installed("cupy-cuda13x")
    assert explain_installation(13000) is None


def test_nothing_is_installed(monkeypatch):
    monkeypatch.setattr(installed_cupy, "find_spec", lambda name: None)
    said = 'cupy is not installed: `pip install "cupy-cuda12x[ctk]"`'
    assert str(explain_installation(12080)) == said


@pytest.mark.parametrize(
    ("driver", "cuda"),
    [(12000, 12), (12090, 12), (13000, 13), (14010, 13)],
)
def test_the_one_that_fits_the_driver(driver, cuda):
    assert how_to_install(driver) == f'`pip install "cupy-cuda{cuda}x[ctk]"`'


def test_an_older_cupy_that_fits_is_completed_not_doubled(installed):
    installed("cupy-cuda12x")
    assert "cupy-cuda12x[ctk]" in how_to_install(13000)
    assert how_to_install(13000, anew=True).startswith("`pip uninstall cupy-cuda12x`, then ")
    assert "cupy-cuda13x[ctk]" in how_to_install(13000, anew=True)
    installed("cupy-cuda13x")
    assert "cupy-cuda12x[ctk]" in how_to_install(12080)


def test_a_driver_for_which_there_is_none():
    missing = explain_installation(11080)
    assert missing.cause == "the NVIDIA driver runs only CUDA 11.8 and older"
    assert missing.cure.startswith("update it")


def test_two_at_once_have_overwritten_each_other(machine, installed):
    machine("a")
    installed("cupy-cuda13x", "cupy-cuda12x")
    said = (
        "cupy-cuda12x and cupy-cuda13x are installed together: "
        '`pip uninstall cupy-cuda12x cupy-cuda13x`, then `pip install "cupy-cuda13x[ctk]"`'
    )
    assert str(explain_installation(13000)) == said


def test_one_for_a_newer_driver_is_replaced(machine, installed):
    machine("a").cupy.cuda.runtime.runtimeGetVersion = lambda: 13020
    installed("cupy-cuda13x")
    said = (
        "cupy is made for CUDA 13.2, but the driver runs only 12.8: "
        '`pip uninstall cupy-cuda13x`, then `pip install "cupy-cuda12x[ctk]"`'
    )
    assert str(explain_wrong_cuda(12080)) == said
    assert explain_wrong_cuda(13000) is None


def test_what_is_not_importable_has_no_version(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cupy", None)
    assert explain_wrong_cuda(12080) is None
