import pytest

from hpcpy_doctor.checks.network import compare_networks
from hpcpy_doctor.looks.machine import Machine

LO = ("lo", "127.0.0.1")
DOCKER0 = ("docker0", "172.17.0.1")


@pytest.fixture
def host(make_facts):
    """Return a function that makes the facts of a rank on a host with these addresses."""

    def make(rank, *addresses, net="1", environ=(), library=None, **changes):
        told = {
            "boot": str(rank),
            "addresses": (LO, *addresses),
            "interfaces": ("lo", *(name for name, _ in addresses)),
            "name_addresses": (f"10.0.0.{rank}",),
        }
        machine = Machine(**{**told, **changes})
        namespaces = {"net": net}
        text = {"library_text": library} if library else {}
        return make_facts(
            environ, rank=rank, host=f"n{rank}", machine=machine, namespaces=namespaces, **text
        )

    return make


def ids(*facts):
    return [found.id for found in compare_networks(facts)]


def test_two_hosts(host):
    (well,) = compare_networks((host(1, ("eth0", "10.0.0.1")), host(2, ("eth0", "10.0.0.2"))))
    assert well.level == "ok"
    assert well.seen == "eth0 10.0.0.1; eth0 10.0.0.2"


def test_the_same_address_on_two_hosts(host, library):
    facts = [host(rank, DOCKER0, ("eth0", f"10.0.0.{rank}"), library=library) for rank in (1, 2, 3)]
    (found,) = compare_networks(tuple(facts))
    assert found.id == "address-on-several-hosts"
    assert found.seen == "docker0 has 172.17.0.1 on n1, n2, n3"
    names = {"MPICH": "UCX_NET_DEVICES=eth0", "Open M": "OMPI_MCA_btl_tcp_if_include=eth0"}
    assert names["MPICH" if library.startswith("MPICH") else "Open M"] in found.cure


def test_a_bridge_alone(host):
    (found,) = compare_networks((host(1, ("eth0", "10.0.0.1"), DOCKER0),))
    assert found.id == "bridge-interface"
    assert found.level == "note"
    # Two ranks of one host have one docker0 between them.
    same = host(1, DOCKER0, boot="1"), host(2, DOCKER0, boot="1")
    assert ids(*same) == ["bridge-interface"]
    assert ids(same[0], host(2, DOCKER0, boot="1", net="2")) == ["address-on-several-hosts"]


def test_no_network(host):
    assert ids(host(1)) == ["no-network"]
    assert ids(host(1, addresses=())) == ["loopback-down"]
    (found,) = compare_networks((host(1, interfaces=("eth0", "lo")),))
    assert found.cure == "sudo ip link set eth0 up"


def test_an_interface_that_is_not_there(host):
    environ = {"FI_TCP_IFACE": "ib0"}
    facts = [host(rank, ("eth0", "10.0.0.9"), boot="1", environ=environ) for rank in (1, 2)]
    (found,) = compare_networks(tuple(facts))
    assert found.id == "interface-missing"
    assert found.seen == "FI_TCP_IFACE names ib0, which is not there for ranks 1-2"


@pytest.mark.parametrize(
    ("fabrics", "locked", "kinds"),
    [
        (("mlx5_0",), 8388608, ["locked-memory-limit"]),
        (("mlx5_0",), None, [None]),
        (("mlx5_0",), 2**30, [None]),
        ((), 65536, [None]),
    ],
)
def test_memory_that_may_be_locked(host, fabrics, locked, kinds):
    assert ids(host(1, ("eth0", "10.0.0.1"), fabrics=fabrics, locked=locked)) == kinds


def test_a_name_that_leads_back(host):
    facts = [
        host(rank, ("eth0", f"10.0.0.{rank}"), name_addresses=("127.0.1.1",)) for rank in (1, 2)
    ]
    assert ids(*facts) == ["host-name-is-loopback"] * 2
    assert ids(facts[0]) == [None]  # on one host that is as it should be
