import io
import tarfile

import pytest

from base import make_base
from hpcpy_core.errors import HpcpyError, InputError


@pytest.fixture
def rootfs(tmp_path, tools, monkeypatch):
    """Put an mmdebstrap on PATH that counts its calls and gives this root file system."""
    tree = tmp_path / "tree.tar"
    with tarfile.open(tree, "w") as tar:
        for name, mode, text in [
            ("./dev/null", 0o666, None),
            ("./dev/", 0o755, None),
            ("./etc/apt/sources.list", 0o644, b"deb http://mirror.example bookworm main\n"),
            ("./var/lib/apt/lists/partial/", 0o700, None),
            ("./bin/sh", 0o755, b"#!"),
        ]:
            member = tarfile.TarInfo(name.rstrip("/"))
            member.mode = mode
            if text is not None:
                member.size = len(text)
            else:
                member.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.CHRTYPE
            tar.addfile(member, io.BytesIO(text or b""))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    calls = tmp_path / "calls"
    tools("mmdebstrap", f'echo "$@" >> {calls}; cat {tree}')
    tools(
        "apt-get", 'echo "deb http://mirror.example/ bookworm main"; echo "deb http://x/ sid main"'
    )
    return calls


def test_nothing_tells_of_this_machine_and_anybody_can_unpack_it(rootfs):
    with tarfile.open(make_base()) as tar:
        members = {member.name: member for member in tar}
        assert tar.extractfile("./bin/sh").read() == b"#!"
    assert sorted(members) == [
        *("./bin/sh", "./dev", "./etc/apt/sources.list", "./var/lib/apt/lists/partial")
    ]
    assert members["./etc/apt/sources.list"].size == 0
    assert members["./var/lib/apt/lists/partial"].mode == 0o755


def test_packages_come_from_where_this_machine_gets_them(rootfs):
    make_base()
    assert rootfs.read_text().endswith(" bookworm - deb http://mirror.example/ bookworm main\n")


def test_it_is_made_once_and_again_when_asked(rootfs):
    first = make_base()
    assert make_base() == first
    assert len(rootfs.read_text().splitlines()) == 1
    assert make_base(fresh=True) == first, "the same packages give the same name"
    assert len(rootfs.read_text().splitlines()) == 2
    assert list(first.parent.iterdir()) == [first]


@pytest.mark.parametrize("words", ["", "cat {tree}; "])
def test_a_failure_is_told_in_its_words_and_leaves_nothing(rootfs, tools, tmp_path, words):
    words = words.format(tree=tmp_path / "tree.tar")
    tools("mmdebstrap", f"{words}echo 'E: no such mirror' >&2; exit 25")
    with pytest.raises(HpcpyError, match="mmdebstrap ended with 25: E: no such mirror"):
        make_base()
    assert not list((tmp_path / "cache").rglob("*.*"))


def test_without_mmdebstrap_it_says_what_to_install(tools, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(InputError, match=r"install-packages\.sh mmdebstrap .* or name a base"):
        make_base()
