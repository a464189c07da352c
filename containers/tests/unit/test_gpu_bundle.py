import re
import tarfile
import tomllib
from pathlib import Path

import pytest

import gpu_bundle as script
from gpu_bundle import PYTHONS, make_bundle
from hpcpy_core.errors import HpcpyError, InputError
from pins import read_pins

ROOT = Path(__file__).resolve().parents[3]
EXPECTED_THERE = {"numpy", "numba", "matplotlib"}


@pytest.fixture
def root(tmp_path, make_wheel, make_mpi_tar, monkeypatch):
    """A checkout of nothing but what goes into a bundle."""
    for name in ("LICENSE", "pyproject.toml", "ci/gpu.sh", "ci/gpu/step.py", script.README):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "ci" / "gpu.sh").chmod(0o755)
    for name in ("helper.py", "gpu/test_a.py", "gpu/__pycache__/x.pyc", "unit/test_b.py"):
        path = tmp_path / "packages" / "core" / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    make_mpi_tar(tmp_path)
    store = tmp_path / "store"
    monkeypatch.setattr(script, "build_ours", lambda root, place: [make_wheel(store, "hpcpy_core")])
    monkeypatch.setattr(script, "merge_pins", lambda locks, python: [])
    monkeypatch.setattr(
        script,
        "download",
        lambda pins, place, python: [
            make_wheel(store, "part"),
            make_wheel(store, f"part_{python.replace('.', '')}"),
        ],
    )
    return tmp_path


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_it_holds_all_that_the_machine_lacks_and_only_plain_files(root):
    folder = make_bundle(root)
    wheels = ["hpcpy_core", "part", *(f"part_{python.replace('.', '')}" for python in PYTHONS)]
    assert files(folder) == sorted(
        [
            *("LICENSE", "README.md", "ci/gpu.sh", "ci/gpu/step.py", "cuda-mpi.tar.xz"),
            *("packages/core/tests/gpu/test_a.py", "packages/core/tests/helper.py"),
            *("pyproject.toml", "requirements.txt"),
            *(f"wheels/{name}-1.0-py3-none-any.whl" for name in wheels),
        ]
    )
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert (folder / "ci" / "gpu.sh").stat().st_mode & 0o111
    assert (folder / "README.md").read_text() == script.README
    assert len(read_pins(folder / "requirements.txt")) == len(wheels)


def test_the_tar_beside_it_holds_the_same(root, tmp_path):
    folder = make_bundle(root)
    with tarfile.open(folder.with_name("gpu-bundle.tar.xz")) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path / "there")
    assert files(tmp_path / "there" / "gpu-bundle") == files(folder)


def test_an_older_one_is_replaced_as_a_whole(root):
    (make_bundle(root) / "old").touch()
    assert "old" not in files(make_bundle(root))


def test_one_that_is_too_large_is_refused_and_the_older_one_kept(root, monkeypatch):
    folder = make_bundle(root)
    before = files(folder)
    monkeypatch.setattr(script, "LIMIT", 1000)
    with pytest.raises(HpcpyError, match=r"the bundle has 0 MiB .* its largest file is wheels/"):
        make_bundle(root)
    assert files(folder) == before
    assert not list(folder.parent.glob(".gpu-bundle*"))


def test_without_the_mpi_nothing_is_gathered(root):
    (root / "build" / "cuda-mpi.tar.xz").unlink()
    with pytest.raises(InputError, match="nox -s cuda_mpi"):
        make_bundle(root)


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_has_what_our_packages_need_but_what_is_expected_there(python):
    needed = set()
    for path in ROOT.glob("packages/*/pyproject.toml"):
        for need in tomllib.loads(path.read_text())["project"]["dependencies"]:
            needed.add(re.match(r"[\w-]+", need)[0])
    ours = {path.parent.name for path in ROOT.glob("packages/*/pyproject.toml")}
    needed -= {f"hpcpy-{name}" for name in ours} | EXPECTED_THERE
    lock = read_pins(ROOT / "requirements" / "gpu-bundle.txt", python)
    assert needed <= {pin.name for pin in lock}
    assert not EXPECTED_THERE & {pin.name for pin in lock}
