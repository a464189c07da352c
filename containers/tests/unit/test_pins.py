import hashlib

import pytest

import pins
from hpcpy_core.errors import InputError
from pins import PYTHON, Pin, lock_release, merge_pins, read_pins

A, B = (hashlib.sha256(text.encode()).hexdigest() for text in "ab")
LOCK = f"""\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:{A} \\
    --hash=sha256:{B}
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:{B}
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:{A}
Flit_Core==4.2.0 \\
    --hash=sha256:{A}
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="test.txt"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_markers_are_decided_for_the_python_of_the_images(write):
    assert PYTHON == "3.11"
    assert read_pins(write(LOCK)) == [
        Pin(name="numpy", version="2.4.6", hashes=frozenset([A, B])),
        Pin(name="flit-core", version="4.2.0", hashes=frozenset([A])),
    ]


def test_another_python_has_other_pins(write):
    assert [pin.version for pin in read_pins(write(LOCK), "3.12")] == ["2.5.5", "4.2.0"]
    assert [pin.version for pin in merge_pins([write(LOCK)], "3.13")] == ["4.2.0", "2.5.5"]


@pytest.mark.parametrize("line", ["numpy==2.4.6", f"numpy>=2 --hash=sha256:{A}", "numpy"])
def test_what_is_not_pinned_with_hashes_is_refused(write, line):
    with pytest.raises(InputError, match=r"numpy.*is not pinned with hashes: nox -s lock"):
        read_pins(write(line))


def test_several_locks_become_one(write):
    more = write(f"mpich==5.0.2 \\\n    --hash=sha256:{B}\n", "mpich.txt")
    assert [pin.name for pin in merge_pins([write(LOCK), more])] == ["flit-core", "mpich", "numpy"]


def test_locks_that_disagree_are_refused(write):
    other = write(f"numpy==2.0 \\\n    --hash=sha256:{B}\n", "cuda13.txt")
    with pytest.raises(InputError, match=r"cuda13.txt wants numpy 2.0, another lock 2.4.6"):
        merge_pins([write(LOCK), other])


@pytest.fixture
def uv(tools, monkeypatch):
    monkeypatch.setattr(pins, "UV", ("uv",))
    return lambda script: tools("uv", script)


def test_the_hashes_of_a_release_hold_from_the_first_time_on(tmp_path, uv):
    put_lock = (
        'while [ "$1" != --output-file ]; do shift; done; echo mpich==4 --hash=sha256:{} > $2'
    )
    uv(put_lock.format(A))
    lock = lock_release("mpich", "4", tmp_path / "locks")
    uv(put_lock.format(B))
    assert lock_release("mpich", "4", tmp_path / "locks") == lock
    assert read_pins(lock) == [Pin(name="mpich", version="4", hashes=frozenset([A]))]


def test_a_release_that_is_not_there_is_refused_and_leaves_nothing(tmp_path, uv):
    uv("echo there is no version of mpich==9 >&2; exit 1")
    with pytest.raises(InputError, match=r"no mpich 9 can be had: .*there is no version"):
        lock_release("mpich", "9", tmp_path / "locks")
    assert not list((tmp_path / "locks").iterdir())
