"""Everything runs inside: mpirun, its ranks and the whole MPI test-suite."""

import re
import time

import pytest

EXCHANGE = ["python", "/programs/exchange.py"]


@pytest.mark.quick
def test_the_mpi_tests_pass_at_4_ranks(image, root, with_driver):
    folders = [
        str(folder.relative_to(root))
        for folder in sorted(root.glob("packages/*/tests/mpi"))
        if any(folder.rglob("test_*.py"))
    ]
    done = image.run(
        *("hpcpy-testing", "--together", "--emulated-driver", "--ranks", "4", *folders),
        options=["--bind", f"{root}:/checkout:ro", "--pwd", "/checkout", *with_driver],
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ": /opt/hpcpy/bin/mpiexec\n" in done.stdout
    assert done.stdout.count("green 4 ranks") == len(folders)
    assert re.search(r"^[1-9]\d* passed, 0 failed, \d+ skipped$", done.stdout, re.MULTILINE)
    # CUDA sources are emulated by a C++ compiler, which is not in an image.
    skipping = re.findall(r"^green 4 ranks +(\S+) .* [1-9]\d* skipped", done.stdout, re.MULTILINE)
    assert set(skipping) <= {"packages/diffusion/tests/mpi"}, done.stdout
    assert not done.leftovers


@pytest.mark.quick
def test_mpirun_inside(image, programs, check_exchange):
    check_exchange(image.run("mpirun", "-n", "4", *EXCHANGE, options=programs))


def test_nothing_of_the_host_is_needed(image, programs, check_exchange):
    options = ["--containall", "--no-home", *programs]
    check_exchange(image.run("mpirun", "-n", "4", *EXCHANGE, options=options))


def test_a_python_of_the_host_does_not_get_in(image, tmp_path):
    if image.path.is_dir():
        pytest.skip("an image built for Docker cannot clean its environment")
    (tmp_path / "numpy.py").write_text("raise ImportError('the wrong one')\n")
    variables = {"PYTHONHOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    options = ["--bind", str(tmp_path)]
    done = image.run("python", "-c", "import numpy", env=variables, options=options)
    assert done.returncode == 0, done.stderr


def test_without_a_gpu_it_computes_on_the_cpu_and_says_why(image):
    done = image.run("mpirun", "-n", "2", "hpcpy-diffusion", "run", "--set", "runtime=0.1")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("device cpu (no GPU: this program has no GPU path yet)") == 1
    done = image.run("mpirun", "-n", "2", "hpcpy-core")
    assert (done.returncode, done.stdout.count("device cpu (no GPU: ")) == (0, 1), done.stderr


def test_a_start_is_quick(image, starts):
    for _ in range(5):
        began = time.perf_counter()
        assert image.run("true").returncode == 0
        starts.append(time.perf_counter() - began)
    # Not of this machine, but of the image: Python's own start is the yardstick.
    began = time.perf_counter()
    assert image.run("python", "-c", "import hpcpy_core, numpy").returncode == 0
    assert min(starts) < time.perf_counter() - began
