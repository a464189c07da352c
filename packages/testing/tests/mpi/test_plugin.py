import pytest

pytestmark = pytest.mark.mpi


def test_each_rank_has_a_tmp_path_of_its_own(comm, tmp_path):
    assert len(set(comm.allgather(str(tmp_path)))) == comm.size


def test_each_rank_writes_a_junit_part_of_its_own(comm, pytestconfig):
    paths = comm.allgather(pytestconfig.option.xmlpath)
    assert None in paths or len(set(paths)) == comm.size
