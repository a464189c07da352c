"""A site's MPI in place of the image's: bound in, named by MPI4PY_LIBMPI, launched from outside.

HPCPY_SITE_MPIEXEC names the mpiexec of one or more MPIs with MPICH's binary interface,
separated by ":"; their libmpi.so.12 is in the folder lib beside the one of mpiexec.
"""

import os
from pathlib import Path

import pytest

from hpcpy_testing.run_job import run_job

EXCHANGE = ["python", "/programs/exchange.py"]
SITES = [Path(path) for path in os.environ.get("HPCPY_SITE_MPIEXEC", "").split(":") if path]


@pytest.fixture(autouse=True)
def _only_for_mpich(image):
    if "-mpich-" not in image.labels()["org.opencontainers.image.title"]:
        pytest.skip("the image's MPI has another binary interface")


@pytest.fixture(params=SITES or [None], ids=lambda path: path.parts[-3] if path else "none")
def site(request):
    if request.param is None:
        pytest.skip("HPCPY_SITE_MPIEXEC names no mpiexec of a site's MPI; nox sets it")
    return request.param


def launch(site, command, variables):
    """Launch 4 ranks with the site's mpiexec; Intel's needs to be told that there is one node."""
    return run_job(
        ["timeout", "-k", "10", "60", str(site), "-n", "4", *command],
        env={**os.environ, "I_MPI_FABRICS": "shm", **variables},
        timeout=60,
    )


def test_the_library_of_the_site_is_used(image, site, programs, check_exchange):
    own = check_exchange(image.run("mpirun", "-n", "4", *EXCHANGE, options=programs))
    library = site.parents[1] / "lib"
    options = [
        *("--bind", f"{library}:/site:ro", "--env", "MPI4PY_LIBMPI=/site/libmpi.so.12"),
        *programs,
    ]
    command = image.command(*EXCHANGE, options=options)
    used = check_exchange(launch(site, command, image.launched_environment()))
    assert used != own


def test_the_launcher_of_the_site_starts_the_library_of_the_image(
    image, site, programs, check_exchange
):
    own = check_exchange(image.run("mpirun", "-n", "4", *EXCHANGE, options=programs))
    command = image.command(*EXCHANGE, options=programs)
    assert check_exchange(launch(site, command, image.launched_environment())) == own
