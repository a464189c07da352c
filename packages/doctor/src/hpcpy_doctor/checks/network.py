"""The network interfaces: those that several hosts have alike, and those that are named."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks import network_kinds as kinds
from hpcpy_doctor.looks.interfaces import is_loopback
from hpcpy_doctor.looks.named_interfaces import list_missing
from hpcpy_doctor.looks.vendors import find_family
from hpcpy_doctor.merge import format_ranks

__all__ = ["CHECK", "compare_networks"]

BRIDGES = ("docker", "virbr", "podman", "cni", "lxcbr", "lxdbr")
"""Beginnings of the names of interfaces that lead to virtual machines, or containers, only."""

ENOUGH_LOCKED = 64 * 2**20
"""Bytes: UCX and verbs lock their buffers, and fail in many ways where they cannot."""


def compare_networks(facts: tuple[Facts, ...]) -> Iterator[Finding]:
    """Compare the interfaces of all hosts, and what variables say of them. Local.

    Parameters
    ----------
    facts
        Of all processes.
    """
    hosts = list(_by_network(facts).values())
    findings = [*_look_at_names(facts), *_look_at_limits(hosts), *_look_at_loopback(hosts)]
    findings += _compare_addresses(hosts) if len(hosts) > 1 else _look_for_bridges(hosts[0])
    yield from findings or [Finding.ok(_describe(hosts))]


def _by_network(facts: Sequence[Facts]) -> dict[tuple[str, str], list[Facts]]:
    """Put those together that have the same network: of one machine, and one namespace."""
    hosts: dict[tuple[str, str], list[Facts]] = defaultdict(list)
    for one in facts:
        hosts[one.machine.boot, one.namespaces.get("net", "")].append(one)
    return hosts


def _compare_addresses(hosts: Sequence[Sequence[Facts]]) -> Iterator[Finding]:
    holders = defaultdict(list)
    for group in hosts:
        for name, address in group[0].machine.addresses:
            if not is_loopback(address):
                holders[name, address].append(group[0].host)
    for (name, address), names in holders.items():
        if len(names) > 1:
            seen = f"{name} has {address} on {', '.join(names[:4])}"
            yield kinds.TWICE.found(seen, cure=_choose(hosts[0][0], {name}))
    for group in hosts:
        own = group[0].machine.name_addresses or ()
        if own and all(is_loopback(address) for address in own):
            seen = f"{group[0].host} resolves to {', '.join(own)} on {group[0].host}"
            yield kinds.NAME_IS_LOOPBACK.found(seen)


def _look_for_bridges(group: Sequence[Facts]) -> Iterator[Finding]:
    addresses = group[0].machine.addresses
    found = {name: address for name, address in addresses if name.startswith(BRIDGES)}
    if found:
        seen = ", ".join(f"{name} has {address}" for name, address in found.items())
        yield kinds.BRIDGE.found(seen, cure=_choose(group[0], set(found)))


def _look_at_loopback(hosts: Sequence[Sequence[Facts]]) -> Iterator[Finding]:
    for group in hosts:
        addresses = group[0].machine.addresses
        if not addresses:
            yield kinds.NOT_UP.found(f"no interface with an address is up on {group[0].host}")
        elif all(is_loopback(address) for _, address in addresses):
            down = [name for name in group[0].machine.interfaces if name != "lo"]
            cure = f"sudo ip link set {down[0]} up" if down else "docker run --network=host ..."
            yield kinds.ONLY_LOOPBACK.found(f"lo only on {group[0].host}", cure=cure)


def _look_at_names(facts: Sequence[Facts]) -> Iterator[Finding]:
    missing = defaultdict(list)
    for one in facts:
        for variable, name in list_missing(one.environ, one.machine):
            missing[variable, name].append(one.rank)
    for (variable, name), ranks in missing.items():
        seen = f"{variable} names {name}, which is not there for {format_ranks(ranks)}"
        yield kinds.MISSING.found(seen, variable=variable)


def _look_at_limits(hosts: Sequence[Sequence[Facts]]) -> Iterator[Finding]:
    for one in (one for group in hosts for one in group[:1]):
        locked = one.machine.locked
        if one.machine.fabrics and locked is not None and locked < ENOUGH_LOCKED:
            yield kinds.LOCKED.found(
                f"{', '.join(one.machine.fabrics)} on {one.host}, and `ulimit -l` is "
                f"{locked // 1024} KiB"
            )


def _choose(own: Facts, bridges: set[str]) -> str:
    """Return how to name an interface that leads out."""
    out = (
        name
        for name, address in own.machine.addresses
        if name not in bridges and not name.startswith(BRIDGES) and not is_loopback(address)
    )
    name = next(out, "eth0")
    if find_family(own.library_text) == "MPICH":
        return f"export UCX_NET_DEVICES={name} FI_TCP_IFACE={name} HYDRA_IFACE={name}"
    return f"export OMPI_MCA_btl_tcp_if_include={name} PRTE_MCA_prte_if_include={name}"


def _describe(hosts: Sequence[Sequence[Facts]]) -> str:
    said = []
    for group in hosts[:3]:
        machine = group[0].machine
        out = [f"{name} {address}" for name, address in machine.addresses if name != "lo"]
        said.append(", ".join([*(out or ["lo only"]), *machine.fabrics]))
    return "; ".join(said)


CHECK = Check(
    name="network",
    title="Network",
    scope="job",
    kinds=kinds.NETWORK_KINDS,
    run=compare_networks,
)
