from pathlib import Path

from hpcpy_doctor.looks.library_failure import find_cure, list_unloadable
from hpcpy_doctor.looks.load_trace import LoadTrace

LOADED, FAILED = LoadTrace(path="/x/libmpi.so.12"), LoadTrace(error="cannot load MPI library")


def test_libraries_that_are_there_and_cannot_be_loaded(tmp_path):
    for name in ("libmpi.so", "libmpi.so.12"):
        (tmp_path / name).touch()
    names = [f"{tmp_path}/{name}" for name in ("libmpi.so", "libmpi.so.12", "libmpi.so.40")]
    errors = [
        "cannot load MPI library",
        f"{names[0]}: invalid ELF header",
        "libucp.so.0: cannot open shared object file",
        f"{names[2]}: cannot open shared object file",
        "libmpi.so: cannot open shared object file",
    ]
    seen = LoadTrace(tried=("", *names, "libmpi.so"), error="\n".join(errors))
    assert list_unloadable(seen) == [(Path(names[1]), errors[2])]
    assert list_unloadable(LoadTrace()) == []


def test_a_cure_was_tried():
    tried = []

    def trace(environ):
        tried.append(environ)
        return FAILED if "A" in environ else LOADED

    assert find_cure(("A", "B"), {"A": "1", "C": "2"}, trace) == "unset A"
    assert tried == [{"C": "2"}]


def test_a_library_beside_an_mpiexec_on_path(tmp_path):
    for name in ("bin/mpiexec", "lib64/libmpi.so.40"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    right = f"{tmp_path}/lib64/libmpi.so.40"

    def trace(environ):
        return LOADED if environ.get("MPI4PY_LIBMPI") == right and "A" not in environ else FAILED

    path = f"/nowhere:{tmp_path}/bin"
    assert find_cure(("A",), {"A": "1", "PATH": path}, trace) == f"export MPI4PY_LIBMPI={right}"
    both = {"MPI4PY_MPIABI": "mpich", "PATH": path}
    cure = find_cure(("MPI4PY_MPIABI",), both, trace)
    assert cure == f"unset MPI4PY_MPIABI; export MPI4PY_LIBMPI={right}"


def test_with_nothing_at_all_one_must_be_installed():
    assert find_cure(("A",), {"A": "1"}, lambda _: FAILED).endswith(" mpich")
