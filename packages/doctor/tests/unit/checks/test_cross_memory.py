import pytest

from hpcpy_doctor.checks.cross_memory import compare_memory
from hpcpy_doctor.looks.machine import Machine

HELD = {1: "aa", 2: "bb"}


@pytest.fixture
def rank(make_facts):
    """Return a function that makes the facts of a rank whose process has the same number."""

    def make(number, *, user="1", pid="1", shared="0:25", boot="1", environ=(), **changes):
        machine = Machine(
            boot=boot, shared=shared, memory_at=64, memory_holds=HELD.get(number, "cc")
        )
        namespaces = {"user": user, "pid": pid}
        told = {"rank": number, "pid": number, "size": 3, "machine": machine}
        return make_facts(environ, namespaces=namespaces, **{**told, **changes})

    return make


@pytest.fixture
def look(tmp_path):
    """Return a function that compares, where Yama has this scope."""

    def run(*facts, scope=None, read=lambda pid, _: HELD[pid]):
        file = tmp_path / "ptrace_scope"
        if scope is not None:
            file.write_text(f"{scope}\n")
        return list(compare_memory(facts, ptrace=file, read=read))

    return run


def refuse(*_):
    raise PermissionError(1, "Operation not permitted")


def test_memory_that_can_be_read(look, rank):
    (well,) = look(rank(0), rank(1), rank(2))
    assert well.level == "ok"
    assert well.seen == "rank 0 reads the memory of 2 other rank(s)"


def test_memory_of_this_machines_own_processes(look, rank):
    (well,) = look(rank(0))  # for real: no Yama, no container
    assert well.level in ("ok", "note")


def test_mpich_is_refused(look, rank):
    (found,) = look(rank(0), rank(1, user="2"), rank(2, user="3"), read=refuse)
    assert found.id == "cross-memory-refused"
    assert found.seen == "rank 0 may not read the memory of ranks 1-2: Operation not permitted"
    assert found.cure == "export MPIR_CVAR_CH4_CMA_ENABLE=0 UCX_POSIX_USE_PROC_LINK=n"


def test_an_mpi_that_does_without_is_slower(look, rank, open_mpi):
    facts = rank(0, library_text=open_mpi), rank(1, user="2")
    assert [found.id for found in look(*facts, read=refuse)] == ["cross-memory-avoided"]
    set_so = rank(0, environ={"MPIR_CVAR_CH4_CMA_ENABLE": "0"}), rank(1, user="2")
    assert [found.id for found in look(*set_so, read=refuse)] == ["cross-memory-avoided"]


def test_a_container_is_entered_by_all_ranks_together(look, rank):
    environ = {"APPTAINER_CONTAINER": "/images/h.sif"}
    (found,) = look(rank(0, environ=environ), rank(1, user="2"), read=refuse)
    assert found.cure == "mpiexec -n 3 apptainer exec --sharens /images/h.sif hpcpy-doctor"


def test_allowed_one_way_only(look, rank):
    (found,) = look(rank(0), rank(1, user="2"))
    assert found.id == "cross-memory-refused"
    assert "not the other way round" in found.seen


def test_a_process_number_of_another_namespace(look, rank):
    (found,) = look(rank(0), rank(1, pid="2"))
    assert "process numbers of one mean nothing" in found.seen


def test_something_else_is_there(look, rank):
    (found,) = look(rank(0), rank(1), read=lambda *_: "00")
    assert "something else" in found.seen


def test_yama_lets_mpis_ask(look, rank):
    (found,) = look(rank(0), rank(1), scope=1, read=refuse)
    assert found.id == "ptrace-restricted"
    assert found.seen == "kernel.yama.ptrace_scope is 1"
    # That the ranks are in namespaces of their own is worse.
    (found,) = look(rank(0), rank(1, user="2"), scope=1, read=refuse)
    assert found.id == "cross-memory-refused"


def test_ranks_elsewhere_are_not_asked(look, rank):
    far = rank(1, boot="2", host="node2"), rank(2, host="node3")
    assert [found.level for found in look(rank(0), *far, read=refuse)] == ["ok"]


def test_a_shared_memory_each(look, rank):
    (found,) = look(rank(0), rank(1), rank(2, shared="0:99"))
    assert found.id == "shared-memory-not-shared"
    assert found.seen == "2 different /dev/shm on node1: ranks 0-1 and rank 2"
    emulated = rank(0), rank(1, shared="0:99", host="node2")
    assert [found.level for found in look(*emulated)] == ["ok"]
