import pytest

from hpcpy_doctor.looks.start_again import start_again


@pytest.mark.parametrize(
    ("library", "launcher", "words"),
    [
        ("MPICH Version: 5.0.2", "srun", "srun --mpi=pmi2 -n 3 "),
        ("Open MPI v5.0.11", "srun", "srun --mpi=pmix -n 3 "),
        (None, None, "mpiexec -n 3 "),
    ],
)
def test_the_launcher_of_the_library(library, launcher, words):
    assert words in start_again(library, launcher, 3)
