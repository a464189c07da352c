import sys

from hpcpy_testing.call_site import LONGEST, call_in


class Comm:
    """Answers a call with what its caller is executing."""

    def Recv(self, *arguments, source=0):  # noqa: N802 - MPI's own name
        return call_in(sys._getframe(1))


comm = Comm()


def test_a_call_within_a_line():
    said = [0, comm.Recv("buf", source=1), 2][1]
    assert said == 'comm.Recv("buf", source=1)'


def test_a_call_over_several_lines_is_put_on_one():
    said = comm.Recv(
        "buf",
        source=1,
    )
    assert said == 'comm.Recv( "buf", source=1, )'


def test_columns_are_counted_in_bytes():
    said = ["größe", comm.Recv("größe"), "größe"][1]
    assert said == 'comm.Recv("größe")'


def test_a_call_in_an_assertion_that_pytest_has_rewritten():
    assert comm.Recv(source=2) == "comm.Recv(source=2)"


def test_a_long_call_is_cut():
    said = comm.Recv(
        1000000000000000, 1000000000000000, 1000000000000000, 1000000000000000, 1000000000000000,
        1000000000000000, 1000000000000000, 1000000000000000, 1000000000000000, 1000000000000000,
        1000000000000000, 1000000000000000, 1000000000000000, 1000000000000000, 1000000000000000,
    )  # fmt: skip
    assert len(said) == LONGEST
    assert said.endswith("...")


def test_code_without_source_gives_nothing():
    names = {"call_in": call_in, "sys": sys}
    exec("said = call_in(sys._getframe())", names)
    assert names["said"] == ""
