"""The Open MPI of an image for CUDA is the one that takes device memory; no GPU is needed."""

import json

import pytest

PROVEN = {"p2p", "persistent", "bcast", "gather", "reduction", "datatype"}


@pytest.fixture(autouse=True)
def _only_where_it_is(image):
    title = image.labels()["org.opencontainers.image.title"]
    if not title.endswith("openmpi-cuda"):
        pytest.skip(f"{title} has the MPI of a wheel")


def test_it_was_built_with_cuda_and_is_where_it_says(image):
    # What needs the driver is listed where there is one: here the stub.
    done = image.run("env", "LD_LIBRARY_PATH=/opt/hpcpy/lib/stubs", "ompi_info")
    assert done.returncode == 0, done.stderr
    for component in ("accelerator: cuda", "btl: smcuda", "coll: cuda", "pml: ucx"):
        assert f"MCA {component}" in done.stdout
    assert "Prefix: /opt/hpcpy\n" in done.stdout


def test_mpi4py_loads_it(image):
    program = (
        "from mpi4py import MPI; print(MPI.Get_library_version().split(',')[0]);"
        "print({line.split()[-1] for line in open('/proc/self/maps') if 'libmpi.so' in line})"
    )
    done = image.run("python", "-c", program)
    version, library = done.stdout.splitlines()
    assert version == "Open MPI v5.0.7"
    assert library.startswith("{'/opt/hpcpy/lib/libmpi.so.40")


def test_it_takes_device_memory(image, driver, with_driver):
    command = ["python", "-m", "hpcpy_core.awareness", "--json", "--no-cache"]
    words = ["env", f"LD_LIBRARY_PATH={driver}", *command]
    done = image.run(*words, options=with_driver, timeout=180)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["operations"]
    assert {name for name in found if found[name]["proven"]} >= PROVEN


def test_the_bill_names_it_with_its_licences(image):
    bill = json.loads(image.run("cat", "/opt/hpcpy/share/hpcpy/bill.json").stdout)
    (mpi,) = [part for part in bill["components"] if part["name"] == "openmpi"]
    assert mpi["licenses"] == [{"license": {"id": "BSD-3-Clause-Open-MPI"}}]
    assert {part["name"] for part in mpi["components"]} == {"libucx-cu13", "nvidia-cuda-runtime"}
    done = image.run("ls", "/opt/hpcpy/share/licences")
    assert done.stdout.split() == ["libcudart", "openmpi", "ucx"]
