import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from hpcpy_core.find_library import find_library
from hpcpy_doctor.looks import load_trace
from hpcpy_doctor.looks.load_trace import trace_load

VARIABLES = ("MPI4PY_LIBMPI", "MPI4PY_MPIABI", "LD_PRELOAD", "PYTHONPATH")


@pytest.fixture
def clean():
    """This process's environment, with what may choose a library taken out."""
    return {name: value for name, value in os.environ.items() if name not in VARIABLES}


@pytest.fixture(scope="module")
def library():
    """The library of this environment."""
    return find_library().path


def test_what_is_tried_ends_with_the_one_that_is_loaded(clean, library):
    trace = trace_load(clean)
    assert trace.tried[0] == ""
    assert trace.chosen == trace.tried[-1]
    assert Path(trace.chosen).resolve() == Path(trace.path).resolve()
    assert trace.path == library
    assert Path(trace.extension).name.startswith(f"MPI.{trace.abi}.")
    assert trace.error is None


def test_a_named_library_is_the_only_one_tried(clean, library):
    trace = trace_load({**clean, "MPI4PY_LIBMPI": library})
    assert trace.tried == ("", library)
    trace = trace_load({**clean, "MPI4PY_LIBMPI": "/no/libmpi.so:/etc/passwd"})
    assert trace.tried == ("", "/no/libmpi.so", "/etc/passwd")
    assert trace.path is trace.chosen is None
    assert trace.error.splitlines()[1:] == [
        "/no/libmpi.so: cannot open shared object file: No such file or directory",
        "/etc/passwd: invalid ELF header",
    ]


def test_what_the_process_has_already(clean, library):
    trace = trace_load({**clean, "LD_PRELOAD": library})
    assert trace.tried == ("",)
    assert trace.chosen == ""
    assert trace.path == library


def test_with_the_abi_nothing_is_tried(clean, library):
    abi = trace_load(clean).abi
    trace = trace_load(
        {**clean, "MPI4PY_MPIABI": abi, "LD_LIBRARY_PATH": str(Path(library).parent)}
    )
    assert (trace.tried, trace.abi, trace.path) == ((), abi, library)
    trace = trace_load({**clean, "MPI4PY_MPIABI": "no-such"})
    assert "cannot import name 'MPI'" in trace.error


def test_an_mpi4py_that_was_compiled_for_one_mpi(clean, library, tmp_path):
    """One extension without the name of an ABI is all that compiling leaves."""
    wheel = Path(sysconfig.get_path("platlib")) / "mpi4py"
    abi, suffix = trace_load(clean).abi, sysconfig.get_config_var("EXT_SUFFIX")
    copy = tmp_path / "mpi4py"
    shutil.copytree(wheel, copy, ignore=shutil.ignore_patterns("MPI.*.so", "include"))
    shutil.copy(wheel / f"MPI.{abi}{suffix}", copy / f"MPI{suffix}")
    found = {**clean, "PYTHONPATH": str(tmp_path)}
    trace = trace_load({**found, "LD_LIBRARY_PATH": str(Path(library).parent)})
    assert (trace.tried, trace.abi, trace.path) == ((), None, library)
    assert trace.extension == str(copy / f"MPI{suffix}")
    trace = trace_load({**found, "LD_LIBRARY_PATH": ""})
    assert trace.path is None
    assert "cannot open shared object file" in trace.error


@pytest.mark.parametrize(
    ("script", "why"), [("kill -SEGV $$", "it crashed"), ("exec sleep 60", "no answer in 0.3 s")]
)
def test_a_load_that_crashes_or_hangs(clean, tmp_path, monkeypatch, script, why):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(load_trace, "SECONDS", 0.3)
    assert why in trace_load(clean).error
