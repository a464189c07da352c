import pytest

from hpcpy_core.errors import InputError
from mpi_tar import find_mpi_tar, list_parts


def test_it_is_found_where_cuda_mpi_puts_it(make_mpi_tar, tmp_path):
    made = make_mpi_tar(tmp_path)
    assert find_mpi_tar(tmp_path) == made


def test_where_there_is_none_the_session_that_makes_it_is_named(tmp_path):
    with pytest.raises(InputError, match="is not there: nox -s cuda_mpi makes it"):
        find_mpi_tar(tmp_path)


def test_what_is_in_it_is_listed_itself_first(make_mpi_tar, tmp_path):
    mpi, *others = list_parts(make_mpi_tar(tmp_path))
    assert (mpi.name, mpi.version, mpi.licence) == ("openmpi", "5.0.7", "BSD-3-Clause-Open-MPI")
    assert [part.name for part in others] == ["libucx-cu13", "nvidia-cuda-runtime"]


def test_one_of_another_making_is_refused(make_mpi_tar, tmp_path):
    with pytest.raises(InputError, match="does not say what is in it: make it by nox -s cuda_mpi"):
        list_parts(make_mpi_tar(tmp_path, "cuda-mpi/share/other.json"))


def test_a_damaged_one_is_refused(make_mpi_tar, tmp_path):
    tar = make_mpi_tar(tmp_path)
    tar.write_bytes(tar.read_bytes()[:40])
    with pytest.raises(InputError, match="does not say what is in it"):
        list_parts(tar)
