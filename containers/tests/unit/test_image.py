import pytest

from image import Image


@pytest.mark.parametrize(
    ("image", "name", "locks"),
    [
        (Image(), "mpich-cpu", ("test", "mpich")),
        (Image(mpi="openmpi", flavour="cuda"), "openmpi-cuda", ("test", "openmpi", "cuda13")),
        (Image(flavour="cuda", cuda="12"), "mpich-cuda12", ("test", "mpich", "cuda12")),
        (Image(mpi_version="4.3.2"), "mpich-4.3.2-cpu", ("test",)),
        (Image(cuda="12"), "mpich-cpu", ("test", "mpich")),
    ],
)
def test_only_what_differs_from_the_default_is_in_the_name(image, name, locks):
    assert image.name == name
    assert image.locks == locks
