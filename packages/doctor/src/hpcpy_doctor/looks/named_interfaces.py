"""Variables that name network interfaces, and those of them that are not there."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network

from hpcpy_doctor.looks.machine import Machine

__all__ = ["list_missing"]

EXACT = (
    *("OMPI_MCA_btl_tcp_if_include", "PRTE_MCA_prte_if_include", "PMIX_MCA_ptl_tcp_if_include"),
    *("OMPI_MCA_oob_tcp_if_include", "FI_TCP_IFACE", "FI_SOCKETS_IFACE", "HYDRA_IFACE"),
    *("UCX_NET_DEVICES", "MPIR_CVAR_NETWORK_IFACE", "MPICH_NETWORK_IFACE"),
)

NCCLS = "NCCL_SOCKET_IFNAME"
"""Takes beginnings of names; after ``^`` those that are not to be taken, after ``=`` whole ones."""

FABRICS = "NCCL_IB_HCA"


def list_missing(environ: Mapping[str, str], machine: Machine) -> Iterator[tuple[str, str]]:
    """Yield each variable that names what is not there, and the name. Local.

    Parameters
    ----------
    environ
        Of a process.
    machine
        Its interfaces and fabrics.
    """
    for variable in EXACT:
        for name in _split(environ.get(variable)):
            if not _is_there(name, machine):
                yield variable, name
    if not environ.get(NCCLS, "").startswith("^"):
        names = list(_split(environ.get(NCCLS)))
        if names and not any(_nccl_finds(name, machine.interfaces) for name in names):
            yield NCCLS, ",".join(names)
    if not environ.get(FABRICS, "").startswith("^"):
        names = [name.partition(":")[0] for name in _split(environ.get(FABRICS))]
        if names and not any(_nccl_finds(name, machine.fabrics) for name in names):
            yield FABRICS, ",".join(names)


def _split(value: str | None) -> Iterator[str]:
    yield from (name.strip() for name in (value or "").split(",") if name.strip())


def _is_there(name: str, machine: Machine) -> bool:
    if name == "all":
        return True
    if "/" in name:
        return _is_reached(name, machine)
    known = (*machine.interfaces, *machine.fabrics, *(address for _, address in machine.addresses))
    return name.partition(":")[0] in known  # a port of a fabric is mlx5_0:1


def _is_reached(network: str, machine: Machine) -> bool:
    try:
        wanted = ip_network(network, strict=False)
    except ValueError:
        return False
    return any(ip_address(address) in wanted for _, address in machine.addresses)


def _nccl_finds(name: str, there: tuple[str, ...]) -> bool:
    if name.startswith("="):
        return name[1:] in there
    return any(one.startswith(name) for one in there)
