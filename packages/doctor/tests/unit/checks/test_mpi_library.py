import sys

import pytest

from hpcpy_doctor.checks.mpi_library import look_at_library
from hpcpy_doctor.looks.load_trace import LoadTrace

LOADED = LoadTrace(
    tried=("", "/env/lib/libmpi.so", "/env/lib/libmpi.so.12"),
    chosen="/env/lib/libmpi.so.12",
    abi="mpich",
    extension="/env/mpi4py/MPI.mpich.so",
    path="/env/lib/libmpi.so.12",
    text="MPICH Version:      5.0.2\n",
)
NO_NAME = "cannot import name 'MPI' from 'mpi4py' (/env/mpi4py/__init__.py)"


class Traces:
    """The trace of each environment, by whether it has certain variables."""

    def __init__(self, monkeypatch, environ, failing, otherwise=LOADED):
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        self.failing, self.otherwise, self.names = failing, otherwise, set(environ)

    def __call__(self, environ):
        return self.failing if self.names & environ.keys() else self.otherwise


@pytest.fixture
def look(make_facts, monkeypatch):
    for name in ("MPI4PY_LIBMPI", "MPI4PY_MPIABI", "LD_PRELOAD"):
        monkeypatch.delenv(name, raising=False)

    def look(environ, trace):
        (found,) = look_at_library((make_facts(environ),), trace=trace)
        return found

    return look


def test_the_library_and_the_reason(look):
    found = look({}, lambda _: LOADED)
    assert found.level == "ok"
    assert found.seen == ("MPICH 5.0.2, /env/lib/libmpi.so.12 (mpi4py looks into /env/lib first)")


@pytest.mark.parametrize(
    ("environ", "blamed"),
    [
        ({"MPI4PY_MPIABI": "mpich"}, "MPI4PY_MPIABI"),
        ({"LD_PRELOAD": "/x.so"}, "LD_PRELOAD"),
        ({}, "MPI4PY_LIBMPI"),
    ],
)
def test_a_named_library_that_is_not_the_one_which_is_loaded(look, environ, blamed):
    found = look({"MPI4PY_LIBMPI": "/site/libmpi.so.40", **environ}, lambda _: LOADED)
    assert (found.id, found.level) == ("libmpi-ignored", "warning")
    assert "MPI4PY_LIBMPI=/site/libmpi.so.40, but mpi4py loads MPICH 5.0.2" in found.seen
    assert found.cure == f"unset {blamed}"


@pytest.mark.parametrize("place", ["/env/lib/libmpi.so.12", "/env/lib", "/no:/env/lib"])
def test_a_named_library_may_be_a_folder_or_a_list(look, place):
    assert look({"MPI4PY_LIBMPI": place}, lambda _: LOADED).level == "ok"


def test_a_named_library_that_is_not_there(look, monkeypatch):
    environ = {"MPI4PY_LIBMPI": "/no/libmpi.so.12"}
    error = "cannot load MPI library\n/no/libmpi.so.12: cannot open shared object file"
    failing = LoadTrace(tried=("", "/no/libmpi.so.12"), error=error)
    found = look(environ, Traces(monkeypatch, environ, failing))
    assert (found.id, found.level) == ("libmpi-missing", "error")
    assert "/no/libmpi.so.12: cannot open" in found.seen
    assert found.cure == "unset MPI4PY_LIBMPI"


def test_the_abi_alone_leaves_the_search_to_the_linker(look, monkeypatch):
    environ = {"MPI4PY_MPIABI": "openmpi"}
    failing = LoadTrace(abi="openmpi", error="libmpi.so.40: cannot open shared object file")
    found = look(environ, Traces(monkeypatch, environ, failing))
    assert found.id == "mpiabi-without-library"
    assert found.cure == "unset MPI4PY_MPIABI"


def test_an_abi_without_an_extension(look, monkeypatch):
    environ = {"MPI4PY_LIBMPI": "/x/libmpi_abi.so.1"}
    failing = LoadTrace(
        tried=("", "/x/libmpi_abi.so.1"), chosen="/x/libmpi_abi.so.1", error=NO_NAME
    )
    found = look(environ, Traces(monkeypatch, environ, failing))
    assert found.id == "unsupported-abi"
    assert found.seen.startswith("/x/libmpi_abi.so.1 is asked for")
    assert found.cure == "unset MPI4PY_LIBMPI"


def test_a_library_whose_own_library_is_missing(look, tmp_path, monkeypatch):
    file = tmp_path / "lib" / "libmpi.so.12"
    file.parent.mkdir()
    file.touch()
    missing = "libucp.so.0: cannot open shared object file"
    script = f"{tmp_path}/libmpi.so: invalid ELF header"
    failing = LoadTrace(
        tried=("", f"{tmp_path}/libmpi.so", str(file)),
        error=f"cannot load MPI library\n{script}\n{missing}",
    )
    found = look({}, lambda _: failing)
    assert found.id == "library-incomplete"
    assert found.seen == f"{file}: {missing}"
    assert found.cure == f"ldd {file}"
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert look({}, lambda _: failing).cure.endswith(" --force-reinstall mpich")


def test_no_library_anywhere_but_one_beside_an_mpiexec_on_path(look, tmp_path, monkeypatch):
    for name in ("bin/mpiexec", "lib/libmpi.so.40"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    monkeypatch.setenv("PATH", f"/usr/bin:{tmp_path}/bin")
    failing = LoadTrace(tried=("", "libmpi.so"), error="cannot load MPI library\nlibmpi.so: no")

    def trace(environ):
        return LOADED if environ.get("MPI4PY_LIBMPI") else failing

    found = look({}, trace)
    assert (found.id, found.level) == ("no-mpi-library", "error")
    assert found.cure == f"export MPI4PY_LIBMPI={tmp_path}/lib/libmpi.so.40"
    assert look({}, lambda _: failing).cure.endswith(" mpich")


def test_an_mpi4py_that_was_compiled_for_one_that_is_gone(look):
    found = look({}, lambda _: LoadTrace(error="libmpi.so.40: cannot open shared object file"))
    assert (found.id, found.level) == ("mpi4py-compiled-for-other-mpi", "error")
    assert found.seen.startswith("libmpi.so.40: ")
    assert " --only-binary=mpi4py " in found.cure


def test_no_mpi4py(look):
    found = look({}, lambda _: LoadTrace(error="No module named 'mpi4py'"))
    assert found.id == "no-mpi4py"
    assert sys.executable in found.seen
    assert found.cure.endswith(" mpi4py")


def test_the_library_of_this_environment_is_found(look):
    from hpcpy_core.find_library import find_library
    from hpcpy_doctor.looks.load_trace import trace_load

    found = look({}, trace_load)
    assert found.level == "ok"
    assert find_library().path in found.seen
