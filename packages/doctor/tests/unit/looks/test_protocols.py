import pytest

from hpcpy_doctor.looks.protocols import list_offered, list_spoken


@pytest.mark.parametrize(
    ("environ", "offered"),
    [
        ({}, ()),
        ({"PMI_RANK": "0"}, ("PMI",)),
        ({"PMIX_RANK": "0", "SLURM_PROCID": "0"}, ("PMIx",)),
        ({"PMIX_RANK": "0", "PMI_RANK": "0"}, ("PMI", "PMIx")),
    ],
)
def test_what_is_offered(environ, offered):
    assert list_offered(environ) == offered


@pytest.mark.parametrize(
    ("library", "spoken"),
    [
        ("MPICH Version:      5.0.2", ("PMI",)),
        ("MPICH Version: 4.2.0\nMPICH configure: --with-pmix=/usr", ("PMI", "PMIx")),
        ("Intel(R) MPI Library 2021.16 for Linux* OS", ("PMI",)),
        ("Open MPI v5.0.11", ("PMIx",)),
        ("Some MPI of its own", ("PMI", "PMIx")),
        (None, ("PMI", "PMIx")),
    ],
)
def test_what_is_spoken(library, spoken):
    assert list_spoken(library) == spoken
