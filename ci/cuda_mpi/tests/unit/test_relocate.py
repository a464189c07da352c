import pytest

import relocate as module
from hpcpy_core.errors import HpcpyError
from relocate import find_foreign, find_objects, relocate

ELF = b"\x7fELF..."


REMOVED = (
    *("lib/libmpi.la", "lib/openmpi/mca_a.la", "lib/libevent_extra.so", "share/man/man1/mpicc.1"),
    *("include/pmix/config.h", "include/event.h"),
)


@pytest.fixture
def prefix(tmp_path):
    """Return an MPI of empty libraries; their second line is what they need."""
    folder = tmp_path / "mpi"
    for name, needed in {
        "bin/mpiexec": "libmpi.so.40 libc.so.6",
        "lib/libmpi.so.40": "libucp.so.0 libm.so.6 ld-linux-x86-64.so.2",
        "lib/libucp.so.0": "libgcc_s.so.1",
        "lib/openmpi/mca_accelerator_cuda.so": "libmpi.so.40 libcuda.so.1",
        "lib/ucx/libuct_cuda.so.0": "libnvidia-ml.so.1 libcuda.so.1 libucp.so.0",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(ELF + f"\n{needed}".encode())
    others = ["include/mpi.h", "include/openmpi/ext.h", "include/mpi-ext.h", "bin/script"]
    for name in [*others, *REMOVED]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("#!/bin/sh")
    (folder / "lib" / "libmpi.so").symlink_to("libmpi.so.40")
    return folder


@pytest.fixture
def calls(tmp_path, script, tools, monkeypatch):
    """Put a strip and a patchelf in place that write down what they were asked."""
    log = tmp_path / "calls"
    patchelf = tmp_path / "patchelf"
    asked = "[ $1 = --print-needed ] || exit 0; { read -r first; read -r needed; } < $2"
    script(patchelf, f'echo "$@" >> {log}; {asked}; echo $needed')
    tools("strip", f"echo strip $2 >> {log}")
    monkeypatch.setattr(module, "PATCHELF", str(patchelf))
    return log


def test_each_finds_the_others_from_where_it_is(prefix, calls):
    relocate(prefix)
    places = {
        line.split()[-1].removeprefix(f"{prefix}/"): line.split()[2]
        for line in calls.read_text().splitlines()
        if line.startswith("--force-rpath --set-rpath")
    }
    assert places == {
        "bin/mpiexec": "$ORIGIN:$ORIGIN/../lib",
        "lib/libmpi.so.40": "$ORIGIN",
        "lib/openmpi/mca_accelerator_cuda.so": "$ORIGIN:$ORIGIN/../../lib",
        "lib/ucx/libuct_cuda.so.0": "$ORIGIN:$ORIGIN/../../lib",
    }
    assert calls.read_text().count("strip ") == 5


def test_what_nobody_needs_is_removed_and_nothing_else(prefix, calls):
    before = {path for path in prefix.rglob("*") if path.is_file()}
    relocate(prefix)
    after = {path for path in prefix.rglob("*") if path.is_file()}
    assert before - after == {prefix / name for name in REMOVED}


def test_only_programs_and_libraries_are_objects(prefix):
    assert [path.name for path in find_objects(prefix)] == [
        *("mpiexec", "libmpi.so.40", "libucp.so.0", "mca_accelerator_cuda.so"),
        "libuct_cuda.so.0",
    ]


def test_a_library_of_this_machine_is_refused(prefix, calls):
    (prefix / "lib" / "libucp.so.0").write_bytes(ELF + b"\nlibz.so.1")
    with pytest.raises(HpcpyError, match=r"libz\.so\.1 \(of libucp\.so\.0\)"):
        relocate(prefix)


def test_only_what_is_loaded_at_need_may_ask_for_the_driver(prefix, calls):
    assert find_foreign(prefix) == set()
    (prefix / "lib" / "libmpi.so.40").write_bytes(ELF + b"\nlibcuda.so.1")
    assert find_foreign(prefix) == {"libcuda.so.1 (of libmpi.so.40)"}
