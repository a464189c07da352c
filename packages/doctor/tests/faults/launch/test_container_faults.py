"""What a container does to MPI and to Python, without one: a variable says that there is one.

A user namespace for each process, and a folder mounted over another, are as real as in one.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

SECONDS = 60

IMAGE = {"APPTAINER_CONTAINER": "/images/hpcpy.sif"}

OWN_NAMESPACE = ("unshare", "--user", "--map-root-user")


@pytest.fixture
def words(doctor):
    return doctor.words("container")


def can(*command):
    """Return whether this machine lets us; a container often does not."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if can(*OWN_NAMESPACE, "true"):

    def test_a_user_namespace_for_each_process(doctor, words, mpiexec, usual):
        command = mpiexec.command(2, [*OWN_NAMESPACE, *words], SECONDS)
        found = doctor.examine(command, usual)["container-own-namespaces"]
        assert found["seen"].startswith("2 user namespaces on ")
        assert doctor.after(found, command, usual) == {}
        found = doctor.examine(command, {**usual, **IMAGE})["container-own-namespaces"]
        image = IMAGE["APPTAINER_CONTAINER"]
        assert found["cure"] == f"mpiexec -n 2 apptainer exec --sharens {image} hpcpy-doctor"

    def test_one_user_namespace_for_all(doctor, words, mpiexec, usual):
        inside = [*OWN_NAMESPACE, *mpiexec.command(2, words, SECONDS)]
        root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        assert doctor.examine(inside, {**usual, **root}) == {}


def test_packages_of_the_home(doctor, words, usual, library, tmp_path):
    """An environment that sees the system's packages sees those of the home, too."""
    venv = [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages"]
    subprocess.run([*venv, tmp_path / "e"], check=True)
    (packages,) = (tmp_path / "e" / "lib").glob("python*/site-packages")
    (packages / "all.pth").write_text(f"{sysconfig.get_path('platlib')}\n")
    for path in Path(sysconfig.get_path("platlib")).glob("*.pth"):
        shutil.copy(path, packages)
    home = tmp_path / "home" / packages.relative_to(tmp_path / "e")
    (home / "numpy-1.0.dist-info").mkdir(parents=True)
    (home / "numpy-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n"
    )
    variables = {"PYTHONUSERBASE": str(tmp_path / "home"), "MPI4PY_LIBMPI": str(library)}
    environ = {**usual, **variables, **IMAGE}
    command = [str(tmp_path / "e" / "bin" / "python"), "-m", "hpcpy_doctor", *words[1:]]
    found = doctor.examine(command, environ)["container-user-packages"]
    assert found["seen"] == f"numpy in {home}"
    assert doctor.after(found, command, environ) == {}


if can("unshare", "--mount", "true"):  # root

    def test_a_folder_that_is_mounted_over_the_environment(doctor, words, usual):
        prefix = Path(sys.prefix).resolve()
        mount = 'mount --bind "$0" "$0" && exec "$@"'
        command = ["unshare", "--mount", "sh", "-c", mount, str(prefix), *words]
        found = doctor.examine(command, {**usual, **IMAGE})["container-foreign-environment"]
        seen = f"this Python is in {sys.prefix}, and {prefix} is mounted from outside"
        assert found["seen"] == seen
