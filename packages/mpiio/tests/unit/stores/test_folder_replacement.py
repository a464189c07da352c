import os

import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.stores.folder_replacement import start_folder_replacement


def start(path, *, overwrite=False):
    return start_folder_replacement(path, "mark", "marked folder", overwrite=overwrite)


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "u"
    path.mkdir()
    (path / "mark").write_text("old")
    return path


def test_new_folder_appears_only_when_published(tmp_path):
    replacement = start(tmp_path / "u")
    assert not (tmp_path / "u").exists()
    (replacement.temporary / "mark").write_text("new")
    replacement.publish()
    assert (tmp_path / "u" / "mark").read_text() == "new"
    assert list(tmp_path.iterdir()) == [tmp_path / "u"]


def test_old_folder_is_replaced_whole(old):
    (old / "more").touch()
    replacement = start(old, overwrite=True)
    (replacement.temporary / "mark").write_text("new")
    assert (old / "mark").read_text() == "old"
    replacement.publish()
    assert [(path.name, path.read_text()) for path in old.iterdir()] == [("mark", "new")]
    assert list(old.parent.iterdir()) == [old]


def test_discard_leaves_the_old_folder_alone(old):
    replacement = start(old, overwrite=True)
    (replacement.temporary / "mark").write_text("new")
    replacement.discard()
    assert (old / "mark").read_text() == "old"
    assert list(old.parent.iterdir()) == [old]


def test_existing_folder_is_kept_without_overwrite(old):
    with pytest.raises(InputError, match="exists: pass overwrite=True"):
        start(old)


@pytest.mark.parametrize("overwrite", [False, True])
def test_folder_of_another_kind_is_never_replaced(tmp_path, overwrite):
    (tmp_path / "thesis").mkdir()
    with pytest.raises(InputError, match="is not a marked folder: it is never replaced"):
        start(tmp_path / "thesis", overwrite=overwrite)


def test_missing_folder_above(tmp_path):
    with pytest.raises(InputError, match=r"create the folder .*missing"):
        start(tmp_path / "missing" / "u")


def test_folder_above_without_permission(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_, **__: False)  # chmod does not stop root
    with pytest.raises(InputError, match="may not write to the folder"):
        start(tmp_path / "u")


def test_folder_that_was_lost_is_a_file_error(old):
    replacement = start(old, overwrite=True)
    replacement.temporary.rmdir()
    with pytest.raises(FileError, match="cannot write"):
        replacement.publish()
    assert (old / "mark").read_text() == "old"


def test_a_folder_that_is_replaced_keeps_its_mode(old):
    old.chmod(0o700)
    replacement = start(old, overwrite=True)
    assert replacement.temporary.stat().st_mode & 0o777 == 0o700
    replacement.publish()
    assert old.stat().st_mode & 0o777 == 0o700
