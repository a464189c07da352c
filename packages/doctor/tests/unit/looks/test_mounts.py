from pathlib import PurePosixPath

import pytest

from hpcpy_doctor.looks.mounts import find_mount, list_mounts

TEXT = r"""
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=64k
30 25 0:27 / /dev/shm rw,relatime shared:4 - tmpfs shm rw,size=1g
41 27 0:38 /sub /my\040data ro,nosuid shared:1 master:2 - nfs4 server:/a\040b rw,local_lock=all
40 27 0:40 / /data rw - lustre 10.0.0.1@tcp:/lus rw,flock
broken line
"""


@pytest.fixture
def mounts(tmp_path):
    file = tmp_path / "mountinfo"
    file.write_text(TEXT)
    return file


def test_names_with_spaces_and_options_of_mount_and_file_system(mounts):
    found = [mount for mount in list_mounts(mounts) if mount.kind == "nfs4"]
    assert len(found) == 1
    assert found[0].path == PurePosixPath("/my data")
    assert found[0].root == PurePosixPath("/sub")
    assert found[0].source == "server:/a b"
    assert found[0].options == {"ro", "nosuid", "rw", "local_lock=all"}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/data/run/1", "10.0.0.1@tcp:/lus"),
        ("/database", "/dev/vda"),
        ("/dev/shm/x", "shm"),  # the later of two at the same place
        ("/my data", "server:/a b"),
    ],
)
def test_the_nearest_mount(mounts, path, source):
    assert find_mount(path, mounts).source == source


def test_where_the_kernel_does_not_tell(tmp_path):
    assert find_mount("/", tmp_path / "none") is None
    assert find_mount("/proc") is not None
