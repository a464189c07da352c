"""Lets the tests import the scripts of ci/cuda_mpi/, and makes what stands for tools and wheels."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

BASICS = ("cat", "chmod", "env", "mkdir", "nice", "sh", "sleep", "timeout", "touch")
LICENCES = {"libucx-cu13": "BSD-3-Clause", "nvidia-cuda-runtime": "Proprietary"}
FILES = {
    "libucx-cu13": [
        *("libucx/include/ucp/api/ucp.h", "libucx_cu13.libs/libcudart-9f.so.13.3.29"),
        *(f"libucx/lib/lib{name}.so.0" for name in ("ucm", "ucp", "ucs", "uct")),
        *(f"libucx/lib/ucx/lib{name}.so.0" for name in ("ucm_cuda", "uct_cma", "uct_cuda")),
        *("libucx/lib/libucp.la", "libucx/lib/pkgconfig/ucx.pc"),
        "libucx_cu13-1.22.0.dist-info/licenses/LICENSE",
    ],
    "nvidia-cuda-runtime": [
        "nvidia/cu13/include/cuda.h",
        "nvidia_cuda_runtime-13.5.37.dist-info/licenses/License.txt",
    ],
}


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Return a function that puts a shell script on PATH, where there is nothing but basics."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in BASICS:
        (folder / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(folder))
    return lambda name, script: write_script(folder / name, script)


def write_script(path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def script():
    """Return a function that writes an executable shell script."""
    return write_script


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """Install files that are named like those of the wheels; return the folder of site-packages."""
    site = tmp_path / "site-packages"
    for distribution, files in FILES.items():
        version = files[-1].partition(".dist-info")[0].rpartition("-")[2]
        info = f"{distribution.replace('-', '_')}-{version}.dist-info"
        for name in [*files, f"{info}/METADATA", f"{info}/RECORD"]:
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(name)
        (site / info / "METADATA").write_text(
            f"Metadata-Version: 2.4\nName: {distribution}\nVersion: {version}\n"
            f"License-Expression: {LICENCES[distribution]}\n"
        )
        (site / info / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    return site
