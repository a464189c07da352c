import sys

import pytest

from hpcpy_core.errors import InputError
from stage_ucx import bring_ucx, describe_wheels, find_header, stage_ucx


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_compiler_finds_headers_and_libraries_and_nothing_that_misleads_it(wheels, tmp_path):
    stage_ucx(tmp_path / "ucx")
    found = names(tmp_path / "ucx")
    assert "include/ucp/api/ucp.h" in found
    assert {"lib/libucp.so", "lib/libucp.so.0"} < set(found)
    assert not [name for name in found if name.endswith((".la", ".pc"))]


def test_the_header_is_the_wheels(wheels):
    assert find_header() == wheels / "nvidia/cu13/include/cuda.h"
    assert describe_wheels() == ["libucx-cu13 1.22.0", "nvidia-cuda-runtime 13.5.37"]


def test_libraries_modules_and_licences_come_along(wheels, tmp_path):
    prefix = tmp_path / "mpi"
    (prefix / "lib").mkdir(parents=True)
    bring_ucx(prefix)
    assert names(prefix) == [
        *(f"lib/lib{name}.so.0" for name in ("ucm", "ucp", "ucs", "uct")),
        *("lib/ucx/libcudart-9f.so.13.3.29", "lib/ucx/libucm_cuda.so.0"),
        *("lib/ucx/libuct_cma.so.0", "lib/ucx/libuct_cuda.so.0"),
        *("share/licences/libcudart", "share/licences/ucx"),
    ]


def test_a_wheel_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(InputError, match="libucx-cu13 is not installed: say `nox -s cuda_mpi`"):
        describe_wheels()


def test_a_wheel_of_another_shape_is_named(wheels):
    record = wheels / "nvidia_cuda_runtime-13.5.37.dist-info" / "RECORD"
    record.write_text("nvidia/cu13/include/driver.h,,\n")
    with pytest.raises(InputError, match=r"nvidia-cuda-runtime 13\.5\.37 holds no .*cuda"):
        find_header()
