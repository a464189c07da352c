"""Opens the image under test: `--image PATH`, a SIF or an OCI archive.

`-m quick` chooses what every change is tested by.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

import pytest

from hpcpy_testing.emulated_driver import build_driver
from hpcpy_testing.mpiexec import Mpiexec

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

ROOT = Path(__file__).resolve().parents[3]
STARTS = pytest.StashKey[list[float]]()


def pytest_addoption(parser):
    parser.addoption(
        "--image", type=Path, default=ROOT / "hpcpy.sif", help="a SIF or an OCI archive"
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "quick: what every change is tested by")


def pytest_terminal_summary(terminalreporter, config):
    if starts := config.stash.get(STARTS, None):
        middle = statistics.median(starts)
        terminalreporter.write_line(
            f"start of the image: median {middle:.2f} s of {len(starts)} (best {min(starts):.2f})"
        )


@pytest.fixture(scope="session")
def starts(request):
    """A list of seconds; its figures are shown at the end."""
    return request.config.stash.setdefault(STARTS, [])


@pytest.fixture(scope="session")
def image_file(request):
    return request.config.getoption("--image").resolve()


@pytest.fixture(scope="session")
def open_folder():
    """A folder that other users may enter; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory(prefix="hpcpy-image-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def image(image_file, open_folder):
    from opened_image import OpenedImage

    return OpenedImage.open(image_file, open_folder)


@pytest.fixture(scope="session")
def mpiexec(image):
    """The host's launcher, of the image's MPI."""
    found = Mpiexec.find()
    title = image.labels()["org.opencontainers.image.title"]
    assert found.vendor in title, f"{title} needs the other MPI on the host: {found.path}"
    return found


@pytest.fixture(scope="session")
def foreign():
    """The host's launcher, of the other MPI."""
    if "HPCPY_FOREIGN_MPIEXEC" not in os.environ:
        pytest.skip("HPCPY_FOREIGN_MPIEXEC names no mpiexec of another MPI; nox sets it")
    return Mpiexec.find(os.environ["HPCPY_FOREIGN_MPIEXEC"])


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def programs():
    """Options that show the test programs inside, in /programs, to read only."""
    return ["--bind", f"{Path(__file__).with_name('programs')}:/programs:ro"]


@pytest.fixture(scope="session")
def driver():
    """The folder of the emulated CUDA driver: no compiler is inside, but the user's cache is."""
    return build_driver()


@pytest.fixture(scope="session")
def with_driver(driver):
    """Options that show it inside, at its own place."""
    return ["--bind", f"{driver}:{driver}:ro"]


@pytest.fixture(scope="session")
def check_exchange():
    """Return a function that checks what 4 ranks of exchange.py did, and returns their library."""

    def check(done):
        assert done.returncode == 0, done.stdout + done.stderr
        count, library = done.stdout.splitlines()
        parts = [sum(range(rank, rank + (1 << 19))) for rank in range(4)]
        assert count == f"4 ranks, sum {sum(parts)}"
        # Open MPI says so of every window where there is no UCX device, without containers too.
        said = [line for line in done.stderr.splitlines() if "osc_ucx_component" not in line]
        assert "".join(said).strip() == ""
        assert not done.leftovers
        return library

    return check
