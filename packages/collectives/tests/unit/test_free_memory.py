import pytest

from hpcpy_collectives.free_memory import free_memory


@pytest.fixture
def cgroup(tmp_path):
    def write(limit, used):
        (tmp_path / "memory.max").write_text(f"{limit}\n")
        (tmp_path / "memory.current").write_text(f"{used}\n")
        return tmp_path

    return write


def test_without_a_limit_it_is_what_the_machine_has_free(cgroup, tmp_path):
    free = free_memory(tmp_path / "none")
    assert free > 2**20
    assert free_memory(cgroup("max", 2**20)) > free / 2


def test_a_limit_counts_where_it_is_lower(cgroup):
    assert free_memory(cgroup(3 * 2**20, 2**20)) == 2 * 2**20


def test_beyond_the_limit_there_is_nothing(cgroup):
    assert free_memory(cgroup(2**20, 3 * 2**20)) == 0
