import json
import shutil
import tarfile
from types import SimpleNamespace

import pytest

import make_tar as module
from hpcpy_core.errors import HpcpyError, InputError
from make_tar import hash_recipe, make_tar


@pytest.fixture
def tar(tmp_path, wheels, tools, monkeypatch):
    """Return the path of a tar to be made, by steps that only pretend."""
    for name in module.COMMANDS:
        tools(name, "true")
    tree = tmp_path / "openmpi-5.0.7"
    tree.mkdir()
    (tree / "LICENSE").write_text("free")
    monkeypatch.setattr(module, "fetch_source", lambda folder: folder / "tar")
    monkeypatch.setattr(module, "unpack_source", lambda tar, folder: tree)
    monkeypatch.setattr(module, "compile_mpi", install)
    monkeypatch.setattr(module, "relocate", lambda prefix: None)
    monkeypatch.setattr(module, "prove", lambda prefix, stub: None)
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder / "0123.tar.xz"


def install(tree, work, log, *, cuda, stub, ucx):
    log.write_text("compiled")
    assert (cuda / "include" / "cuda.h").exists()
    assert (stub / "libcuda.so").is_symlink()
    assert (ucx / "lib" / "libucp.so").exists()
    prefix = work / "installed"
    (prefix / "lib").mkdir(parents=True)
    return prefix


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_tar_holds_the_mpi_its_licences_and_what_it_was_made_of(tar):
    make_tar(tar, None)
    assert files(tar.parent) == ["0123.log", "0123.tar.xz"]
    with tarfile.open(tar) as archive:
        names = archive.getnames()
        assert archive.extractfile("cuda-mpi/share/hpcpy-recipe").read() == b"0123\n"
        parts = json.load(archive.extractfile("cuda-mpi/share/hpcpy-parts.json"))
    assert {f"cuda-mpi/share/licences/{name}" for name in ("libcudart", "openmpi", "ucx")} < {
        *names
    }
    assert "cuda-mpi/lib/ucx/libuct_cuda.so.0" in names
    assert [(part["name"], part["version"]) for part in parts] == [
        ("openmpi", "5.0.7"),
        ("libucx-cu13", "1.22.0"),
        ("nvidia-cuda-runtime", "13.5.37"),
    ]
    assert [part["licence"] for part in parts][1:] == ["BSD-3-Clause", "Proprietary"]


@pytest.mark.parametrize("step", ["compile_mpi", "relocate", "prove"])
def test_a_step_that_fails_leaves_its_log_and_nothing_else(tar, monkeypatch, step):
    def fail(*arguments, **named):
        raise HpcpyError("no")

    monkeypatch.setattr(module, step, fail)
    with pytest.raises(HpcpyError, match=r"^no$"):
        make_tar(tar, None)
    assert set(files(tar.parent)) <= {"0123.log"}


def test_what_a_killed_build_left_is_no_hindrance(tar):
    (tar.parent / "work" / "stub").mkdir(parents=True)
    make_tar(tar, None)
    assert files(tar.parent) == ["0123.log", "0123.tar.xz"]


def test_too_little_room_is_found_before_any_work(tar, monkeypatch):
    free = SimpleNamespace(free=1_500_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    with pytest.raises(InputError, match=r"has 1\.5 GB left, and .* 2\.0 GB: .* XDG_CACHE_HOME"):
        make_tar(tar, None)
    assert files(tar.parent) == []


def test_a_missing_compiler_is_found_before_any_work(tar, tmp_path):
    for name in ("cc", "strip"):
        (tmp_path / "tools" / name).unlink()
    with pytest.raises(InputError, match=r"no cc, strip on PATH: .* install gcc binutils \("):
        make_tar(tar, None)
    assert files(tar.parent) == []


def test_another_source_or_wheel_is_another_recipe(wheels, tmp_path):
    source = tmp_path / "a.tar"
    source.write_text("5.0.7")
    first = [hash_recipe(None), hash_recipe(source)]
    assert [hash_recipe(None), hash_recipe(source)] == first
    source.write_text("5.0.8")
    metadata = wheels / "libucx_cu13-1.22.0.dist-info" / "METADATA"
    third = hash_recipe(source)
    metadata.write_text(metadata.read_text().replace("1.22.0", "1.23.0"))
    assert len({*first, third, hash_recipe(None)}) == 4
