import pytest

from hpcpy_core.sizes import format_size, parse_count


@pytest.mark.parametrize(
    ("text", "count"),
    [("8", 8), (" 100000 ", 100_000), ("4k", 4096), ("2T", 2 << 40)],
)
def test_counts(text, count):
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["", "0", "0K", "-1", "1.5", "8B", "K", "1 000"])
def test_what_is_not_a_count(text):
    with pytest.raises(ValueError, match="is not a positive number like 8, 1K or 4M"):
        parse_count(text)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0"), (1, "1"), (1023, "1023"), (1536, "1536"), (65536, "64K")]
)
def test_sizes_as_text(size, text):
    assert format_size(size) == text


def test_a_number_of_5000_digits_is_refused_in_one_short_line():
    with pytest.raises(ValueError, match="is not a positive number") as refused:
        parse_count("9" * 5000)
    assert len(str(refused.value)) < 200
