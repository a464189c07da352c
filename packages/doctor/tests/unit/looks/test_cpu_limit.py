import pytest

from hpcpy_doctor.looks.cpu_limit import find_group, measure_quota


@pytest.fixture
def kernel(tmp_path):
    """Return a function that writes the kernel's files, and returns the limit that they mean."""

    def write(groups, mount, files):
        (tmp_path / "cgroup").write_text(groups)
        kind, root, options = mount
        line = f"1 1 0:1 {root} {tmp_path}/fs rw - {kind} cgroup {options}\n"
        (tmp_path / "mountinfo").write_text(line)
        for name, text in files.items():
            path = tmp_path / "fs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return measure_quota(tmp_path / "cgroup", tmp_path / "mountinfo")

    return write


V1 = ("cgroup", "/", "rw,cpu,cpuacct")
V2 = ("cgroup2", "/", "rw")


@pytest.mark.parametrize(
    ("groups", "mount", "files", "quota"),
    [
        ("0::/job/step\n", V2, {"job/step/cpu.max": "max 100000\n"}, None),
        ("0::/job/step\n", V2, {"job/step/cpu.max": "250000 100000\n"}, 2.5),
        # The limit of a job lies above that of its steps.
        ("0::/j/s\n", V2, {"j/cpu.max": "50000 100000", "j/s/cpu.max": "max 100000"}, 0.5),
        ("0::/j/s\n", V2, {"j/cpu.max": "400000 100000", "j/s/cpu.max": "1000 1000"}, 1.0),
        ("0::/j/s\n", V2, {"j/cpu.max": "500 1000", "j/s/cpu.max": "2000 1000"}, 0.5),
        ("0::/\n", V2, {}, None),
        # A container's mount shows its own part of the tree as the root.
        ("0::/docker/1/s\n", ("cgroup2", "/docker/1", "rw"), {"s/cpu.max": "1500 1000"}, 1.5),
        (
            "4:memory:/m\n3:cpu,cpuacct:/job\n",
            V1,
            {"job/cpu.cfs_quota_us": "50000\n", "job/cpu.cfs_period_us": "100000\n"},
            0.5,
        ),
        (
            "3:cpu,cpuacct:/job\n0::/\n",
            V1,
            {"job/cpu.cfs_quota_us": "-1\n", "job/cpu.cfs_period_us": "100000\n"},
            None,
        ),
        ("3:cpuset:/job\n", ("cgroup", "/", "rw,cpuset"), {"job/cpu.max": "1 1"}, None),
    ],
)
def test_limits(kernel, groups, mount, files, quota):
    assert kernel(groups, mount, files) == quota


def test_groups_have_names(tmp_path):
    (tmp_path / "cgroup").write_text("4:memory:/m\n3:cpu,cpuacct:/job\n0::/user\n")
    assert find_group(tmp_path / "cgroup") == "/job /user"
    assert find_group(tmp_path / "none") == ""
