import pytest

from hpcpy_collectives.sizes import parse_sizes, powers_of_two


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("8", (8,)),
        ("100", (100,)),
        ("1:8", (1, 2, 4, 8)),
        ("1K:4k", (1024, 2048, 4096)),
        ("4:4", (4,)),
        ("3:20", (3, 6, 12, 20)),
    ],
)
def test_sizes(text, sizes):
    assert parse_sizes(text) == sizes


def test_the_default_ends_at_4_mebibytes():
    assert parse_sizes("1:4M") == tuple(1 << k for k in range(23))


@pytest.mark.parametrize("text", ["", ":", "0", "1:", "0:8", "-1", "1.5", "8B", "1K:", "1:2:3"])
def test_what_is_not_a_size(text):
    with pytest.raises(ValueError, match="is not a positive number like 8, 1K or 4M"):
        parse_sizes(text)


def test_a_falling_range_and_one_beyond_a_message():
    with pytest.raises(ValueError, match="write the smaller size first, 1:4M"):
        parse_sizes("4M:1")
    with pytest.raises(ValueError, match="one MPI message has at most 2147483647 B"):
        parse_sizes("1:2G")


def test_powers_end_with_the_last_number():
    assert powers_of_two(2, 10) == (2, 4, 8, 10)
