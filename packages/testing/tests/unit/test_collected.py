import pytest

from hpcpy_testing.collected import Collected, find_difference


def ranks(*tests, skipped=None):
    return [
        Collected(tests=list(names), skipped=(skipped or {}).get(rank, {}))
        for rank, names in enumerate(tests)
    ]


@pytest.mark.parametrize(
    ("tests", "place", "first", "rank", "second", "cure"),
    [
        (("ab", "ba"), 1, "a", 1, "b", "sorted(...)"),
        (("abc", "abc", "acb"), 2, "b", 2, "c", "sorted(...)"),
        (("abc", "acb", "bac"), 1, "a", 2, "b", "sorted(...)"),
        (("ab", "abc"), 3, "no more", 1, "c", "nothing that differs between ranks"),
        (("ab", "b"), 1, "a", 1, "b", "nothing that differs between ranks"),
        (("ab", ""), 1, "a", 1, "no more", "nothing that differs between ranks"),
        (("aab", "ab"), 2, "a", 1, "b", "nothing that differs between ranks"),
    ],
)
def test_the_first_difference_is_named_by_rank(tests, place, first, rank, second, cure):
    said = find_difference(ranks(*tests))
    assert f"as number {place} rank 0 has {first}, rank {rank} has {second}. " in said
    assert cure in said


def test_a_module_that_one_rank_skipped_is_named():
    said = find_difference(ranks("ab", "a", skipped={1: {"test_b.py": "no h5py here"}}))
    assert "rank 1 has no more (rank 1 skipped test_b.py: no h5py here). All ranks" in said


def test_a_module_that_all_skipped_is_not():
    skipped = {0: {"test_b.py": "old"}, 1: {"test_b.py": "old"}}
    assert "test_b.py" not in find_difference(ranks("ab", "a", skipped=skipped))


def test_the_digest_depends_on_names_and_order():
    first, same, other, split = ranks(["a", "b"], ["a", "b"], ["b", "a"], ["ab"])
    assert first.digest == same.digest
    assert len({first.digest, other.digest, split.digest}) == 3


def test_a_name_may_hold_anything():
    assert Collected(tests=["test_a[\udce9\n]"]).digest
