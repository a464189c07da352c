import io
import tarfile

import pytest

import fetch_source as module
from fetch_source import fetch_source, unpack_source
from hpcpy_core.errors import HpcpyError, InputError

# Knows a mirror; counts its calls; downloads three files into the folder that it is called in.
APT_GET = """
for word in "$@"; do
    case $word in
        indextargets) echo http://mirror.example/debian/; exit ;;
        update) echo "$@" >> {log}; {update}; exit ;;
        source) echo "$@" >> {log}; {download}
                for end in 5.0.7-1.dsc 5.0.7.orig.tar.xz 5.0.7-1.debian.tar.xz; do
                    touch openmpi_$end
                done; exit ;;
    esac
done
"""


@pytest.fixture
def apt(tools, tmp_path, monkeypatch):
    """Return a function that puts an apt-get on PATH."""
    keyring = tmp_path / "keyring.gpg"
    keyring.touch()
    monkeypatch.setattr(module, "KEYRING", keyring)

    def put(update="true", download="true"):
        log = tmp_path / "apt.log"
        tools("apt-get", APT_GET.format(log=log, update=update, download=download))
        return log

    return put


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "source"
    path.mkdir()
    return path


def test_the_source_comes_from_the_mirror_and_by_a_private_configuration(apt, folder):
    log = apt()
    assert fetch_source(folder) == folder / "openmpi_5.0.7.orig.tar.xz"
    line = (folder / "sources.list").read_text()
    assert line.startswith("deb-src [signed-by=/")
    assert line.endswith("] http://mirror.example/debian/ trixie main\n")
    update, source = log.read_text().splitlines()
    for call in (update, source):
        assert f"Dir::State={folder}/state" in call
        assert f"Dir::Etc::sourcelist={folder}/sources.list -o Dir::Etc::sourceparts=-" in call
    assert "--error-on=any update" in update
    assert source.endswith("source --quiet=2 --download-only openmpi")


@pytest.mark.parametrize(
    "failure",
    [
        {"update": "echo 'Reading...'; echo 'E: Could not resolve mirror' >&2; exit 100"},
        {"download": "echo 'E: Unable to find a source package' >&2; exit 100"},
    ],
)
def test_without_a_network_it_says_what_apt_said_and_what_else_can_be_done(apt, folder, failure):
    apt(**failure)
    with pytest.raises(HpcpyError, match=r"mend the network .* by --source\nE: \w+ "):
        fetch_source(folder)


def test_without_apt_it_asks_for_a_file(tools, folder):
    with pytest.raises(InputError, match=r"no apt-get .* --source"):
        fetch_source(folder)


def test_another_distribution_is_asked_for_a_file(apt, folder, tools):
    apt()
    tools("apt-get", "true")
    with pytest.raises(InputError, match=r"no mirror of Debian .* --source"):
        fetch_source(folder)


def pack(path, **files):
    with tarfile.open(path, "w:xz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"openmpi/{name}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return path


def test_a_release_is_known_by_its_version(tmp_path, folder):
    tar = pack(tmp_path / "a.tar.xz", configure="#!", VERSION="# x\nmajor=5\nminor=0\n")
    assert unpack_source(tar, folder) == folder / "openmpi"


@pytest.mark.parametrize(
    "files", [{"README": ""}, {"configure": "#!"}, {"configure": "#!", "VERSION": "\nmajor=4\n"}]
)
def test_what_is_no_release_of_open_mpi_5_is_refused(tmp_path, folder, files):
    tar = pack(tmp_path / "a.tar.xz", **files)
    with pytest.raises(InputError, match=r"a\.tar\.xz is no release of Open MPI 5"):
        unpack_source(tar, folder)
