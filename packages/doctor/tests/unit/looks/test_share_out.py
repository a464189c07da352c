import pytest

from hpcpy_doctor.looks.share_out import find_crowd


@pytest.mark.parametrize(
    ("masks", "crowd"),
    [
        ({0: (0, 1), 1: (0, 1)}, ()),
        ({0: (0,), 1: (1,)}, ()),
        ({0: (0,), 1: (0,)}, (0, 1)),
        # Rank 0 has to leave its first choice to rank 1.
        ({0: (0, 1), 1: (0,)}, ()),
        ({0: (0, 1), 1: (0, 2), 2: (0,)}, ()),
        # Ranks 0 and 2 are more than processor 0, whatever rank 1 does.
        ({0: (0,), 1: (0, 1), 2: (0,)}, (0, 2)),
        ({0: (0,), 1: (1, 2), 2: (1, 2), 3: (1, 2)}, (1, 2, 3)),
        ({0: ()}, (0,)),
        ({}, ()),
    ],
)
def test_ranks_that_are_more_than_their_processors(masks, crowd):
    assert find_crowd(masks) == crowd


def test_many_ranks():
    masks = {rank: range(256) for rank in range(256)}
    assert find_crowd(masks) == ()
    assert len(find_crowd({**masks, 256: range(256)})) == 257
