from hpcpy_core.listing import name_some


def test_a_short_list_is_whole():
    assert name_some([]) == ""
    assert name_some(["a"]) == "a"
    assert name_some("abcde") == "a, b, c, d, e"


def test_a_long_list_is_counted():
    assert name_some(range(10_000)) == "0, 1, 2, 3, 4 and 9995 more"
    assert name_some(iter("abc"), most=2) == "a, b and 1 more"
