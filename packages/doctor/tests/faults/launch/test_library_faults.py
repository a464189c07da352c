"""A library or a package that does not fit is made; and its cure is done."""

import shutil
import sysconfig

import pytest


@pytest.fixture
def words(doctor):
    return doctor.words("mpi_library")


@pytest.fixture
def inside(environment):
    """Return the doctor's command in the environment of links."""
    python = str(environment.parents[2] / "bin" / "python")
    return lambda check, *options: [
        *(python, *options, "-m", "hpcpy_doctor", "--json", "--only", check)
    ]


@pytest.mark.parametrize(
    ("variables", "kind", "said"),
    [
        ({"MPI4PY_LIBMPI": "/no/libmpi.so.12"}, "libmpi-missing", "/no/libmpi.so.12: cannot open"),
        ({"MPI4PY_LIBMPI": "/etc/passwd"}, "libmpi-missing", "invalid ELF header"),
        ({"MPI4PY_MPIABI": "mpich"}, "mpiabi-without-library", "libmpi.so.12: cannot open"),
        ({"MPI4PY_MPIABI": "openmpi"}, "mpiabi-without-library", "libmpi.so.40: cannot open"),
        ({"MPI4PY_MPIABI": "mine"}, "unsupported-abi", "MPI4PY_MPIABI=mine is asked for"),
    ],
)
def test_variables_that_lead_to_no_library(doctor, words, usual, variables, kind, said):
    environ = {**usual, "LD_LIBRARY_PATH": "", **variables}
    (found,) = doctor.examine(words, environ, 2).values()
    assert (found["id"], found["level"]) == (kind, "error")
    assert said in found["seen"]
    assert doctor.after(found, words, environ) == {}


def test_a_library_without_those_that_it_needs(doctor, words, usual, library, tmp_path):
    alone = shutil.copy(library, tmp_path)
    environ = {**usual, "MPI4PY_LIBMPI": str(alone), "LD_LIBRARY_PATH": ""}
    (found,) = doctor.examine(words, environ, 2).values()
    assert found["id"] == "library-incomplete"
    assert found["seen"].startswith(f"{alone}: lib")
    assert doctor.after(found, words, environ) == {}


def test_a_library_that_kills_who_loads_it(doctor, words, usual, library, tmp_path):
    half = tmp_path / library.name
    half.write_bytes(library.read_bytes()[:100_000])
    environ = {**usual, "MPI4PY_LIBMPI": str(half)}
    (found,) = doctor.examine(words, environ, 2).values()
    assert found["id"] == "libmpi-missing"
    assert doctor.after(found, words, environ) == {}


def test_a_named_library_that_is_not_loaded(doctor, words, usual, library):
    environ = {**usual, "MPI4PY_LIBMPI": "/no/libmpi.so", "LD_PRELOAD": str(library)}
    (found,) = doctor.examine(words, environ).values()
    assert (found["id"], found["cure"]) == ("libmpi-ignored", "unset LD_PRELOAD")


def test_an_mpi4py_that_was_compiled_for_an_mpi_that_is_gone(
    doctor, inside, environment, usual, mpiexec
):
    """One extension without the name of an ABI is what compiling leaves."""
    wheel, suffix = environment / "mpi4py", sysconfig.get_config_var("EXT_SUFFIX")
    real = wheel.resolve()
    wheel.unlink()
    shutil.copytree(real, wheel, ignore=shutil.ignore_patterns("MPI.*.so", "include"))
    shutil.copy(real / f"MPI.{mpiexec.vendor}{suffix}", wheel / f"MPI{suffix}")
    words = inside("mpi_library")
    (found,) = doctor.examine(words, {**usual, "LD_LIBRARY_PATH": ""}, 2).values()
    assert found["id"] == "mpi4py-compiled-for-other-mpi"
    place = str(environment.parents[1])
    assert doctor.examine(words, {**usual, "LD_LIBRARY_PATH": place}) == {}


def test_without_a_library_and_without_mpi4py(doctor, inside, environment, usual, library):
    (environment.parents[1] / library.name).unlink()
    bare = {**usual, "LD_LIBRARY_PATH": "", "PATH": "/usr/bin:/bin"}
    (found,) = doctor.examine(inside("mpi_library"), bare, 2).values()
    assert found["id"] == "no-mpi-library"
    (environment / "mpi4py").unlink()
    (found,) = doctor.examine(inside("mpi_library"), bare, 2).values()
    assert found["id"] == "no-mpi4py"


def test_packages_that_are_in_each_others_way(doctor, inside, environment, usual, tmp_path):
    for name, version in (
        *(("mpich", "5.0.2"), ("openmpi", "5.0.11"), ("hpcpy_digits", "9.9.9")),
        *(("cupy_cuda12x", "13.6.0"), ("cupy_cuda13x", "14.0.0")),
    ):
        place = environment / f"{name}-{version}.dist-info"
        if not place.exists():
            place.mkdir()
            metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            (place / "METADATA").write_text(metadata)
    run, added = tmp_path / "run", tmp_path / "added"
    (added / "numpy").mkdir(parents=True)
    (added / "numpy" / "__init__.py").touch()
    run.mkdir()
    (run / "mpi4py.py").touch()
    command = ["env", f"--chdir={run}", *inside("python_packages", "-P")]
    found = doctor.examine(command, {**usual, "PYTHONPATH": str(added)}, 2)
    assert {*found} == {
        *("two-mpi-wheels", "module-owned-twice", "package-twice", "folder-shadows-package"),
        "hpcpy-versions-differ",
    }
    assert found["package-twice"]["cure"] == "unset PYTHONPATH"
    assert found["folder-shadows-package"]["cure"] == f"mv {run}/mpi4py.py {run}/my_mpi4py.py"
