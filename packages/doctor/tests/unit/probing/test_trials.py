from array import array

import pytest

from hpcpy_doctor.probing.trials import (
    CODES,
    LENGTHS,
    WrongValuesError,
    count_loopback,
    reduce_together,
    send_around,
    time_messages,
)


class Pretended:
    """A communicator in which every rank does the same; it may damage what it delivers."""

    def __init__(self, rank=1, size=3, spoil=None):
        self.rank, self.size, self.spoil, self.calls = rank, size, spoil, 0

    def _deliver(self, got, value):
        got[:] = array(got.typecode, [value]) * len(got)
        self.calls += 1
        if self.spoil == self.calls:
            got[-1] += 1

    def Sendrecv(self, sent, after, tag, got, before, _):  # noqa: N802 - a name of mpi4py
        assert (after, before) == ((self.rank + 1) % self.size, (self.rank - 1) % self.size)
        self._deliver(got, sent[0] - self.rank + before)

    def Allreduce(self, sent, got):  # noqa: N802 - a name of mpi4py
        assert sent.typecode == got.typecode
        self._deliver(got, sent[0] - self.rank + 1 + sum(range(self.size)) + self.rank)


def test_right_values_are_all_right():
    comm = Pretended(rank=2)
    send_around(comm)
    assert comm.calls == len(LENGTHS)
    comm = Pretended(rank=0, size=2)
    reduce_together(comm)
    assert comm.calls == len(LENGTHS) * len(CODES)


@pytest.mark.parametrize("trial", [send_around, reduce_together])
@pytest.mark.parametrize("spoil", [1, 2, 3])
def test_one_wrong_value_is_seen(trial, spoil):
    with pytest.raises(WrongValuesError, match=f"item {LENGTHS[spoil - 1] - 1} is "):
        trial(Pretended(spoil=spoil))


def test_one_rank_has_nothing_to_measure():
    assert time_messages(Pretended(rank=0, size=1)) == {}


def test_bytes_of_the_loopback_interface_are_counted(tmp_path):
    interfaces = tmp_path / "dev"
    interfaces.write_text(
        "Inter-|   Receive        |  Transmit\n"
        " face |bytes    packets  |bytes    packets\n"
        "    lo: 4711   12    4711 12\n"
        "  eth0: 9999   1     2    3\n"
    )
    assert count_loopback(interfaces) == 4711
    assert count_loopback(tmp_path / "none") == 0
