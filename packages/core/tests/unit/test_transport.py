import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.awareness.operations import OPERATIONS
from hpcpy_core.errors import InputError
from hpcpy_core.message_buffer import DirectBuffer, HostBuffer, StagingBuffer
from hpcpy_core.transport import Transport
from hpcpy_testing.emulated_cupy import install_emulated_cupy

HOST, STAGED = (Transport(name=name, reason="a test") for name in ("host", "staged"))
DIRECT = Transport(name="direct", reason="a test", direct_for=frozenset(OPERATIONS))
PARTLY = Transport(name="direct", reason="a test", direct_for=frozenset({"p2p", "bcast"}))


@pytest.fixture
def cupy(monkeypatch):
    return install_emulated_cupy(monkeypatch)


def test_each_transport_has_its_buffer(cupy):
    array = cupy.arange(3)
    ways = ((HOST, np.arange(3)), (STAGED, array), (DIRECT, array))
    kinds = [type(way.attach(each, "p2p")) for way, each in ways]
    assert kinds == [HostBuffer, StagingBuffer, DirectBuffer]


def test_direct_is_for_what_was_proven(cupy):
    array = cupy.arange(3)
    kinds = {name: type(PARTLY.attach(array, name)) for name in OPERATIONS}
    direct = {name for name, kind in kinds.items() if kind is DirectBuffer}
    assert direct == {"p2p", "bcast"}
    assert {kinds[name] for name in OPERATIONS if name not in direct} == {StagingBuffer}


def test_an_operation_of_no_class_is_never_direct():
    assert DIRECT.way() == "staged"
    assert (HOST.way(), STAGED.way()) == ("host", "staged")
    assert Transport(name="direct", reason="").way("p2p") == "staged"


@pytest.mark.parametrize("name", OPERATIONS)
def test_host_and_staged_are_the_same_for_all_operations(name):
    assert (HOST.way(name), STAGED.way(name)) == ("host", "staged")


@pytest.mark.parametrize("transport", [HOST, DIRECT], ids=["host", "direct"])
def test_array_and_message_are_the_same_memory(cupy, transport):
    array = np.arange(3) if transport is HOST else cupy.arange(3)
    for way in (transport.sendbuf, transport.recvbuf, transport.buffer):
        with way(array, "p2p") as message:
            assert message is array


def test_nothing_stays_nothing():
    for way in (STAGED.sendbuf, STAGED.recvbuf):
        with way(None) as message:
            assert message is None


def test_what_is_sent_is_what_the_array_is(cupy):
    with STAGED.sendbuf(cupy.arange(3)) as message:
        assert type(message) is np.ndarray
        assert message.tolist() == [0, 1, 2]


def test_what_is_received_gets_into_the_array(cupy):
    array = cupy.zeros(3)
    with STAGED.recvbuf(array) as message:
        message[...] = [1, 2, 3]
    assert array.tolist() == [1, 2, 3]


def test_what_is_filled_in_part_keeps_the_rest(cupy):
    array = cupy.arange(3)
    with STAGED.buffer(array) as message:
        message[0] = 7
    assert array.tolist() == [7, 1, 2]


def test_an_array_is_left_alone_after_an_error(cupy):
    array = cupy.zeros(3)

    def fail_to_receive():
        with STAGED.recvbuf(array) as message:
            message[...] = 7
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_to_receive()
    assert array.tolist() == [0, 0, 0]


@pytest.mark.parametrize("way", ["sendbuf", "recvbuf", "buffer"])
def test_an_operation_is_looked_at_by_every_block(cupy, way):
    array = cupy.arange(3)
    with getattr(PARTLY, way)(array, "bcast") as message:
        assert message is array
    with getattr(PARTLY, way)(array, "gather") as message:
        assert type(message) is np.ndarray


@pytest.mark.parametrize("transport", [HOST, STAGED, DIRECT, PARTLY])
def test_whole_messages_of_one_rank_to_itself(cupy, transport):
    xp, comm = (np if transport is HOST else cupy), MPI.COMM_SELF
    sent, received = xp.arange(5), xp.zeros(5, dtype=int)
    transport.Sendrecv(comm, sent, 0, received, 0)
    assert received.tolist() == [0, 1, 2, 3, 4]
    transport.Allreduce(comm, MPI.IN_PLACE, sent)
    transport.Allreduce(comm, sent, received, MPI.MAX)
    transport.Bcast(comm, received)
    transport.Send(comm, sent, MPI.PROC_NULL)
    transport.Recv(comm, received, MPI.PROC_NULL)
    assert received.tolist() == sent.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("transport", [STAGED, DIRECT])
@pytest.mark.parametrize("form", ["Send", "Recv", "Sendrecv", "Bcast", "Allreduce"])
def test_an_array_of_the_host_is_refused_by_every_form(cupy, transport, form):
    comm, array = MPI.COMM_SELF, np.arange(3)
    arguments = {
        "Send": (array, 0),
        "Recv": (array, 0),
        "Sendrecv": (cupy.arange(3), 0, array, 0),
        "Bcast": (array,),
        "Allreduce": (array, cupy.arange(3)),
    }
    with pytest.raises(InputError, match=r"pass cupy.asarray\(array\)"):
        getattr(transport, form)(comm, *arguments[form])
