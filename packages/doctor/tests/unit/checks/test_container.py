import site
import sys

import pytest

from hpcpy_doctor.checks.container import look_at_container
from hpcpy_doctor.looks.installed import Installed

IMAGE = {"APPTAINER_CONTAINER": "/images/my hpcpy.sif"}
LAUNCHED = {"PMI_SIZE": "2", "PMI_FD": "9", "MPI_LOCALNRANKS": "2"}


@pytest.fixture
def look(tmp_path):
    """Look at a machine of which nothing is known but what is in a folder."""
    return lambda *facts, installed=(): list(
        look_at_container(facts, root=tmp_path, installed=lambda: list(installed))
    )


@pytest.fixture
def launch(make_facts):
    """Return a function that makes two ranks in user namespaces of these names."""

    def launch(environ, *namespaces, **changes):
        return [
            make_facts(
                {**LAUNCHED, **environ, "PMI_RANK": str(rank)},
                namespaces={"user": name},
                **changes,
            )
            for rank, name in enumerate(namespaces)
        ]

    return launch


def test_no_container_and_one(look, make_facts):
    (found,) = look(make_facts())
    assert (found.level, found.seen) == ("ok", "none")
    (found,) = look(make_facts(IMAGE))
    assert (found.level, found.seen) == ("ok", "Apptainer, /images/my hpcpy.sif")


def test_ranks_in_namespaces_of_their_own(look, launch):
    (found,) = look(*launch(IMAGE, "user:[1]", "user:[2]"))
    assert (found.id, found.level) == ("container-own-namespaces", "warning")
    assert found.seen == "2 user namespaces on node1, and MPIR_CVAR_CH4_CMA_ENABLE is not 0"
    image = "'/images/my hpcpy.sif'"
    assert found.cure == f"mpiexec -n 2 apptainer exec --sharens {image} hpcpy-doctor"
    assert look(*launch(IMAGE, "user:[1]", "user:[1]"))[0].level == "ok"


def test_without_an_image_a_variable_mends_it(look, launch, open_mpi):
    (found,) = look(*launch({}, "user:[1]", "user:[2]"))
    assert found.cure == "export MPIR_CVAR_CH4_CMA_ENABLE=0"
    (found,) = look(*launch({}, "user:[1]", "user:[2]", library_text=open_mpi))
    assert found.cure == "export UCX_POSIX_USE_PROC_LINK=n"
    off = {"MPIR_CVAR_CH4_CMA_ENABLE": "0"}
    assert look(*launch(off, "user:[1]", "user:[2]"))[0].level == "ok"


def test_packages_of_the_home(look, make_facts, monkeypatch, tmp_path):
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(tmp_path / "site"))
    numpy = Installed(name="numpy", version="1.26", folder=tmp_path / "site")
    other = Installed(name="mpi4py", version="4.1", folder=tmp_path / "env")
    for enabled, expected in ((True, "container-user-packages"), (False, None)):
        monkeypatch.setattr(site, "ENABLE_USER_SITE", enabled)
        (found,) = look(make_facts(IMAGE), installed=[numpy, other])
        assert found.id == expected
    monkeypatch.setattr(site, "ENABLE_USER_SITE", True)
    (found,) = look(make_facts(IMAGE), installed=[numpy])
    assert found.seen == f"numpy in {tmp_path / 'site'}"
    assert found.cure == "export PYTHONNOUSERSITE=1"
    assert look(make_facts(), installed=[numpy])[0].level == "ok"  # no container


def test_an_environment_that_is_mounted_from_outside(look, make_facts, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", "/opt/hpcpy")
    mounts = tmp_path / "proc" / "self" / "mountinfo"
    mounts.parent.mkdir(parents=True)
    line = "95 65 0:41 / {} rw,nodev - overlay overlay ro\n"
    mounts.write_text(line.format("/") + line.format("/home"))
    assert look(make_facts(IMAGE))[0].level == "ok"
    mounts.write_text(line.format("/") + line.format("/opt"))
    (found,) = look(make_facts(IMAGE))
    assert (found.id, found.level) == ("container-foreign-environment", "warning")
    assert found.seen == "this Python is in /opt/hpcpy, and /opt is mounted from outside"
    assert found.cure == "apptainer exec --contain '/images/my hpcpy.sif' hpcpy-doctor"


def test_an_open_mpi_of_another_version_outside(look, make_facts, open_mpi):
    launched = {**IMAGE, "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"}
    (found,) = look(make_facts({**launched, "OMPI_VERSION": "4.1.4"}, library_text=open_mpi))
    assert (found.id, found.level) == ("container-launcher-version", "warning")
    assert found.seen == "OMPI_VERSION=4.1.4 outside, and Open MPI 5.0.11 inside"
    same = make_facts({**launched, "OMPI_VERSION": "5.0.3"}, library_text=open_mpi)
    assert look(same)[0].level == "ok"
