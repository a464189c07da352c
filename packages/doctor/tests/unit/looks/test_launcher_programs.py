import pytest

from hpcpy_doctor.looks import launcher_programs
from hpcpy_doctor.looks.launcher_programs import describe_program, list_programs

HYDRA = "HYDRA build details:\n    Version:                                 5.0.2\n"
INTEL = "Intel(R) MPI Library for Linux* OS, Version 2021.16 Build 20250513 (id: a7c1)\n"
OPEN_MPI = "mpiexec (Open MPI) 5.0.11\n\nReport bugs to https://www.open-mpi.org\n"


@pytest.fixture
def program(tmp_path):
    """Return a function that makes a program of a shell script."""

    def make(script, name="mpiexec"):
        path = tmp_path / name
        path.write_text(script)
        path.chmod(0o755)
        return path

    return make


@pytest.mark.parametrize(
    ("said", "name", "version", "family"),
    [
        (HYDRA, "MPICH", "5.0.2", "MPICH"),
        (INTEL, "Intel MPI", "2021.16", "MPICH"),
        (OPEN_MPI, "Open MPI", "5.0.11", "Open MPI"),
        ("mpirun (Open MPI) 4.1.4\n", "Open MPI", "4.1.4", "Open MPI"),
        ("prterun (PRRTE) 3.0.11\n", "PRRTE", "3.0.11", "Open MPI"),
        ("something else\n", None, None, None),
    ],
)
def test_whose_it_is(program, said, name, version, family):
    found = describe_program(program(f"#!/bin/sh\ncat <<'E'\n{said}E\n"))
    assert (found.name, found.version, found.family) == (name, version, family)
    assert found.error is None
    assert (name or "unknown") in str(found)


def test_one_that_does_not_run(program):
    assert "No such file" in describe_program(program("#!/no/such/python\n")).error
    assert (
        "libhwloc" in describe_program(program("#!/bin/sh\necho no libhwloc >&2; exit 127\n")).error
    )
    assert describe_program(program("#!/bin/sh\nexit 3\n")).error == "it ended with 3"


def test_one_that_hangs(program, monkeypatch):
    monkeypatch.setattr(launcher_programs, "SECONDS", 0.2)
    found = describe_program(program("#!/bin/sh\nexec sleep 60\n"))
    assert found.error == "no answer to --version within 0.2 s"


def test_programs_in_the_order_of_path_each_once(program, tmp_path):
    path = program("#!/bin/sh\n")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "mpiexec").symlink_to(path)
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "mpiexec").touch()  # not executable: a shell goes on to the next
    search = f"/nowhere::{tmp_path}/closed:{tmp_path}/linked:{tmp_path}"
    assert list_programs("mpiexec", search) == [tmp_path / "linked" / "mpiexec"]
    assert list_programs("mpiexec", "") == []
