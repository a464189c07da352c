import io
import os
import tarfile

import pytest

from hpcpy_core.errors import HpcpyError, InputError
from unpack_tar import unpack_tar

CONTENT = os.urandom(999).hex().encode()


@pytest.fixture
def pack(tmp_path):
    """Return a function that writes a tar file of one file."""

    def make(name="configure", kind="xz"):
        path = tmp_path / f"a.tar.{kind}"
        with tarfile.open(path, f"w:{kind}") as archive:
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(CONTENT), 1_000_000_000
            archive.addfile(member, io.BytesIO(CONTENT))
        return path

    return make


@pytest.mark.parametrize("kind", ["bz2", "gz", "xz"])
def test_files_are_unpacked_with_their_dates(pack, tmp_path, kind):
    unpack_tar(pack(kind=kind), tmp_path / "into")
    path = tmp_path / "into" / "configure"
    assert path.read_bytes() == CONTENT
    # make would make configure again if it were older than what it is made of.
    assert path.stat().st_mtime == 1_000_000_000


def keep(member, path):
    return member


def test_a_python_without_filters_unpacks_too(pack, tmp_path, monkeypatch):
    monkeypatch.delattr(tarfile, "data_filter", raising=False)
    monkeypatch.setattr(tarfile.TarFile, "extraction_filter", staticmethod(keep))
    unpack_tar(pack(), tmp_path / "into")
    assert (tmp_path / "into" / "configure").exists()


@pytest.mark.parametrize("kind", ["bz2", "gz", "xz"])
@pytest.mark.parametrize("size", [0, 100, -400])
def test_a_damaged_file_is_refused_in_one_line(pack, tmp_path, kind, size):
    tar = pack(kind=kind)
    tar.write_bytes(tar.read_bytes()[:size])
    with pytest.raises(InputError, match=rf"^{tar} is no tar file that can be unpacked: .+$"):
        unpack_tar(tar, tmp_path / "into")


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="this Python is too old to refuse")
def test_nothing_is_written_elsewhere(pack, tmp_path):
    with pytest.raises(InputError, match="outside"):
        unpack_tar(pack(name="../elsewhere"), tmp_path / "into")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_written_is_named(pack, tmp_path):
    (tmp_path / "into").write_text("a file")
    with pytest.raises(HpcpyError, match=r"cannot unpack .*: "):
        unpack_tar(pack(), tmp_path / "into")
