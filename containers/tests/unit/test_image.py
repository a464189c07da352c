import pytest

from image import Image


@pytest.mark.parametrize(
    ("image", "name", "locks"),
    [
        (Image(), "mpich-cpu", ("test", "mpich")),
        (Image(mpi="openmpi", flavour="cuda"), "openmpi-cuda", ("test", "cuda13")),
        (
            Image(mpi="openmpi", flavour="cuda", mpi_version="5.0.11"),
            "openmpi-5.0.11-cuda",
            ("test", "cuda13"),
        ),
        (Image(flavour="cuda", cuda="12"), "mpich-cuda12", ("test", "mpich", "cuda12")),
        (Image(mpi_version="4.3.2"), "mpich-4.3.2-cpu", ("test",)),
        (Image(cuda="12"), "mpich-cpu", ("test", "mpich")),
    ],
)
def test_only_what_differs_from_the_default_is_in_the_name(image, name, locks):
    assert image.name == name
    assert image.locks == locks


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"mpi": "openmpi", "flavour": "cuda"}, True),
        ({"mpi": "openmpi", "flavour": "cuda", "cuda": "12"}, True),
        ({"mpi": "openmpi", "flavour": "cuda", "mpi_version": "5.0.11"}, False),
        ({"mpi": "openmpi"}, False),
        ({"flavour": "cuda"}, False),
    ],
)
def test_open_mpi_for_cuda_takes_device_memory_unless_a_release_is_named(fields, expected):
    assert Image(**fields).cuda_mpi is expected
