import numpy as np
import pytest

from hpcpy_gpu_allreduce.messages import list_segments


@pytest.mark.parametrize("out", [0, 1, 4, 5, 8])
@pytest.mark.parametrize("into", [0, 1, 4, 5, 9])
def test_segments_cover_both_lengths_once(out, into):
    pairs = list(list_segments(out, into, 4))
    for length, side in ((out, 0), (into, 1)):
        segments = [pair[side] for pair in pairs]
        covered = np.concatenate([np.arange(length)[part] for part in segments] or [[]])
        assert covered.tolist() == list(range(length))
        assert all(part.stop - part.start <= 4 for part in segments)


def test_a_length_is_cut_alike_whatever_comes_the_other_way():
    """Else the two sides of a message would disagree about its parts."""
    alone = [give for give, _ in list_segments(9, 0, 4)]
    beside = [give for give, _ in list_segments(9, 30, 4)][:3]
    assert alone == beside == [slice(0, 4), slice(4, 8), slice(8, 9)]
