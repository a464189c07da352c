import os
import tempfile
from pathlib import Path

import pytest

from hpcpy_core.errors import FileError
from hpcpy_core.files import build_once as module
from hpcpy_core.files.build_once import build_once
from hpcpy_core.files.sealed import seal_of

WHOLE = b"made" + seal_of(b"made")


@pytest.fixture
def built(tmp_path, monkeypatch):
    """What builds in a cache of this test's own, and says whether it did."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def build():
        made = []

        def make(path):
            path.write_bytes(b"made")
            made.append(path)

        path = build_once("things", "a.so", make)
        assert path.read_bytes() == WHOLE
        assert path.stat().st_mode & 0o7777 == 0o700
        return path, bool(made)

    build.path = tmp_path / "cache" / "hpcpy" / "things" / "a.so"
    build.elsewhere = tmp_path / f"hpcpy-{os.geteuid()}" / "things" / "a.so"
    return build


def test_it_is_made_once(built):
    old = os.umask(0)
    try:
        assert built() == (built.path, True)
    finally:
        os.umask(old)
    assert built() == (built.path, False)
    assert list(built.path.parent.iterdir()) == [built.path]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "writable", "link", "mode"])
def test_what_is_damaged_or_planted_is_made_anew(built, tmp_path, damage):
    path, _ = built()
    victim = tmp_path / "victim"
    victim.write_bytes(WHOLE)
    if damage == "link":
        path.unlink()
        path.symlink_to(victim)
    elif damage == "writable":
        path.chmod(0o777)
    else:
        texts = {"cut": WHOLE[:-1], "flipped": b"M" + WHOLE[1:]}
        path.write_bytes(texts.get(damage, b""))
        if damage == "mode":
            path.chmod(0o666)
    assert built() == (path, True)
    assert not path.is_symlink()
    assert victim.read_bytes() == WHOLE
    assert built() == (path, False)


@pytest.mark.parametrize("what", ["folder", "directory in its place"])
def test_where_it_cannot_be_kept_it_is_elsewhere(built, capsys, what):
    if what == "folder":
        built.path.parent.parent.parent.mkdir()
        built.path.parent.parent.touch()
    else:
        built.path.mkdir(parents=True, mode=0o700)
        built.path.parent.chmod(0o700)
        built.path.parent.parent.chmod(0o700)
    assert built() == (built.elsewhere, True)
    assert "name a folder of your own in XDG_CACHE_HOME" in capsys.readouterr().err


def test_a_full_cache_is_gone_round(built, monkeypatch, capsys):
    copy = module.shutil.copyfile

    def refuse(source, path):
        if Path(path).is_relative_to(built.path.parent):
            raise OSError(28, "No space left on device")
        return copy(source, path)

    monkeypatch.setattr(module.shutil, "copyfile", refuse)
    assert built() == (built.elsewhere, True)
    assert "No space left on device" in capsys.readouterr().err
    assert list(built.path.parent.iterdir()) == []


def test_without_any_place_it_is_an_error(built, monkeypatch):
    def refuse(source, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.shutil, "copyfile", refuse)
    with pytest.raises(FileError, match="No space left"):
        built()


def test_what_making_raises_leaves_nothing(built):
    with pytest.raises(ZeroDivisionError):
        build_once("things", "a.so", lambda path: 1 / 0)
    assert list(built.path.parent.iterdir()) == []
