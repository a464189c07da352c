import time

from hpcpy_core.awareness import sweep as module
from hpcpy_core.awareness.sweep import sweep


def test_only_the_jobs_own_files_are_removed(tmp_path, monkeypatch):
    before = time.time() - 10
    names = ("left", "not named")
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "below").touch()
    (tmp_path / "link").symlink_to(tmp_path / "not named")
    named = [tmp_path / name for name in ("left", "folder", "folder/below", "link", "gone")]
    named += [tmp_path / "folder" / ".." / "not named"]
    assert sweep(map(str, named), before, tmp_path) == [tmp_path / "left"]
    assert {path.name for path in tmp_path.iterdir()} == {"not named", "folder", "link"}
    assert (tmp_path / "folder" / "below").exists()


def test_older_files_and_those_of_others_stay(tmp_path, monkeypatch):
    path = tmp_path / "left"
    path.touch()
    assert sweep([str(path)], time.time() + 10, tmp_path) == []
    monkeypatch.setattr(module.os, "geteuid", lambda: path.stat().st_uid + 1)
    assert sweep([str(path)], 0.0, tmp_path) == []
    assert path.exists()
