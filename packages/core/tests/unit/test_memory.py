import pytest

from hpcpy_core.memory import available_memory

MIB = 2**20


@pytest.fixture
def machine(tmp_path):
    """Write what a kernel shows: 64 MiB available, and this process in the group job/step."""
    (tmp_path / "self").mkdir()
    (tmp_path / "meminfo").write_text("MemTotal: 99999 kB\nMemAvailable: 65536 kB\nHugePages: 0\n")
    (tmp_path / "self" / "cgroup").write_text("0::/job/step\n")
    (tmp_path / "groups" / "job" / "step").mkdir(parents=True)
    return tmp_path


def limit(group, most, used, cached=0):
    (group / "memory.max").write_text(f"{most}\n")
    (group / "memory.current").write_text(f"{used}\n")
    (group / "memory.stat").write_text(f"anon 1\ninactive_file {cached}\n")


def test_without_a_limit_it_is_what_the_kernel_has_available(machine):
    assert available_memory(machine, machine / "groups") == 64 * MIB


def test_no_limit_is_said_as_max(machine):
    limit(machine / "groups" / "job", "max", 5)
    assert available_memory(machine, machine / "groups") == 64 * MIB


@pytest.mark.parametrize("place", ["", "job", "job/step"])
def test_a_limit_counts_at_any_height(machine, place):
    limit(machine / "groups" / place, 3 * MIB, 1 * MIB)
    assert available_memory(machine, machine / "groups") == 2 * MIB


def test_the_lowest_limit_counts(machine):
    limit(machine / "groups" / "job", 30 * MIB, 0)
    limit(machine / "groups" / "job" / "step", 40 * MIB, 1 * MIB)
    assert available_memory(machine, machine / "groups") == 30 * MIB


def test_cached_files_are_not_used_memory(machine):
    limit(machine / "groups" / "job", 8 * MIB, 6 * MIB, cached=4 * MIB)
    assert available_memory(machine, machine / "groups") == 6 * MIB


def test_beyond_the_limit_there_is_nothing(machine):
    limit(machine / "groups" / "job", 2 * MIB, 3 * MIB)
    assert available_memory(machine, machine / "groups") == 0


def test_this_machine_has_memory(tmp_path):
    assert available_memory() > MIB
    assert available_memory(tmp_path, tmp_path) > MIB  # no kernel of this kind
