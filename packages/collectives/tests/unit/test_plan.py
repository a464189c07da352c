import pytest

from hpcpy_collectives.operations import APIS, OPERATIONS
from hpcpy_collectives.plan import list_cases
from hpcpy_core.errors import InputError


def names(cases):
    return [(case.operation.name, case.api, case.size) for case in cases]


def test_every_operation_of_the_issue_is_there():
    assert len(OPERATIONS) == 30
    assert {"latency", "bw", "bibw", "multi_lat", "ibarrier", "ialltoallv"} < OPERATIONS.keys()


def test_cases_are_in_the_order_asked_for():
    cases = list_cases(["bw", "latency"], ["buffer"], [1, 8], 2)
    assert names(cases) == [
        ("bw", "buffer", 1),
        ("bw", "buffer", 8),
        ("latency", "buffer", 1),
        ("latency", "buffer", 8),
    ]


def test_large_messages_get_fewer_iterations():
    small, large = list_cases(["latency"], ["buffer"], [8192, 16384], 2)
    assert (small.iterations, small.warmup) == (10_000, 100)
    assert (large.iterations, large.warmup) == (1000, 10)
    small, large = list_cases(["allreduce"], ["buffer"], [8192, 16384], 2, iterations=50, warmup=20)
    assert (small.iterations, small.warmup) == (50, 20)
    assert (large.iterations, large.warmup) == (5, 2)
    (one,) = list_cases(["bw"], ["buffer"], [1 << 20], 2, iterations=1, warmup=0)
    assert (one.iterations, one.warmup) == (1, 0)


def test_reductions_take_whole_floats_and_a_barrier_no_size():
    assert names(list_cases(["allreduce", "barrier"], ["buffer"], [1, 2, 4, 6], 1)) == [
        ("allreduce", "buffer", 4),
        ("barrier", "buffer", 0),
    ]


def test_all_is_what_ranks_and_apis_have():
    alone = {case.operation.name for case in list_cases(None, ["buffer"], [4], 1)}
    assert alone == {name for name, op in OPERATIONS.items() if not op.point_to_point}
    pickled = {case.operation.name for case in list_cases(None, ["pickle5"], [4], 2)}
    assert pickled == {name for name, op in OPERATIONS.items() if "pickle5" in op.apis}


def test_an_operation_is_measured_with_the_apis_that_it_has():
    assert [api for _, api, _ in names(list_cases(["allreduce"], APIS, [4], 1))] == [
        "buffer",
        "pickle",
    ]


@pytest.mark.parametrize(
    ("ops", "apis", "sizes", "ranks", "words"),
    [
        (["latency"], ["buffer"], [8], 1, "latency needs 2 ranks, but the job has 1: start it"),
        (["iallreduce"], ["pickle"], [8], 2, "no iallreduce of its own for --api pickle"),
        (["reduce"], ["buffer"], [1, 2], 2, "reduce adds 4-byte floats"),
    ],
)
def test_what_was_named_and_cannot_be_measured(ops, apis, sizes, ranks, words):
    with pytest.raises(InputError, match=words):
        list_cases(ops, apis, sizes, ranks)


@pytest.mark.parametrize(
    ("name", "root", "other"),
    [
        ("latency", 2, 2),
        ("reduce_scatter", 2, 2),
        ("allgather", 1 + 4, 1 + 4),
        ("ialltoallv", 4 + 4, 4 + 4),
        ("gather", 1 + 4, 1),
        ("scatter", 4 + 1, 1),
    ],
)
def test_footprints_are_blocks_sent_and_received_twice(name, root, other):
    """Of 4 ranks; twice, because the check makes what should be there."""
    operation = OPERATIONS[name]
    assert operation.footprint(100, "buffer", 0, 4) == 2 * 100 * root
    assert operation.footprint(100, "buffer", 1, 4) == 2 * 100 * other
    assert operation.footprint(100, "pickle", 0, 4) == 3 * 100 * root


def test_a_window_of_pickles_is_64_copies_and_a_barrier_nothing():
    assert OPERATIONS["bw"].footprint(100, "pickle", 0, 2) == (2 + 64) * 200
    assert OPERATIONS["barrier"].footprint(0, "buffer", 0, 2) == 0


@pytest.mark.parametrize("name", ["gatherv", "iscatterv", "allgatherv", "ialltoallv"])
def test_blocks_begin_where_a_c_int_can_say(name):
    most = (2**31 - 1) // 3
    assert len(list_cases([name], ["buffer"], [8, most], 4)) == 2
    words = f"{name} of {most + 1} B on 4 ranks: .*end --sizes at {most}"
    with pytest.raises(InputError, match=words):
        list_cases([name], ["buffer"], [8, most + 1], 4)
    assert list_cases([name], ["buffer"], [2**31 - 1], 2)
    assert list_cases([name.removesuffix("v")], ["buffer"], [2**30], 4)
