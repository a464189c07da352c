import os
import re
import subprocess
import sys

import pytest

TEST = """
import pytest

@pytest.mark.mpi
def test_alone():
    from mpi4py import MPI
    assert MPI.COMM_WORLD.size == 1

def test_serial(pytestconfig):
    import sys
    wanted = pytestconfig.getoption("--with-mpi")
    assert ("mpi4py.MPI" in sys.modules) == wanted
"""


def session(tmp_path, *options):
    (tmp_path / "test_x.py").write_text(TEST)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, "test_x.py"],
        cwd=tmp_path,
        # Open MPI started without mpiexec never removes the segment of its component sm.
        env={**os.environ, "OMPI_MCA_btl": "self"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_serial_session_is_left_as_it_is(tmp_path):
    ended = session(tmp_path, "--mpi-deadline=0.01")
    assert ended.returncode == 0
    assert "1 passed, 1 skipped" in ended.stdout
    assert "rank 0" not in ended.stdout


def test_a_session_with_mpi_names_it(tmp_path):
    ended = session(tmp_path, "--with-mpi", "--junitxml=x.xml")
    assert ended.returncode == 0
    assert "rank 0 of 1\n" in ended.stdout
    assert (tmp_path / "x.xml").exists()


def test_a_session_with_mpi_but_no_mpi_test_fails(tmp_path):
    ended = session(tmp_path, "--with-mpi", "-k", "serial")
    assert ended.returncode == 1
    assert re.search(r"rank 0 of 1: \S+\.py executed no MPI test", ended.stdout)


@pytest.mark.parametrize("module", ["plugin", "__main__"])
def test_importing_does_not_initialise_mpi(module):
    program = f"import sys, hpcpy_testing.{module}; sys.exit('mpi4py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
