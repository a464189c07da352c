import pytest

from hpcpy_doctor.checks.threads import compare_threads, read_threads
from hpcpy_doctor.looks.machine import Machine


@pytest.fixture
def job(make_facts):
    """Return a function that makes the facts of ranks on a machine of 4 processors."""

    def make(*environs, masks=None, quota=None):
        machine = Machine(boot="1", processors=4, quota=quota)
        return tuple(
            make_facts(
                environ,
                rank=rank,
                machine=machine,
                size=len(environs),
                cores=masks[rank] if masks else (0, 1, 2, 3),
            )
            for rank, environ in enumerate(environs)
        )

    return make


def test_a_thread_for_each_core(job):
    (well,) = compare_threads(job(*[{"OMP_NUM_THREADS": "2"}] * 2))
    assert well.level == "ok"
    assert well.seen == "OMP_NUM_THREADS 2, 2 rank(s)"
    (well,) = compare_threads(job({}))
    assert well.level == "ok"


@pytest.mark.parametrize("variable", ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"])
def test_too_many_threads(job, variable):
    environ = {"OMP_NUM_THREADS": "1", variable: "4"}
    (found,) = compare_threads(job(environ, environ))
    assert found.id == "more-threads-than-cores"
    assert found.seen.startswith(f"{variable} asks for 8 threads in 2 rank(s) on node1")
    assert found.cure == f"export {variable}=2"


def test_the_time_of_a_container_counts(job):
    (found,) = compare_threads(job({"OMP_NUM_THREADS": "4"}, quota=1.5))
    assert found.id == "more-threads-than-cores"
    assert found.cure == "export OMP_NUM_THREADS=2"
    (found,) = compare_threads(job({}, quota=1.5))
    assert found.id == "threads-not-set"


def test_not_set(job):
    (found,) = compare_threads(job({}, {}))
    assert found.id == "threads-not-set"
    assert found.seen.startswith("up to 8 threads in 2 rank(s)")
    assert found.cure == "export OMP_NUM_THREADS=2"


def test_not_set_but_bound(job):
    (well,) = compare_threads(job({}, {}, masks=[(0, 1), (2, 3)]))
    assert well.level == "ok"


def test_threads_on_too_few_cores(job):
    environ = {"OMP_NUM_THREADS": "2"}
    (found,) = compare_threads(job(environ, environ, masks=[(0,), (1, 2, 3)]))
    assert found.id == "threads-on-too-few-cores"
    assert found.seen == "OMP_NUM_THREADS=2, but 1 processor(s) for each of rank 0"
    assert " -bind-to core:2 -n 2 " in found.cure


def test_what_is_no_number(job):
    (found,) = compare_threads(job({"OMP_NUM_THREADS": "many"}))
    assert found.id == "threads-not-a-number"
    assert found.seen == "OMP_NUM_THREADS='many' in rank 0"
    assert found.cure == "export OMP_NUM_THREADS=1"


@pytest.mark.parametrize(
    ("value", "threads"),
    [("4", 4), (" 4,2", 4), (None, None), ("", None), ("0", None), ("-1", None), ("x", None)],
)
def test_values(value, threads):
    assert read_threads(value) == threads
