"""With a made-up /proc: a worker's python (30), its launcher, and what started that."""

import os
import shutil
import subprocess
import sys

import pytest

from hpcpy_spawn_pi.launcher import find_launcher


@pytest.fixture
def add(tmp_path):
    """Return a function that adds a process to a /proc."""

    def add(pid, parent, name, *, command=(), variables=(), mount=1):
        folder = tmp_path / str(pid)
        (folder / "ns").mkdir(parents=True)
        (folder / "comm").write_text(f"{name}\n")
        (folder / "status").write_text(f"Name:\t{name}\nUmask:\t0022\nPPid:\t{parent}\n")
        (folder / "cmdline").write_text("".join(f"{word}\0" for word in command))
        if variables is not None:
            (folder / "environ").write_text("".join(f"{word}\0" for word in variables))
        if mount is not None:
            (folder / "ns" / "mnt").symlink_to(f"mnt:[{mount}]")

    return add


@pytest.mark.parametrize("name", ["prterun", "hydra_pmi_proxy", "slurmstepd: [4."])
def test_the_nearest_launcher_is_found_over_shells_between(add, tmp_path, name):
    add(1, 0, "init")
    add(10, 1, "mpiexec", command=("mpiexec", "outer"))
    add(20, 10, name, command=("prterun", "-n", "1"), variables=("A=1", "B=x y"))
    add(25, 20, "bash")
    add(30, 25, "python")
    found = find_launcher(tmp_path, 30)
    assert found.command == ("prterun", "-n", "1")
    assert found.variables == ("A=1", "B=x y")
    assert not found.outside


def test_without_a_launcher_there_is_none(add, tmp_path):
    add(1, 0, "mpiexec")  # the first process of a container tells nothing
    add(20, 1, "bash")
    add(30, 20, "python")
    assert find_launcher(tmp_path, 30) is None
    assert find_launcher(tmp_path, 4711) is None


@pytest.mark.parametrize("mount", [2, None])
def test_a_launcher_that_sees_other_files_is_outside(add, tmp_path, mount):
    """Or one that does not let us look: it runs as somebody else."""
    add(20, 1, "mpiexec", variables=None, mount=mount)
    add(30, 20, "python")
    found = find_launcher(tmp_path, 30)
    assert found.outside
    assert found.variables == ()


def test_this_very_process_has_real_ancestors(tmp_path):
    """Under a launcher's name: a copy of sh, since /proc tells the file's name."""
    launcher = tmp_path / "prterun"
    shutil.copy("/bin/sh", launcher)
    look = (
        "from hpcpy_spawn_pi.launcher import find_launcher as find; found = find(); "
        "print(found.command[1], 'ASKED=1' in found.variables, found.outside)"
    )
    done = subprocess.run(
        [launcher, "-c", '"$0" -c "$1"; true', sys.executable, look],
        env={**os.environ, "ASKED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["-c", "True", "False"]
