import os
from pathlib import Path

import pytest

from hpcpy_core.errors import InputError
from hpcpy_testing import mpiexec
from hpcpy_testing.mpiexec import Mpiexec

HYDRA = "HYDRA build details:\n    Version:                                 5.0.2\n"
OPEN = "mpiexec (Open MPI) 5.0.11\n\nReport bugs\n"
PRTE = "prterun (PRRTE) 3.0.13\n"

MPICH = Mpiexec(path=Path("/x/mpiexec"), vendor="mpich", version="5")
OPENMPI = Mpiexec(path=Path("/x/mpiexec"), vendor="openmpi", version="5")


@pytest.mark.parametrize(
    ("text", "vendor", "version"),
    [(HYDRA, "mpich", "5.0.2"), (OPEN, "openmpi", "5.0.11"), (PRTE, "openmpi", "3.0.13")],
)
def test_vendor_and_version_are_told_by_the_program(text, vendor, version):
    described = Mpiexec.described(Path("mpiexec"), text)
    assert (described.vendor, described.version) == (vendor, version)


def test_another_vendor_is_refused():
    with pytest.raises(InputError, match=r"neither MPICH .* nor Open MPI"):
        Mpiexec.described(Path("mpiexec"), "Fancy MPI 1.0")


def program(folder: Path, text: str) -> str:
    folder.mkdir()
    path = folder / "mpiexec"
    path.write_text(f"#!/bin/sh\nprintf '{text}'\n")
    path.chmod(0o755)
    return str(path)


def test_the_one_given_comes_before_the_environment(tmp_path, monkeypatch):
    given = program(tmp_path / "given", "mpiexec (Open MPI) 1.0")
    monkeypatch.setenv(mpiexec.VARIABLE, program(tmp_path / "env", "mpiexec (Open MPI) 2.0"))
    assert Mpiexec.find(given).version == "1.0"
    assert Mpiexec.find().version == "2.0"


def test_the_one_beside_python_comes_before_the_path(tmp_path, monkeypatch):
    beside = program(tmp_path / "beside", "mpiexec (Open MPI) 3.0")
    on_path = program(tmp_path / "path", "mpiexec (Open MPI) 4.0")
    monkeypatch.delenv(mpiexec.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(Path(on_path).parent), prepend=os.pathsep)
    monkeypatch.setattr("sys.executable", str(Path(beside).with_name("python")))
    assert Mpiexec.find().version == "3.0"
    Path(beside).unlink()
    assert Mpiexec.find().version == "4.0"


def test_no_mpiexec_says_what_mends_it(tmp_path):
    with pytest.raises(InputError, match="pip install mpich"):
        Mpiexec.find(str(tmp_path / "missing"))


def test_the_command_limits_its_time():
    assert MPICH.command(4, ["python", "x.py"], 30.0) == [
        *("timeout", "-k", "10", "30"),
        *("/x/mpiexec", "-n", "4", "python", "x.py"),
    ]


def test_open_mpi_may_use_more_ranks_than_cores_and_as_root(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    environment = OPENMPI.environment()
    assert environment["PRTE_MCA_rmaps_default_mapping_policy"] == ":oversubscribe"
    assert environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] == "1"


def test_open_mpi_does_not_look_for_networks_but_where_it_is_told_to(monkeypatch):
    monkeypatch.delenv("OMPI_MCA_btl", raising=False)
    assert OPENMPI.environment()["OMPI_MCA_btl"] == "^ofi"
    monkeypatch.setenv("OMPI_MCA_btl", "self,tcp")
    assert OPENMPI.environment()["OMPI_MCA_btl"] == "self,tcp"


def test_the_permission_for_root_is_given_to_root_only(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert not [name for name in OPENMPI.environment() if "ROOT" in name]


def test_mpich_needs_nothing():
    assert MPICH.environment() == {}
