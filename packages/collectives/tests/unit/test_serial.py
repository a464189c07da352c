import pytest

from hpcpy_collectives import serial
from hpcpy_collectives.serial import run_serially
from hpcpy_core.errors import InputError
from hpcpy_core.launch import Announcement


def fail():
    raise InputError("no such file")


def test_success_returns_and_failure_leaves_with_its_code(capsys):
    assert run_serially(lambda: 0) is None
    with pytest.raises(SystemExit) as left:
        run_serially(lambda: 1)
    assert left.value.code == 1
    with pytest.raises(SystemExit) as left:
        run_serially(fail)
    assert left.value.code == 2
    assert capsys.readouterr().err == "error: no such file\n"


@pytest.mark.parametrize("rank", [0, 1, 3])
def test_under_a_launcher_rank_0_works(monkeypatch, rank):
    announced = Announcement(launcher="mpiexec", variable="PMI_RANK", size=4, rank=rank)
    monkeypatch.setattr(serial, "read_announcement", lambda: announced)
    done = []
    run_serially(lambda: done.append(rank) or 0)
    assert done == ([0] if rank == 0 else [])
