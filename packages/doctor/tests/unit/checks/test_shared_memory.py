import os
from types import SimpleNamespace

import pytest

from hpcpy_doctor.checks import shared_memory
from hpcpy_doctor.checks.shared_memory import look_at_shared_memory
from hpcpy_doctor.looks.machine import Machine
from hpcpy_doctor.looks.shared_need import MIB, count_ranks_that_fit, measure_need

TWO = {"MPI_LOCALNRANKS": "2", "MPI_LOCALRANKID": "0"}
HOST = Machine(processors=4)


@pytest.fixture
def look(make_facts, tmp_path, monkeypatch):
    """Return a function that looks at a folder of so many MiB."""

    def run(free, size=24000, environ=TWO, unused=(), **changes):
        status = SimpleNamespace(
            f_bavail=free, f_blocks=size, f_frsize=MIB, f_flag=changes.pop("flag", 0)
        )
        monkeypatch.setattr(os, "statvfs", lambda _: status)
        monkeypatch.setattr(shared_memory, "list_unused", lambda *_: list(unused))
        monkeypatch.setattr(shared_memory, "sees_all_processes", lambda _: True)
        facts = make_facts(environ, machine=HOST, **changes)
        return list(look_at_shared_memory((facts,), shared=tmp_path))

    return run


def test_enough_room(look, tmp_path):
    (well,) = look(24000)
    assert well.level == "ok"
    assert well.seen == f"23.4 GiB in {tmp_path}, enough for 2 rank(s) of MPICH 5.0.2"


def test_too_little_for_mpich(look, tmp_path):
    (found,) = look(20, size=64)
    assert found.id == "shared-memory-full"
    assert found.seen.startswith(f"20 MiB of 64 MiB free in {tmp_path}; MPICH 5.0.2 needs 26.6 MiB")


def test_too_little_for_open_mpi(look, open_mpi):
    (found,) = look(10, size=64, library_text=open_mpi)
    assert found.id == "shared-memory-short"
    (well,) = look(20, size=64, library_text=open_mpi)
    assert well.level == "ok"


def test_too_little_for_a_rank_on_each_core(look):
    (found,) = look(30, size=64)
    assert found.id == "shared-memory-low"
    assert "enough for 2 rank(s) of MPICH 5.0.2 on 4 processors" in found.seen


def test_the_cure_asks_docker_in_docker(look, tmp_path):
    environ = {**TWO, "container": "docker"}
    assert look(10, environ=environ)[0].cure == "docker run --shm-size=1g ..."
    plain = look(10)[0].cure
    assert plain in ("docker run --shm-size=1g ...", f"sudo mount -o remount,size=50% {tmp_path}")


def test_leftovers_are_named(look, tmp_path):
    file = tmp_path / "mpich_shm_1 $x"
    file.write_bytes(bytes(8192))
    full, found = look(10, unused=[file])
    assert found.id == "shared-memory-leftovers"
    assert found.cure == f"rm '{file}'"
    assert full.cure == found.cure  # removing them makes room
    many = look(24000, unused=[file] * 9)[1]
    assert many.cure.endswith(" -m hpcpy_doctor.looks.shared_files | xargs rm")


def test_a_folder_that_is_read_only_or_missing(look, make_facts, tmp_path):
    assert [found.id for found in look(100, flag=os.ST_RDONLY)] == ["no-shared-memory"]


def test_no_folder(make_facts, tmp_path):
    (found,) = look_at_shared_memory((make_facts(machine=HOST),), shared=tmp_path / "none")
    assert found.id == "no-shared-memory"


def test_one_process_of_a_host_looks(look):
    (well,) = look(1, environ={**TWO, "MPI_LOCALRANKID": "1"})
    assert well.level == "ok"


def test_the_need_is_what_was_measured(mpich, open_mpi):
    # Sizes in MiB that were seen to fail and to work: 2 ranks, 4 and 6.
    for ranks, fails, works in ((2, 20, 33), (4, 28, 48), (6, 40, 65)):
        assert fails * MIB < measure_need(mpich, ranks) < works * MIB
    assert 16 * MIB < measure_need(open_mpi, 4) < 17 * MIB
    assert count_ranks_that_fit(mpich, measure_need(mpich, 7)) == 7
    assert count_ranks_that_fit(mpich, 0) == 0
