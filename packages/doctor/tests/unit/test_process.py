import os
import subprocess
import sys
from dataclasses import asdict, replace

import pytest

from hpcpy_doctor.process import Process, list_ancestors, list_children, measure_age

STAT = "{pid} ({name}) {state} {parent} 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 {started} 0 0\n"


@pytest.fixture
def make_proc(tmp_path):
    """Return a function that makes a /proc of processes: number, name, parent, and its state."""

    def make(*processes, boot="b1"):
        (tmp_path / "sys/kernel/random").mkdir(parents=True, exist_ok=True)
        (tmp_path / "sys/kernel/random/boot_id").write_text(f"{boot}\n")
        (tmp_path / "self/ns").mkdir(parents=True, exist_ok=True)
        (tmp_path / "self/ns/pid").unlink(missing_ok=True)
        (tmp_path / "self/ns/pid").symlink_to("pid:[1]")
        for pid, name, parent, state in processes:
            (tmp_path / str(pid)).mkdir(exist_ok=True)
            text = STAT.format(pid=pid, name=name, parent=parent, state=state, started=7000 + pid)
            (tmp_path / str(pid) / "stat").write_text(text)
        return tmp_path

    return make


def test_a_process_is_read_and_told_and_parsed(make_proc):
    proc = make_proc((12, "a (strange) name", 1, "S"))
    process = Process.read(12, proc)
    assert process == Process(machine="b1 pid:[1]", pid=12, started=7012)
    assert Process.parse(asdict(process)) == process
    assert process.lives(proc) is True


@pytest.mark.parametrize("change", [{"pid": 13}, {"started": 1}])
def test_another_process_of_the_same_number_or_none_is_not_alive(make_proc, change):
    proc = make_proc((12, "x", 1, "S"))
    assert replace(Process.read(12, proc), **change).lives(proc) is False


def test_a_zombie_is_not_alive(make_proc):
    proc = make_proc((12, "x", 1, "Z"))
    assert Process.read(12, proc).lives(proc) is False


def test_of_another_machine_nothing_is_known(make_proc):
    proc = make_proc((12, "x", 1, "S"))
    assert replace(Process.read(12, proc), machine="elsewhere").lives(proc) is None


def test_the_ancestors_come_nearest_first(make_proc):
    proc = make_proc((os.getppid(), "python", 30, "S"), (30, "hydra_pmi_proxy", 20, "S"))
    assert list(list_ancestors(proc)) == [(os.getppid(), "python"), (30, "hydra_pmi_proxy")]


def test_without_proc_there_are_no_ancestors_and_no_age(tmp_path):
    assert list(list_ancestors(tmp_path)) == []
    assert measure_age(tmp_path) == 0
    assert list_children(tmp_path) == []


def test_this_process_is_some_seconds_old_and_has_its_children():
    assert 0 < measure_age() < 24 * 3600
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in list_children()
        child.communicate()
    assert child.pid not in list_children()
