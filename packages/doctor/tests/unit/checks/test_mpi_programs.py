from pathlib import Path

import pytest

from hpcpy_doctor.checks.mpi_programs import look_at_programs
from hpcpy_doctor.looks.launcher_programs import MpiProgram

WHOSE = {
    "mpich": ("MPICH", "5.0.2", "MPICH"),
    "openmpi": ("Open MPI", "5.0.11", "Open MPI"),
    "old": ("Open MPI", "4.1.4", "Open MPI"),
}


def describe(path):
    """Tell whose a program is by the name of its prefix."""
    if path.parts[-3] == "broken":
        return MpiProgram(path=path, name=None, version=None, family=None, error="Exec format")
    name, version, family = WHOSE[path.parts[-3]]
    return MpiProgram(path=path, name=name, version=version, family=family)


@pytest.fixture
def prefixes(tmp_path):
    """Installations of several MPIs, each with a library; return where one's programs are."""
    for prefix in (*WHOSE, "broken"):
        for name in ("mpiexec", "mpirun"):
            program = tmp_path / prefix / "bin" / name
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text(f"#!/bin/sh\n# of {prefix}\n")
            program.chmod(0o755)
    return lambda prefix: str(tmp_path / prefix / "bin")


@pytest.fixture
def look(make_facts, prefixes, mpich, open_mpi):
    def look(*path, mpi="mpich", **environ):
        facts = make_facts(
            {"PATH": ":".join(path), **environ},
            library_path=str(Path(prefixes(mpi)).parent / "lib" / "libmpi.so"),
            library_text=mpich if mpi == "mpich" else open_mpi,
        )
        return list(look_at_programs((facts,), describe=describe))

    return look


@pytest.mark.parametrize("mpi", ["mpich", "openmpi"])
def test_the_librarys_own_comes_first(look, prefixes, mpi):
    (found,) = look("/nowhere", prefixes(mpi), mpi=mpi)
    assert found.level == "ok"
    assert found.seen.startswith(f"mpiexec is {prefixes(mpi)}/mpiexec (")


@pytest.mark.parametrize(("mpi", "other"), [("mpich", "openmpi"), ("openmpi", "mpich")])
def test_another_mpis_comes_first(look, prefixes, mpi, other):
    (found,) = look(prefixes(other), prefixes(mpi), mpi=mpi)
    assert (found.id, found.level) == ("foreign-mpiexec-first", "warning")
    assert found.seen.startswith(f"{prefixes(other)}/mpiexec (")
    assert found.cure == f"export PATH={prefixes(mpi)}:$PATH"
    (found,) = look(prefixes(mpi), prefixes(other), mpi=mpi)
    assert (found.id, found.level) == ("several-mpis", "note")
    assert found.seen.index(prefixes(mpi)) < found.seen.index(prefixes(other))


def test_one_file_by_two_names_is_one_mpi(look, prefixes, tmp_path):
    (tmp_path / "link").symlink_to(prefixes("mpich"))
    (found,) = look(prefixes("mpich"), str(tmp_path / "link"))
    assert found.level == "ok"


def test_one_mpi_that_is_installed_twice_is_one(look, prefixes, tmp_path):
    for place in ("mpich", "again/mpich"):  # describe() goes by the last but two
        folder = tmp_path / place / "bin"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mpiexec").write_text(f"#!/bin/sh\n# in {place}\n")
        (folder / "mpiexec").chmod(0o755)
    (found,) = look(prefixes("mpich"), str(tmp_path / "again" / "mpich" / "bin"))
    assert found.level == "ok"


def test_another_major_version_of_open_mpi(look, prefixes):
    (found,) = look(prefixes("old"), mpi="openmpi")
    assert found.id == "mpiexec-other-version"
    assert "Open MPI 4.1.4" in found.seen
    assert found.cure == f"export PATH={prefixes('openmpi')}:$PATH"


def test_one_that_does_not_run(look, prefixes):
    (found,) = look(prefixes("broken"), prefixes("mpich"))
    assert (found.id, found.level) == ("mpiexec-does-not-run", "error")
    assert "Exec format" in found.seen
    assert found.cure == f"export PATH={prefixes('mpich')}:$PATH"


def test_mpirun_of_another_mpi(look, prefixes, tmp_path):
    only = tmp_path / "mpich" / "only"
    only.mkdir()
    (only / "mpiexec").symlink_to(Path(prefixes("mpich")) / "mpiexec")
    findings = look(str(only), prefixes("openmpi"))
    assert [found.id for found in findings] == ["several-mpis", "mpirun-differs"]
    assert findings[1].cure == f"export PATH={only}:$PATH"


def test_none_on_path(look, prefixes, tmp_path):
    (found,) = look("/nowhere")
    assert (found.id, found.level) == ("mpiexec-not-on-path", "note")
    assert found.cure == f"export PATH={prefixes('mpich')}:$PATH"
    for name in ("mpiexec", "mpirun"):
        (tmp_path / "mpich" / "bin" / name).unlink()
    (found,) = look("/nowhere")
    assert (found.id, found.level) == ("no-mpiexec", "error")
    (tmp_path / "mpich" / "bin" / "srun").symlink_to("/bin/true")
    (found,) = look(prefixes("mpich"))
    assert (found.level, found.seen) == ("ok", "no mpiexec, but srun")


@pytest.mark.parametrize("wanted", ["/nowhere/mpiexec", "openmpi", "broken"])
def test_the_variable_names_no_mpiexec_of_the_library(look, prefixes, wanted):
    value = wanted if "/" in wanted else f"{prefixes(wanted)}/mpiexec"
    (found,) = look(prefixes("mpich"), HPCPY_MPIEXEC=value)
    assert (found.id, found.cure) == ("hpcpy-mpiexec-wrong", "unset HPCPY_MPIEXEC")
    assert f"HPCPY_MPIEXEC={value} is " in found.seen


def test_the_variable_may_name_the_right_one(look, prefixes):
    right = f"{prefixes('mpich')}/mpiexec"
    assert [found.level for found in look(prefixes("mpich"), HPCPY_MPIEXEC=right)] == ["ok"]
