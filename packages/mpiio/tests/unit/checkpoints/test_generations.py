import os
from pathlib import Path

import pytest

from hpcpy_core.errors import FileError
from hpcpy_mpiio.checkpoints import generations
from hpcpy_mpiio.checkpoints.generations import (
    discard_generation,
    list_generations,
    publish_generation,
    read_step,
    remove_generations,
    start_generation,
)


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def put(directory, name, content="whole"):
    """Make a generation that holds one file."""
    (directory / name).mkdir(parents=True)
    (directory / name / "u.npy").write_text(content)


def content(directory, name="ckpt-000000010"):
    return (directory / name / "u.npy").read_text()


def test_a_generation_appears_only_when_published(tmp_path):
    temporary = start_generation(tmp_path / "new" / "place", 10)
    (temporary / "u.npy").write_text("whole")
    assert list_generations(temporary.parent) == []
    final = publish_generation(temporary)
    assert final == tmp_path / "new" / "place" / "ckpt-000000010"
    assert list_generations(final.parent) == [final]
    assert names(final.parent) == ["ckpt-000000010"]
    assert content(final.parent) == "whole"


def test_the_newest_is_first_and_other_names_do_not_count(tmp_path):
    for name in ("ckpt-000000010", "ckpt-9", "ckpt-000000200", "ckpt-000000300.tmp"):
        put(tmp_path, name)
    for name in ("ckpt-x", "ckpt-", "ckpt--1", "other", "ckpt-1.oldest"):
        put(tmp_path, name)
    found = list_generations(tmp_path)
    assert [path.name for path in found] == ["ckpt-000000200", "ckpt-000000010", "ckpt-9"]
    assert [read_step(path) for path in found] == [200, 10, 9]


def test_there_is_none_in_a_directory_that_is_not_there(tmp_path):
    assert list_generations(tmp_path / "missing") == []


def test_a_file_instead_of_a_directory(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=r"cannot read .*file: .*Not a directory"):
        list_generations(tmp_path / "file")
    with pytest.raises(FileError, match=r"cannot create a checkpoint in .*file"):
        start_generation(tmp_path / "file", 1)


def test_what_killed_jobs_left_is_swept(tmp_path):
    for name in ("ckpt-000000010.tmp", "ckpt-7.tmp", "ckpt-000000005", "ckpt-000000005.old"):
        put(tmp_path, name, name)
    temporary = start_generation(tmp_path, 10)
    assert names(tmp_path) == ["ckpt-000000005", "ckpt-000000010.tmp"]
    assert list(temporary.iterdir()) == []
    assert content(tmp_path, "ckpt-000000005") == "ckpt-000000005"


def test_a_planted_link_is_removed_and_not_followed(tmp_path):
    precious = tmp_path / "precious"
    put(precious, "inside")
    where = tmp_path / "checkpoints"
    where.mkdir()
    (where / "ckpt-000000010.tmp").symlink_to(precious)
    temporary = start_generation(where, 10)
    assert temporary.is_dir()
    assert not temporary.is_symlink()
    assert names(precious) == ["inside"]


def test_one_of_the_same_step_is_replaced(tmp_path):
    put(tmp_path, "ckpt-000000010", "old")
    temporary = start_generation(tmp_path, 10)
    (temporary / "u.npy").write_text("new")
    publish_generation(temporary)
    assert content(tmp_path) == "new"
    assert names(tmp_path) == ["ckpt-000000010"]


@pytest.mark.parametrize("calls", range(1, 7))
def test_a_job_killed_while_it_replaces_leaves_a_whole_one(tmp_path, monkeypatch, calls):
    """The process ends at any of the system calls that change a name or sync."""
    put(tmp_path, "ckpt-000000010", "old")
    temporary = start_generation(tmp_path, 10)
    (temporary / "u.npy").write_text("new")

    class Killed(BaseException):
        pass

    left = calls

    def dying(real):
        def call(*args, **kwargs):
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for name in ("rename", "fsync", "rmdir", "unlink"):
            patch.setattr(os, name, dying(getattr(os, name)))
        try:
            publish_generation(temporary)
        except Killed:
            pass
        else:
            pytest.fail("it came to its end: there are fewer calls than this test kills")
    (found,) = list_generations(tmp_path)
    assert (found / "u.npy").read_text() in ("old", "new")
    next_one = publish_generation(start_generation(tmp_path, 20))
    assert names(tmp_path) == ["ckpt-000000010", next_one.name]
    assert content(tmp_path) in ("old", "new")


def test_a_rename_that_fails_puts_the_old_one_back(tmp_path, monkeypatch):
    put(tmp_path, "ckpt-000000010", "old")
    temporary = start_generation(tmp_path, 10)
    real = Path.rename

    def rename(path, target):
        if path.suffix == ".tmp":
            raise OSError(5, "Input/output error")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(FileError, match=r"cannot write .*ckpt-000000010: .*Input/output"):
        publish_generation(temporary)
    discard_generation(temporary)
    assert names(tmp_path) == ["ckpt-000000010"]
    assert content(tmp_path) == "old"


def test_the_name_is_on_disk_before_the_old_one_goes(tmp_path, monkeypatch):
    put(tmp_path, "ckpt-000000010", "old")
    temporary = start_generation(tmp_path, 10)
    done = []
    real_fsync, real_remove = os.fsync, generations._remove

    def fsync(descriptor):
        done.append(f"fsync {Path(f'/proc/self/fd/{descriptor}').resolve().name}")
        real_fsync(descriptor)

    def remove(path):
        done.append(f"remove {path.name}")
        real_remove(path)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(generations, "_remove", remove)
    publish_generation(temporary)
    assert done == [
        "fsync ckpt-000000010.tmp",
        f"fsync {tmp_path.name}",
        "remove ckpt-000000010.old",
    ]


@pytest.mark.parametrize(
    ("newest", "keep", "left"),
    [
        (300, 2, [200, 300]),
        (300, 1, [300]),
        (300, 9, [100, 200, 300]),
        (200, 2, [100, 200]),
        (200, 1, [200]),
        (-1, 0, []),
    ],
)
def test_older_ones_and_those_of_an_abandoned_future_go(tmp_path, newest, keep, left):
    for step in (100, 200, 300):
        put(tmp_path, f"ckpt-{step:09d}")
    remove_generations(tmp_path, newest=newest, keep=keep)
    assert names(tmp_path) == [f"ckpt-{step:09d}" for step in left]


def test_a_generation_that_goes_is_never_half_there(tmp_path, monkeypatch):
    put(tmp_path, "ckpt-000000001")
    put(tmp_path, "ckpt-000000002")

    def fail(path, **others):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(generations.shutil, "rmtree", fail)
    with pytest.raises(FileError, match="cannot remove old checkpoints"):
        remove_generations(tmp_path, newest=2, keep=1)
    assert [path.name for path in list_generations(tmp_path)] == ["ckpt-000000002"]
