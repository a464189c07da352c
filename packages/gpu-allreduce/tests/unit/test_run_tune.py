from math import inf

from hpcpy_core.timing import Timing
from hpcpy_gpu_allreduce.measurement import Measurement
from hpcpy_gpu_allreduce.run_tune import find_rows


def measured(nbytes, **seconds):
    return [
        Measurement(
            algorithm=name,
            nbytes=nbytes,
            ranks=2,
            timing=Timing(seconds=(time,)),
            of_copy=1.0,
            is_ceiling=name == "copy",
        )
        for name, time in seconds.items()
    ]


def rows_of(*groups):
    found = find_rows([each for group in groups for each in group], ["host", "ring"])
    return [(row.upto, row.algorithm) for row in found]


def test_neighbours_with_one_winner_are_one_row():
    groups = [
        measured(8, copy=0.1, host=1.0, ring=3.0),
        measured(32, copy=0.1, host=2.0, ring=3.0),
        measured(128, copy=0.1, host=9.0, ring=4.0),
    ]
    assert rows_of(*groups) == [(32, "host"), (inf, "ring")]


def test_the_default_stays_unless_another_is_clearly_faster():
    assert rows_of(measured(8, host=1.0, ring=0.96)) == [(inf, "host")]
    assert rows_of(measured(8, host=1.0, ring=0.94)) == [(inf, "ring")]


def test_without_a_default_the_fastest_is_taken():
    assert rows_of(measured(8, hierarchical=2.0, rabenseifner=1.99)) == [(inf, "rabenseifner")]
