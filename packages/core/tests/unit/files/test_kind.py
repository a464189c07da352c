import os
import socket
from pathlib import Path

from hpcpy_core.files.kind import name_kind


def test_every_kind_has_words(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    (tmp_path / "file").touch()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        words = {path.name: name_kind(path.lstat().st_mode) for path in tmp_path.iterdir()}
    assert words == {
        "fifo": "a FIFO",
        "link": "a symbolic link",
        "file": "a regular file",
        "socket": "a socket",
    }
    assert name_kind(Path("/dev/null").stat().st_mode) == "a character device"
    assert name_kind(Path("/").stat().st_mode) == "a directory"
    assert name_kind(0) == "a file of unknown kind"
