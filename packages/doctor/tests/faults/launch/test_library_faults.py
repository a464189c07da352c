"""A library or a package that does not fit is made; and its cure is done."""

import shutil
import subprocess
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
        (
            {"MPI4PY_MPIABI": "openmpi", "MPI4PY_LIBMPI": "/site/libmpi.so.40"},
            "mpiabi-without-library",
            "so that MPI4PY_LIBMPI=/site/libmpi.so.40 is not heeded",
        ),
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


PACKAGES = (
    *("libmpich12", "libhwloc15", "libucx0", "libgfortran5", "libquadmath0", "libnuma1"),
    *("libibverbs1", "librdmacm1", "libnl-3-200", "libnl-route-3-200", "libpciaccess0"),
)


@pytest.fixture(scope="module")
def debian(tmp_path_factory):
    """Debian's or Ubuntu's own packages of MPICH, unpacked."""
    folder = tmp_path_factory.mktemp("debian")
    # All at once, since each call reads all lists; one by one where a release lacks one of them.
    for names in (PACKAGES, *((name,) for name in PACKAGES)):
        done = subprocess.run(
            ["apt-get", "download", *names], cwd=folder, capture_output=True, text=True, check=False
        )
        if names == PACKAGES and done.returncode == 0:
            break
    assert list(folder.glob("libmpich12_*.deb")), (
        f"apt-get download fails, so Debian's MPICH is not tried: {done.stderr}"
    )
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, folder / "root"], check=True)
    (library,) = (folder / "root").rglob("libmpich.so.12")
    return library.parent


def test_the_mpich_of_debian(doctor, inside, environment, usual, library, debian, tmp_path):
    """Its folder is mounted where the system has its libraries; the cure is typed there."""
    for path in environment.parents[1].glob("libmpi.*"):
        path.unlink()
    system = f"/usr/lib/{debian.name}"
    script = f'mount -t overlay o -o lowerdir={debian}:{system} {system}; exec "$@"'
    command = ["unshare", "-m", "sh", "-ec", script, "sh"]
    home = tmp_path / "home"
    home.mkdir()
    bare = {**usual, "LD_LIBRARY_PATH": "", "PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(home)}
    words = inside("mpi_library")
    for more in ({}, {"MPI4PY_LIBMPI": f"{system}/libmpich.so.12"}, {"MPI4PY_MPIABI": "mpich"}):
        environ = {**bare, **more}
        (found,) = doctor.examine([*command, *words], environ, 2).values()
        assert (found["id"], found["level"]) == ("mpich-of-debian", "error")
        assert f"ln -sf {system}/libmpich.so.12" in found["cure"]
        line = f"{found['cure']}\nexec {' '.join(words)}"
        assert doctor.examine([*command, "bash", "-c", line], environ) == {}
