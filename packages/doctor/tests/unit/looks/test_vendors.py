import pytest

from hpcpy_doctor.looks.vendors import find_family, shorten_library


@pytest.mark.parametrize(
    ("text", "family", "short"),
    [
        ("MPICH Version:      5.0.2\nMPICH ABI: 18:2:6", "MPICH", "MPICH 5.0.2"),
        (
            "Open MPI v5.0.11, package: Open MPI user@localhost, ident: 5.0.11",
            "Open MPI",
            "Open MPI 5.0.11",
        ),
        ("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4", "Open MPI", "Open MPI 4.1.4"),
        ("Intel(R) MPI Library 2021.16 for Linux* OS\n", "MPICH", "Intel(R) MPI 2021.16"),
        ("MVAPICH2 Version      :\t2.3.7\n", "MPICH", "MVAPICH2 2.3.7"),
        ("MPI VERSION    : CRAY MPICH version 8.1.28.15 (ANL base 3.4a2)", "MPICH", None),
        ("Some MPI of its own", None, "Some MPI of its own"),
    ],
)
def test_what_libraries_say_of_themselves(text, family, short):
    assert find_family(text) == family
    if short:
        assert shorten_library(text) == short
    else:
        assert "8.1.28.15" in shorten_library(text)


def test_no_library():
    assert find_family(None) is None
