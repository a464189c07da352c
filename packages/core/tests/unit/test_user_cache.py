"""Where caches lie."""

from pathlib import Path

import pytest

from hpcpy_core.errors import FileError
from hpcpy_core.user_cache import cache_folder


def test_the_variable_names_the_place(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_folder("kernels", "cpp") == tmp_path / "cache" / "hpcpy" / "kernels" / "cpp"
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("value", [None, ""])
def test_otherwise_it_is_in_the_home(monkeypatch, tmp_path, value):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", value)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_folder() == tmp_path / ".cache" / "hpcpy"


def test_a_user_without_a_home_is_told_the_variable(monkeypatch):
    def fail():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", fail)
    with pytest.raises(FileError, match="no home: name a folder in XDG_CACHE_HOME"):
        cache_folder("kernels")
