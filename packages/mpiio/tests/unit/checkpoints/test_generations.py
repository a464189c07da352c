import os
from pathlib import Path

import pytest

from hpcpy_core.errors import FileError
from hpcpy_mpiio.checkpoints import generations
from hpcpy_mpiio.checkpoints.generations import (
    Owner,
    discard_generation,
    find_owner,
    list_generations,
    publish_generation,
    read_step,
    remove_generation,
    start_generation,
)

MARK = '{"hpcpy": "unfinished", "fields": {"u": {"shape": null}}}'


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def put(directory, name, content="whole"):
    """Make a generation of ours that holds one field."""
    (directory / name).mkdir(parents=True)
    (directory / name / "metadata.json").write_text(MARK)
    (directory / name / "u.npy").write_text(content)


def content(directory, name="ckpt-000000010"):
    return (directory / name / "u.npy").read_text()


def test_a_generation_appears_only_when_published(tmp_path):
    temporary = start_generation(tmp_path / "new" / "place", 10, ["u"])
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
        start_generation(tmp_path / "file", 1, ["u"])


def test_what_killed_jobs_left_is_swept(tmp_path):
    for name in ("ckpt-000000010.tmp", "ckpt-7.tmp", "ckpt-000000005", "ckpt-000000005.old"):
        put(tmp_path, name, name)
    temporary = start_generation(tmp_path, 10, ["u"])
    assert names(tmp_path) == ["ckpt-000000005", "ckpt-000000010.tmp"]
    assert names(temporary) == ["metadata.json"]
    assert content(tmp_path, "ckpt-000000005") == "ckpt-000000005"


def test_a_planted_link_is_set_aside_and_not_followed(tmp_path):
    precious = tmp_path / "precious"
    put(precious, "inside")
    where = tmp_path / "checkpoints"
    where.mkdir()
    for name in ("ckpt-000000010.tmp", "ckpt-000000010", "ckpt-000000009.old"):
        (where / name).symlink_to(precious)
    temporary = start_generation(where, 10, ["u"])
    assert temporary.is_dir()
    assert not temporary.is_symlink()
    publish_generation(temporary)
    assert not (where / "ckpt-000000010").is_symlink()
    kept = ["ckpt-000000010.kept", "ckpt-000000010.kept-1", "ckpt-000000009.old"]
    assert [(where / name).readlink() for name in kept] == [precious] * 3
    assert names(precious) == ["inside"]


@pytest.mark.parametrize(
    "name",
    [
        "ckpt-best.tmp",
        "ckpt-mine.old",
        "ckpt-000000010.tmp",
        "ckpt-5.tmp",
        "ckpt-5.old",
        "ckpt-000000010",
        "ckpt-000000020",
        "ckpt-0000000000000000010.tmp",
        "ckpt-10.tmp.tmp",
        "ckpt-.tmp",
        "ckpt-10.TMP",
        "ckpt--1.tmp",
        "xckpt-10.tmp",
    ],
)
@pytest.mark.parametrize("metadata", [None, b"{}", b'{"schema": 1, "epoch": 3}', b"\xff"])
def test_what_is_not_ours_is_never_removed(tmp_path, name, metadata):
    """Whatever its name: a directory with a user's files in it."""
    theirs = tmp_path / name
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("x")
    (theirs / "u.npy").write_text("mine")
    if metadata is not None:
        (theirs / "metadata.json").write_bytes(metadata)
    before = sorted((path.name, path.read_bytes()) for path in theirs.iterdir())
    publish_generation(start_generation(tmp_path, 10, ["u"]))
    in_the_way = name in ("ckpt-000000010.tmp", "ckpt-000000010")
    there = tmp_path / "ckpt-000000010.kept" if in_the_way else theirs
    assert sorted((path.name, path.read_bytes()) for path in there.iterdir()) == before
    assert names(tmp_path) == sorted([there.name, "ckpt-000000010"])


def test_a_file_of_such_a_name_is_never_removed(tmp_path):
    for name in ("ckpt-000000010.tmp", "ckpt-5.tmp", "ckpt-5.old", "ckpt-000000010"):
        (tmp_path / name).write_text(name)
    publish_generation(start_generation(tmp_path, 10, ["u"]))
    kept = ["ckpt-000000010.kept", "ckpt-000000010.kept-1", "ckpt-5.tmp", "ckpt-5.old"]
    found = {(tmp_path / name).read_text() for name in kept}
    assert found == {"ckpt-000000010.tmp", "ckpt-5.tmp", "ckpt-5.old", "ckpt-000000010"}


def test_a_process_that_died_before_it_could_mark_its_directory(tmp_path):
    (tmp_path / "ckpt-000000003.tmp").mkdir()
    (tmp_path / "ckpt-000000004.tmp").mkdir()
    (tmp_path / "ckpt-000000004.tmp" / "metadata.json").touch()
    start_generation(tmp_path, 10, ["u"])
    assert names(tmp_path) == ["ckpt-000000010.tmp"]


@pytest.mark.parametrize("calls", range(1, 6))
def test_a_removal_that_is_killed_is_ended_by_the_next_one(tmp_path, monkeypatch, calls):
    """What marks a directory as ours is the last to go."""
    put(tmp_path, "ckpt-000000001")

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
        for name in ("rename", "rmdir", "unlink"):
            patch.setattr(os, name, dying(getattr(os, name)))
        try:
            remove_generation(tmp_path / "ckpt-000000001")
        except Killed:
            assert calls < 5
        else:
            assert calls == 5, "there are fewer calls than this test kills"
    start_generation(tmp_path, 2, ["u"])
    assert names(tmp_path) in (
        ["ckpt-000000002.tmp"],
        ["ckpt-000000001", "ckpt-000000002.tmp"],  # killed before it began
    )
    assert calls == 1 or names(tmp_path) == ["ckpt-000000002.tmp"]


def test_what_a_user_put_into_a_checkpoint_outlives_it(tmp_path):
    put(tmp_path, "ckpt-000000001")
    generation = tmp_path / "ckpt-000000001"
    (generation / "notes.txt").write_text("look here")
    (generation / "backup.npy").write_text("mine")
    (generation / "plots").mkdir()
    (generation / "u.npy").unlink()
    (generation / "u.npy").symlink_to(tmp_path / "elsewhere")
    remove_generation(generation)
    assert names(tmp_path) == ["ckpt-000000001.kept"]
    kept = tmp_path / "ckpt-000000001.kept"
    assert names(kept) == ["backup.npy", "notes.txt", "plots", "u.npy"]
    assert (kept / "notes.txt").read_text() == "look here"


def test_what_is_in_the_way_as_a_user_left_it_in_one_of_the_same_step(tmp_path):
    put(tmp_path, "ckpt-000000010", "old")
    (tmp_path / "ckpt-000000010" / "notes.txt").write_text("look here")
    temporary = start_generation(tmp_path, 10, ["u"])
    (temporary / "u.npy").write_text("new")
    publish_generation(temporary)
    assert names(tmp_path) == ["ckpt-000000010", "ckpt-000000010.kept"]
    assert content(tmp_path) == "new"
    assert names(tmp_path / "ckpt-000000010.kept") == ["notes.txt"]


def test_metadata_that_is_a_pipe_is_not_opened(tmp_path):
    (tmp_path / "ckpt-000000010").mkdir()
    os.mkfifo(tmp_path / "ckpt-000000010" / "metadata.json")
    assert find_owner(tmp_path / "ckpt-000000010") is Owner.OTHERS


def test_one_of_the_same_step_is_replaced(tmp_path):
    put(tmp_path, "ckpt-000000010", "old")
    temporary = start_generation(tmp_path, 10, ["u"])
    (temporary / "u.npy").write_text("new")
    publish_generation(temporary)
    assert content(tmp_path) == "new"
    assert names(tmp_path) == ["ckpt-000000010"]


@pytest.mark.parametrize("calls", range(1, 7))
def test_a_job_killed_while_it_replaces_leaves_a_whole_one(tmp_path, monkeypatch, calls):
    """The process ends at any of the system calls that change a name or sync."""
    put(tmp_path, "ckpt-000000010", "old")
    temporary = start_generation(tmp_path, 10, ["u"])
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
    next_one = publish_generation(start_generation(tmp_path, 20, ["u"]))
    assert names(tmp_path) == ["ckpt-000000010", next_one.name]
    assert content(tmp_path) in ("old", "new")


def test_a_rename_that_fails_puts_the_old_one_back(tmp_path, monkeypatch):
    put(tmp_path, "ckpt-000000010", "old")
    temporary = start_generation(tmp_path, 10, ["u"])
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
    temporary = start_generation(tmp_path, 10, ["u"])
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


def test_a_generation_that_goes_is_never_half_there(tmp_path, monkeypatch):
    put(tmp_path, "ckpt-000000001")
    put(tmp_path, "ckpt-000000002")

    def fail(path, **others):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "unlink", fail)
    with pytest.raises(OSError, match="Input/output"):
        remove_generation(tmp_path / "ckpt-000000001")
    assert [path.name for path in list_generations(tmp_path)] == ["ckpt-000000002"]
