import pytest

from hpcpy_doctor.checks.cores import compare_cores
from hpcpy_doctor.looks.machine import Machine

HYDRA = "mpiexec of MPICH (Hydra)"


@pytest.fixture
def job(make_facts):
    """Return a function that makes the facts of ranks on one machine from their masks."""

    def make(*masks, processors=4, threads=1, boot="1", quota=None, groups=None, **changes):
        told = {"size": len(masks), "launcher": HYDRA, **changes}
        facts = []
        for rank, mask in enumerate(masks):
            machine = Machine(
                boot=boot,
                processors=processors,
                core_of=tuple(number - number % threads for number in mask),
                quota=quota,
                group=groups[rank] if groups else "/",
            )
            facts.append(make_facts(rank=rank, cores=tuple(mask), machine=machine, **told))
        return tuple(facts)

    return make


def test_a_core_for_each(job):
    (well,) = compare_cores(job((0,), (1,), (2, 3)))
    assert well.level == "ok"
    assert well.seen == "3 rank(s) on 4 core(s)"
    (well,) = compare_cores(job(range(4), range(4), range(4), range(4)))
    assert well.level == "ok"


@pytest.mark.parametrize(
    "masks", [[(0,), (0,)], [(0,), (0,), (1, 2)], [(0, 1), (0, 1), (0, 1), (2, 3)]]
)
def test_ranks_that_are_bound_together(job, masks):
    (found,) = compare_cores(job(*masks))
    assert found.id == "ranks-on-the-same-core"
    assert found.cure.startswith("taskset -c 0-3 ")
    assert f" -bind-to core -n {len(masks)} " in found.cure


def test_the_cure_is_in_the_words_of_the_launcher(job, open_mpi):
    bound = [(0,), (0,)]
    (found,) = compare_cores(job(*bound, library_text=open_mpi, launcher="mpirun of Open MPI"))
    assert " --map-by slot:PE=1 --bind-to core -n 2 " in found.cure
    (found,) = compare_cores(job(*bound, launcher="srun"))
    assert found.cure.startswith("srun --cpu-bind=cores --cpus-per-task=1 --mpi=pmi2 -n 2 ")


def test_more_ranks_than_cores(job):
    (found,) = compare_cores(job(*[(0, 1)] * 3, processors=2))
    assert found.id == "more-ranks-than-cores"
    assert found.seen == "ranks 0-2 on node1 may use processors 0-1 only, of 2 that there are"
    assert " -n 2 " in found.cure


def test_a_batch_job_with_fewer_cores_than_ranks(job):
    (found,) = compare_cores(job(*[(8, 9)] * 4, processors=64))
    assert found.id == "more-ranks-than-cores"
    assert " -n 2 " in found.cure


def test_only_the_crowded_machine_is_named(job):
    well = job((0,), (1,), boot="1")
    crowded = job(*[(0, 1)] * 3, processors=2, boot="2", host="node2")
    (found,) = compare_cores((*well, *crowded))
    assert "on node2" in found.seen
    assert " -n 4 " in found.cure  # two on each


def test_hardware_threads_of_one_core(job):
    (found,) = compare_cores(job((0,), (1,), threads=2))
    assert found.id == "ranks-on-one-cores-threads"
    assert found.level == "note"
    (well,) = compare_cores(job((0,), (2,), threads=2))
    assert well.level == "ok"
    (well,) = compare_cores(job((0, 1, 2, 3), (0, 1, 2, 3), threads=2))
    assert well.seen == "2 rank(s) on 2 core(s) (4 hardware threads)"


def test_a_limit_of_time_that_all_share(job):
    (found,) = compare_cores(job((0,), (1,), (2,), quota=2.5))
    assert found.id == "cpu-quota"
    assert "3 rank(s)" in found.seen
    assert "the time of 2.5 processors, of 4" in found.seen
    assert " -n 2 " in found.cure
    (well,) = compare_cores(job((0,), (1,), quota=2.0))
    assert well.seen.endswith("the time of 2")


def test_a_limit_of_time_for_each(job):
    (well,) = compare_cores(job((0,), (1,), quota=1.0, groups=("/a", "/b")))
    assert well.level == "ok"
    assert [f.id for f in compare_cores(job((0,), quota=0.5))] == ["cpu-quota"]
