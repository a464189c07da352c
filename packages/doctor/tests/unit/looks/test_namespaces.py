from pathlib import Path

from hpcpy_doctor.looks.namespaces import KINDS, read_namespaces


def test_those_of_this_process():
    found = read_namespaces()
    assert set(found) == set(KINDS)
    assert found["user"] == str(Path("/proc/self/ns/user").readlink())


def test_what_the_kernel_keeps_secret_is_left_out(tmp_path):
    (tmp_path / "user").symlink_to("user:[4026531837]")
    assert read_namespaces(tmp_path) == {"user": "user:[4026531837]"}
    assert read_namespaces(tmp_path / "none") == {}
