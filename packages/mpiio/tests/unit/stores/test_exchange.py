import errno
from pathlib import Path

import pytest

from hpcpy_mpiio.stores import exchange as exchange_module
from hpcpy_mpiio.stores.exchange import exchange


@pytest.fixture
def folders(tmp_path):
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    return tmp_path / "new", tmp_path / "old"


def refuse(code):
    def at_once(first, second):
        raise OSError(code, "refused")

    return at_once


@pytest.mark.parametrize("at_once", [True, False])
def test_each_has_the_name_of_the_other(folders, monkeypatch, at_once):
    if not at_once:
        monkeypatch.setattr(exchange_module, "_exchange_at_once", refuse(errno.EINVAL))
    new, old = folders
    exchange(new, old)
    assert (old / "new").exists()
    assert (new / "old").exists()
    assert sorted(new.parent.iterdir()) == [new, old]


def test_refusal_of_another_kind_changes_nothing(folders, monkeypatch):
    monkeypatch.setattr(exchange_module, "_exchange_at_once", refuse(errno.EACCES))
    new, old = folders
    with pytest.raises(PermissionError):
        exchange(new, old)
    assert (new / "new").exists()
    assert (old / "old").exists()


def test_missing_name(tmp_path):
    (tmp_path / "new").mkdir()
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "new", tmp_path / "old")


def test_failure_half_way_is_undone(folders, monkeypatch):
    monkeypatch.setattr(exchange_module, "_exchange_at_once", refuse(errno.ENOSYS))
    new, old = folders
    real = Path.rename

    def rename(path, target):
        if path == new:
            raise PermissionError(errno.EPERM, "refused")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(PermissionError):
        exchange(new, old)
    assert (old / "old").exists()
    assert (new / "new").exists()
    assert sorted(new.parent.iterdir()) == [new, old]
