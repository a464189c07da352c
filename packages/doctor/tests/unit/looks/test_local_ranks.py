import pytest

from hpcpy_doctor.looks.local_ranks import LocalRanks, read_local_ranks


@pytest.mark.parametrize(
    ("environ", "size", "rank"),
    [
        ({}, 1, 0),
        ({"OMPI_COMM_WORLD_LOCAL_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_RANK": "3"}, 4, 3),
        ({"MPI_LOCALNRANKS": "2", "MPI_LOCALRANKID": "1"}, 2, 1),
        ({"MPI_LOCALNRANKS": "two", "MPI_LOCALRANKID": "1"}, 1, 0),
        (
            {"SLURM_STEP_TASKS_PER_NODE": "4(x2),3", "SLURM_NODEID": "1", "SLURM_LOCALID": "2"},
            4,
            2,
        ),
        (
            {"SLURM_STEP_TASKS_PER_NODE": "4(x2),3", "SLURM_NODEID": "2", "SLURM_LOCALID": "0"},
            3,
            0,
        ),
        ({"SLURM_STEP_TASKS_PER_NODE": "4", "SLURM_NODEID": "9", "SLURM_LOCALID": "0"}, 1, 0),
    ],
)
def test_what_launchers_announce(environ, size, rank):
    assert read_local_ranks(environ) == LocalRanks(size=size, rank=rank)
