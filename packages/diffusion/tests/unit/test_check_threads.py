import os

import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.check_threads import check_threads, count_usable_cores


def test_a_thread_more_than_there_is_use_for_is_refused_with_the_numbers():
    cores = count_usable_cores()
    check_threads(4 * cores)
    with pytest.raises(InputError, match=rf"{4 * cores + 1} threads: .* may use {cores} core"):
        check_threads(4 * cores + 1)
    check_threads(100_000, force=True)


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, 8),
        ({"cpu.max": "max 100000"}, 8),
        ({"cpu.max": "250000 100000"}, 3),
        ({"cpu.max": "50000 100000"}, 1),
        ({"job/cpu.max": "max 100000", "cpu.max": "200000 100000"}, 2),
        ({"job/cpu.max": "400000 100000"}, 4),
        ({"job/cpu.max": "nonsense"}, 8),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 8),
        ({"cpu/cpu.cfs_quota_us": "600000", "cpu/cpu.cfs_period_us": "100000"}, 6),
    ],
)
def test_cores_are_those_of_affinity_and_of_the_share_of_time(tmp_path, monkeypatch, files, cores):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    groups, proc = tmp_path / "groups", tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text("0::/job\n")
    for name, text in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(text)
    assert count_usable_cores(groups, proc) == cores
