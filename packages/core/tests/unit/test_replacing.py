import os
import stat
import subprocess
from hashlib import md5
from pathlib import Path

import pytest

from hpcpy_core import replacing as module
from hpcpy_core.errors import FileError
from hpcpy_core.replacing import find_obstacle, replacing
from hpcpy_testing.ordinary_user import as_ordinary_user, folder_of_ordinary_user


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old and longer")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old and longer"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_are_those_of_the_umask(tmp_path):
    with replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o666 & ~umask


def test_an_error_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(TypeError), replacing(path) as temporary:
        temporary.write_bytes("not bytes")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path):
    path = tmp_path / "missing" / "a.txt"
    with (
        pytest.raises(FileError, match=r"cannot write .*a.txt: .*missing: No such file"),
        replacing(path),
    ):
        pass


def test_a_full_disk_is_named(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(FileError, match="No space left"), replacing(path):
        Path("/dev/full").write_text("x" * 100_000)
    assert path.read_text() == "old"


def replace(path, text="new"):
    with replacing(Path(path)) as temporary:
        temporary.write_text(text)


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("there", "not-there"):
        (tmp_path / name).symlink_to(f"data/{name}")
    (tmp_path / "data" / "there").write_text("old")
    for name in ("there", "not-there"):
        replace(tmp_path / name)
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "data" / name).read_text() == "new"
    assert len(list(tmp_path.rglob("*"))) == 5


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_permissions_of_an_old_file_are_kept(tmp_path, mode):
    path = tmp_path / "a.txt"
    path.touch()
    path.chmod(mode)
    with replacing(path) as temporary:
        assert temporary.stat().st_mode & 0o777 == 0o600
        temporary.write_text("new")
    assert path.stat().st_mode & 0o777 == mode
    assert path.read_text() == "new"


def test_an_ordinary_user_keeps_a_file_that_is_read_only():
    with folder_of_ordinary_user() as folder:
        path = folder / "a"
        path.write_text("old")
        path.chmod(0o444)
        with pytest.raises(FileError, match="you may not write to it"):
            as_ordinary_user(lambda: replace(path))
        assert path.read_text() == "old"
        assert list(folder.iterdir()) == [path]
        if os.geteuid() == 0:
            replace(path)
            assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o444)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_stays_a_device(tmp_path):
    os.mknod(tmp_path / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    replace(tmp_path / "null")
    assert stat.S_ISCHR((tmp_path / "null").lstat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["null"]


def test_a_full_device_is_an_error(tmp_path):
    with pytest.raises(FileError, match="cannot write /dev/full: No space left"):
        replace("/dev/full")


def test_a_pipe_is_written_to(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["md5sum", str(fifo)], stdout=subprocess.PIPE, text=True) as reader:
        replace(fifo, "x" * 200_000)
        assert reader.communicate()[0].split()[0] == md5(b"x" * 200_000).hexdigest()
    assert fifo.is_fifo()
    assert list(tmp_path.iterdir()) == [fifo]


def test_a_pipe_that_nobody_reads_is_not_waited_for_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "READER_SECONDS", 0.1)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(FileError, match="no process reads from this pipe"):
        replace(tmp_path / "fifo")


def test_a_reader_that_leaves_is_an_error(tmp_path):
    receiving, sending = os.pipe()
    os.close(receiving)
    with pytest.raises(FileError, match="Broken pipe"):
        replace(f"/dev/fd/{sending}")
    os.close(sending)


def test_an_open_file_is_written_where_it_stands(tmp_path):
    """As ``command > log`` with ``--output /dev/stdout``: what was printed before stays."""
    with (tmp_path / "log").open("w") as log:
        log.write("printed\n")
        log.flush()
        replace(f"/dev/fd/{log.fileno()}", "written\n")
        log.write("printed later\n")
    assert (tmp_path / "log").read_text() == "printed\nwritten\nprinted later\n"


def test_an_error_writes_nothing_into_a_pipe():
    receiving, sending = os.pipe()

    def fail():
        with replacing(Path(f"/dev/fd/{sending}")) as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    os.close(sending)
    assert os.read(receiving, 100) == b""
    os.close(receiving)


@pytest.mark.parametrize("name", ["n" * 250, "n" * 255, "µ" * 127, "\udcff" * 255])
def test_long_names(tmp_path, name):
    replace(tmp_path / name)
    assert (tmp_path / name).read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "name", ["", "a/below", "missing/a", "n" * 300, "fifo/a", "loop", "to-nowhere", "/dev/fd/987"]
)
def test_what_is_refused_is_refused_before_the_work(tmp_path, name):
    (tmp_path / "a").touch()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "to-nowhere").symlink_to("no/where")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FileError, match="cannot write "), replacing(tmp_path / name):
        pytest.fail("the work was begun")
    assert find_obstacle(tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_taken_has_no_obstacle_and_is_left_alone(tmp_path):
    (tmp_path / "a").write_text("old")
    os.mkfifo(tmp_path / "fifo")
    before = sorted(tmp_path.iterdir())
    for path in (tmp_path / "a", tmp_path / "new", tmp_path / "fifo", Path("/dev/null")):
        assert find_obstacle(path) is None
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "a").read_text() == "old"


def test_a_folder_that_takes_no_file_is_named():
    with folder_of_ordinary_user() as folder:
        (folder / "a").touch()
        (folder / "a").chmod(0o666)
        folder.chmod(0o555)
        for name in ("a", "new"):

            def find(path=folder / name):
                return find_obstacle(path)

            assert as_ordinary_user(find) == f"{folder}: Permission denied"


def test_a_planted_name_is_not_followed(tmp_path, monkeypatch):
    """Whoever guesses the temporary's name cannot make this write elsewhere."""
    (tmp_path / "victim").write_text("mine")
    monkeypatch.setattr(module.secrets, "token_hex", lambda size: "guessed")
    (tmp_path / ".a.guessed.tmp").symlink_to("victim")
    with pytest.raises(FileError, match="File exists"):
        replace(tmp_path / "a")
    assert (tmp_path / "victim").read_text() == "mine"
    assert (tmp_path / ".a.guessed.tmp").is_symlink()
