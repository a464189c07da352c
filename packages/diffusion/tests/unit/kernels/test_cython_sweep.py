"""The kernel that Cython translates: what else can go wrong."""

import sysconfig

import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_diffusion.kernels import KERNELS, cython_sweep


@pytest.fixture
def anew(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cython_sweep.build.cache_clear()
    yield cython_sweep.build
    cython_sweep.build.cache_clear()


def test_missing_headers_of_python_are_named(anew, monkeypatch, tmp_path):
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(InputError, match=r"needs Python\.h, .* apt install python3-dev"):
        anew()


def test_a_damaged_extension_is_named(anew, monkeypatch, tmp_path):
    damaged = tmp_path / "cython_sweep.so"
    damaged.write_bytes(b"half")
    monkeypatch.setattr(cython_sweep, "version", lambda name: "3")
    monkeypatch.setattr(cython_sweep, "build_library", lambda *args, **options: damaged)
    with pytest.raises(FileError, match=rf"cannot load {damaged}: .*Remove it"):
        anew()


@pytest.mark.parametrize("name", [k.name for k in (KERNELS["cython"],) if k.installed])
def test_it_is_found_again(anew, name, monkeypatch):
    first = anew()
    anew.cache_clear()
    monkeypatch.setattr(cython_sweep, "_translate", None)
    assert anew().__file__ == first.__file__
