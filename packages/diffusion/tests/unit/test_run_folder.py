"""The directory of a run: killed at every moment, it never shows files of two runs."""

import os
from pathlib import Path

import pytest

from hpcpy_core.errors import FileError, InputError
from hpcpy_diffusion.run_folder import NEW, RECORD, RunFolder, find_existing, require_writable

NAMES = (
    "field.npy",
    "report.json",
    "field.png",
    "frames/step-000000000.npy",
    "frames/step-000000010.npy",
    "checkpoints/ckpt-000000010/u.npy",
    "checkpoints/ckpt-000000010/metadata.json",
)
MINE = ("notes.txt", "frames/step-7.npy", "checkpoints/ckpt-best.tmp/thesis.txt", "field.txt")


class Killed(BaseException):
    """As if the process had ended here."""


def fill(root, word, names=NAMES):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f'{{"hpcpy": "{word}", "fields": {{"u": {{"shape": [1]}}}}}}'
        path.write_text(text if path.name == "metadata.json" else word)


def shown(folder):
    """Return who wrote what is seen, without what is staged."""
    return {
        str(path.relative_to(folder)): next(
            word for word in ("old", "new", "mine") if word in path.read_text()
        )
        for path in folder.rglob("*")
        if path.is_file()
        and NEW not in path.parts
        and path.name != RECORD
        and not path.parent.name.endswith("0.tmp")  # of a checkpoint that is being removed
    }


def stage(tmp_path, *, new=NAMES):
    """Make a folder of an old run, in which a new one is complete but not shown."""
    folder = RunFolder(tmp_path / "o")
    fill(folder.directory, "old")
    fill(folder.directory, "mine", MINE)
    folder.begin(folder.staging, {"D": 2.0}, continued=False)
    fill(folder.staging, "new", new)
    return folder


def count_calls(monkeypatch, stop_at):
    """Let the process be killed before so many changes of the file system."""
    calls = 0

    def counted(real):
        def call(*args, **options):
            nonlocal calls
            if calls == stop_at:
                raise Killed
            calls += 1
            return real(*args, **options)

        return call

    for owner, name in ((Path, "rename"), (Path, "unlink"), (Path, "replace"), (os, "rmdir")):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))
    return lambda: calls


def test_killed_at_every_moment_it_shows_one_run_and_the_next_command_ends_it(tmp_path):
    new = (*NAMES[:2], NAMES[3], "frames/step-000000020.npy", *NAMES[5:])
    moments = 0
    while True:
        place = tmp_path / str(moments)
        folder = stage(place, new=new)
        with pytest.MonkeyPatch.context() as patch:
            calls = count_calls(patch, moments)
            try:
                folder.mark_whole(folder.staging)
                folder.finish(folder.staging)
            except Killed:
                ended = False
            else:
                ended = calls() < moments
        words = {word for word in shown(folder.directory).values() if word != "mine"}
        assert len(words) <= 1, (moments, shown(folder.directory))
        was_whole = (folder.read_record(folder.staging) or {}).get("state") != "running"
        again = RunFolder(folder.directory)
        again.recover()
        expected, names = ("new", new) if was_whole else ("old", NAMES)
        assert shown(folder.directory) == {
            **dict.fromkeys(names, expected),
            **dict.fromkeys(MINE, "mine"),
        }, moments
        if ended:
            break
        moments += 1
    assert moments > 15
    assert not folder.staging.exists()


def test_what_is_not_of_a_run_is_not_listed(tmp_path):
    folder = stage(tmp_path)
    names = [str(path.relative_to(folder.directory)) for path in folder.list_files()]
    assert names == [*NAMES[:3], *NAMES[3:5]]
    assert folder.find_unfinished() == folder.staging
    assert folder.read_parameters(folder.staging) == {"D": 2.0}


def test_a_new_run_sweeps_what_another_has_staged(tmp_path):
    folder = stage(tmp_path)
    (folder.staging / "own.txt").write_text("mine")
    folder.begin(folder.staging, {"D": 3.0}, continued=True)
    assert (folder.staging / "field.npy").exists()
    folder.begin(folder.staging, {"D": 3.0}, continued=False)
    assert sorted(path.name for path in folder.staging.iterdir()) == [RECORD, "own.txt"]


def test_a_folder_of_that_name_which_is_not_ours_is_in_the_way(tmp_path):
    folder = RunFolder(tmp_path)
    fill(folder.staging, "mine", ("thesis.txt",))
    with pytest.raises(InputError, match=r"\.hpcpy-new is in the way, and not of hpcpy: move it"):
        folder.begin(folder.staging, {}, continued=False)
    assert (folder.staging / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("text", ["{", "[]", '{"parameters": 3}', "[" * 100_000, "\0"])
def test_a_record_that_cannot_be_read_is_refused(tmp_path, text):
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(InputError, match=r"hpcpy-run\.json (cannot be read|is not of hpcpy)"):
        RunFolder(tmp_path).find_unfinished()


def test_frames_on_another_file_system_are_copied(tmp_path, monkeypatch):
    folder = stage(tmp_path)
    real = Path.rename

    def rename(path, target):
        if NEW in path.parts and NEW not in Path(target).parts:
            raise OSError(18, "Invalid cross-device link")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    folder.mark_whole(folder.staging)
    folder.finish(folder.staging)
    assert {word for name, word in shown(folder.directory).items() if name in NAMES} == {"new"}


def test_a_system_that_refuses_says_where_the_new_run_is(tmp_path, monkeypatch):
    folder = stage(tmp_path)
    folder.mark_whole(folder.staging)

    def refuse(path, *args, **options):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(FileError, match=r"Input/output error.*: the new run is whole in .*new"):
            folder.finish(folder.staging)
    folder.recover()
    assert shown(folder.directory)["field.npy"] == "new"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("file/below", "Not a directory"),
        ("file", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("a/" * 3000, "File name too long"),
        ("nul\0byte", "null byte"),
        ("dangling", "leads nowhere"),
    ],
)
def test_places_that_cannot_be_made(tmp_path, name, words):
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match=words):
        require_writable(tmp_path / name, "output")
    assert sorted(tmp_path.iterdir()) == before


def test_a_name_of_250_bytes_can_be_made(tmp_path):
    require_writable(tmp_path / ("x" * 250) / "new", "output")
    assert find_existing(tmp_path / "new" / "one") == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_a_working_directory_that_was_removed(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    try:
        with pytest.raises(InputError, match="output out cannot be written: No such file"):
            require_writable(Path("out"), "output")
    finally:
        os.chdir(tmp_path)


def test_what_replaces_a_file_keeps_its_mode_and_follows_its_link(tmp_path):
    folder = stage(tmp_path)
    elsewhere = tmp_path / "scratch.npy"
    field, report = folder.directory / "field.npy", folder.directory / "report.json"
    field.rename(elsewhere)
    field.symlink_to(elsewhere)
    elsewhere.chmod(0o600)
    report.chmod(0o640)
    (folder.directory / "field.png").chmod(0o604)
    assert folder.staging.stat().st_mode & 0o777 == 0o700
    folder.mark_whole(folder.staging)
    folder.finish(folder.staging)
    assert field.is_symlink()
    assert elsewhere.read_text() == "new"
    modes = [path.stat().st_mode & 0o777 for path in (elsewhere, report)]
    assert modes == [0o600, 0o640]
    assert (folder.directory / "field.png").stat().st_mode & 0o777 == 0o604


def test_a_link_that_the_new_run_does_not_replace_goes_without_what_is_behind(tmp_path):
    folder = stage(tmp_path, new=NAMES[:2])
    precious = tmp_path / "precious.npy"
    precious.write_text("mine")
    frame = folder.directory / NAMES[3]
    frame.unlink()
    frame.symlink_to(precious)
    folder.mark_whole(folder.staging)
    folder.finish(folder.staging)
    assert not os.path.lexists(frame)
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/null")])
def test_a_device_or_a_pipe_is_no_file_of_an_earlier_run(tmp_path, make):
    make(tmp_path / "field.npy")
    with pytest.raises(InputError, match=r"field\.npy is not a regular file: move it"):
        RunFolder(tmp_path).require_regular()


def test_a_protected_file_is_not_replaced(tmp_path):
    """As an ordinary user: root may write to all."""
    fill(tmp_path, "old", ("field.npy",))
    (tmp_path / "field.npy").chmod(0o444)
    for each in (tmp_path, *tmp_path.parents[:2]):
        each.chmod(0o755)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            RunFolder(tmp_path).require_regular()
        except InputError as error:
            code = 0 if "mode 444" in str(error) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
