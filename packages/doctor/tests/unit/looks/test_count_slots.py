import os

import pytest

from hpcpy_doctor.looks.count_slots import count_cores, may_oversubscribe


def test_cores_are_counted_not_their_threads(tmp_path):
    for number, siblings in enumerate(("0,2", "1,3", "0,2", "1,3")):
        place = tmp_path / f"cpu{number}" / "topology"
        place.mkdir(parents=True)
        (place / "thread_siblings_list").write_text(f"{siblings}\n")
    assert count_cores(tmp_path) == 2
    (tmp_path / "cpufreq").mkdir()
    (tmp_path / "cpu4").mkdir()  # switched off
    assert count_cores(tmp_path) == 2
    assert count_cores(tmp_path / "none") == os.cpu_count()


@pytest.mark.parametrize(
    ("environ", "may"),
    [
        ({}, False),
        ({"PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}, True),
        ({"OMPI_MCA_rmaps_base_mapping_policy": "core:OVERSUBSCRIBE"}, True),
        ({"PRTE_MCA_rmaps_default_mapping_policy": "core"}, False),
        ({"OMPI_MCA_rmaps_base_oversubscribe": "true"}, True),
        ({"OMPI_MCA_rmaps_base_oversubscribe": "0"}, False),
    ],
)
def test_more_processes_than_cores_may_be_allowed(environ, may):
    assert may_oversubscribe(environ) is may
