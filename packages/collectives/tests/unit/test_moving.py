import numpy as np

from hpcpy_collectives.moving import moving
from hpcpy_core.message_buffer import HostBuffer


class Recorded:
    """A message buffer that notes what is done with it."""

    def __init__(self, name, notes):
        self.name, self.notes = name, notes

    def to_mpi(self):
        self.notes.append(f"{self.name} to MPI")

    def synchronize(self):
        self.notes.append(f"{self.name} synchronized")

    def from_mpi(self):
        self.notes.append(f"{self.name} from MPI")


def test_host_arrays_add_nothing_to_the_call():
    call = object
    host = HostBuffer(np.zeros(1))
    assert moving(call, sent=host, received=host) is call
    assert moving(call) is call


def test_what_is_sent_is_brought_before_and_what_is_received_after():
    notes = []

    def call():
        notes.append("call")
        return 7

    moved = moving(call, sent=Recorded("a", notes), received=Recorded("b", notes))
    assert moved() == 7
    assert notes == ["a to MPI", "b synchronized", "call", "b from MPI"]
