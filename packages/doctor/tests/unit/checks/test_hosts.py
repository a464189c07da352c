import pytest

from hpcpy_doctor.checks.hosts import compare_hosts
from hpcpy_doctor.looks.machine import Machine

KNOWN = ("10.0.0.1",)


@pytest.fixture
def host(make_facts):
    """Return a function that makes the facts of a rank on a host."""

    def make(rank, name, boot, *, ahead=0.0, addresses=KNOWN, **environ):
        machine = Machine(boot=boot, name_addresses=addresses)
        clocks = {"clock": 1000.0 + ahead, "written": 1000.0}
        return make_facts(environ, rank=rank, host=name, machine=machine, **clocks)

    return make


def ids(*facts):
    return [finding.id for finding in compare_hosts(facts)]


def test_two_hosts(host):
    facts = (host(0, "a", "1"), host(1, "a", "1"), host(2, "b", "2", ahead=0.9))
    (well,) = compare_hosts(facts)
    assert well.level == "ok"
    assert well.seen == "a (ranks 0-1), b (rank 2)"


def test_clocks_that_differ(host):
    (found,) = compare_hosts((host(0, "a", "1"), host(1, "b", "2", ahead=-90.0)))
    assert found.id == "clocks-differ"
    assert found.seen == "the clock of rank 0 on a is 90 s ahead of that of rank 1 on b"
    assert found.cure == "sudo timedatectl set-ntp true"


def test_clocks_that_nobody_could_compare(host, make_facts):
    facts = make_facts(rank=1, clock=5.0, written=None, machine=host(0, "a", "1").machine)
    assert ids(host(0, "node1", "1"), facts) == [None]


def test_two_machines_with_one_name(host):
    (found,) = compare_hosts((host(0, "a", "1"), host(1, "a", "2"), host(2, "a", "2")))
    assert found.id == "hosts-with-the-same-name"
    assert found.seen == "2 machines are called a: those of rank 0 and ranks 1-2"
    assert found.cure == "sudo hostnamectl set-hostname a-2"


def test_one_machine_with_two_names(host):
    assert ids(host(0, "a", "1"), host(1, "b", "1")) == ["machine-with-two-names"]


@pytest.mark.parametrize("name", ["localhost", "localhost.localdomain"])
def test_no_name(host, name):
    assert ids(host(0, name, "1")) == ["host-named-localhost"]


@pytest.mark.parametrize(
    ("addresses", "words"), [((), "a is unknown"), (None, "a gets no answer from the name server")]
)
def test_a_name_that_does_not_resolve(host, addresses, words):
    (found,) = compare_hosts((host(0, "a", "1", addresses=addresses),))
    assert found.id == "host-name-unresolved"
    assert found.seen == words
    assert found.cure == 'echo "127.0.1.1 a" | sudo tee -a /etc/hosts'


def test_many_hosts_are_counted(host):
    facts = [host(rank, f"n{rank}", str(rank)) for rank in range(9)]
    (well,) = compare_hosts(tuple(facts))
    assert well.seen.endswith("and 3 more")
