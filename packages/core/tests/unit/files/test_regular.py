import os
import socket

import pytest

from hpcpy_core.files.regular import NotRegularError, open_regular, read_bounded


def test_a_regular_file_is_read_behind_links(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("a")
    for name in ("a", "link"):
        with open_regular(tmp_path / name) as file:
            assert file.read() == b"abc"
        assert read_bounded(str(tmp_path / name), 3) == b"abc"
    with pytest.raises(OSError, match="larger than 2 B"):
        read_bounded(tmp_path / "a", 2)


def test_nothing_else_is_opened_nor_waited_for(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for path, kind in (
            (tmp_path / "fifo", "a FIFO"),
            (tmp_path / "link", "a FIFO"),
            (tmp_path / "socket", "a socket"),
            (tmp_path, "a directory"),
            ("/dev/zero", "a character device"),
        ):
            with pytest.raises(NotRegularError, match=kind) as caught, open_regular(path):
                pass
            assert caught.value.strerror == f"not a regular file ({kind})"


def test_a_writer_of_a_fifo_is_not_disturbed(tmp_path):
    """A reader that opens it and leaves would end the writer by a signal."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    both = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    os.write(both, b"left alone")
    with pytest.raises(NotRegularError):
        read_bounded(fifo, 10)
    assert os.read(both, 100) == b"left alone"
    os.close(both)


def test_what_is_replaced_by_a_fifo_in_between_is_seen(tmp_path, monkeypatch):
    regular, fifo = tmp_path / "a", tmp_path / "fifo"
    regular.touch()
    os.mkfifo(fifo)
    look = os.stat
    monkeypatch.setattr(os, "stat", lambda path: look(regular if path == fifo else path))
    with pytest.raises(NotRegularError, match="FIFO"), open_regular(fifo):
        pass


def test_names_that_cannot_be(tmp_path):
    for name, words in (
        ("missing", "No such file"),
        ("a\0b", "null byte"),
        ("n" * 300, "too long"),
    ):
        with pytest.raises(OSError, match=words):
            read_bounded(tmp_path / name, 1)
