"""What may be found of networks. Data only."""

from hpcpy_doctor.finding import Kind

__all__ = ["NETWORK_KINDS"]

TWICE = Kind(
    id="address-on-several-hosts",
    level="error",
    title="Several hosts have an interface with the same address",
    cause="Docker and libvirt give their bridge the same address on every host, and an MPI that "
    "tries all interfaces connects a rank to itself.",
    cure="{cure}",
    example="export OMPI_MCA_btl_tcp_if_include=eth0 PRTE_MCA_prte_if_include=eth0",
    text="Open MPI aborts, MPICH over libfabric hangs, when it takes docker0 (172.17.0.1) or "
    "virbr0 (192.168.122.1) for a way to the other hosts. Name the interface that leads there "
    "(`ip -br addr`), in the batch script before `mpiexec`: `OMPI_MCA_btl_tcp_if_include` and "
    "`PRTE_MCA_prte_if_include` for Open MPI, `UCX_NET_DEVICES` and `FI_TCP_IFACE` for MPICH, as "
    "it was built, `NCCL_SOCKET_IFNAME` for NCCL.",
)
BRIDGE = Kind(
    id="bridge-interface",
    level="note",
    title="There is an interface with an address that other hosts may have too",
    cause="Docker and libvirt give their bridge the same address on every host.",
    cure="{cure}",
    example="export OMPI_MCA_btl_tcp_if_include=eth0 PRTE_MCA_prte_if_include=eth0",
    text="On one host that does no harm. In a launch on several, an MPI that tries all interfaces "
    "may connect a rank to itself, and hang: name the interface that leads to the other hosts.",
)
ONLY_LOOPBACK = Kind(
    id="no-network",
    level="note",
    title="There is no network interface but lo",
    cause="The machine is offline, or the container was started without a network.",
    cure="{cure}",
    example="sudo ip link set eth0 up",
    text="Ranks on one machine do without. Open MPI's launcher needs at least lo to be up: "
    "without it mpiexec says `Please adjust your include or exclude to allow selection of an "
    "available interface`.",
)
NOT_UP = Kind(
    id="loopback-down",
    level="error",
    title="No network interface is up, not even lo",
    cause="A network namespace, as of `unshare -n` or a sandbox, begins with lo switched off.",
    cure="ip link set lo up",
    text="Open MPI's mpiexec refuses to start anything; MPICH's does, on one machine. Whatever "
    "connects to localhost fails: notebooks, ipyparallel, debuggers.",
)
MISSING = Kind(
    id="interface-missing",
    level="error",
    title="A variable names a network interface that is not there",
    cause="It was set for other nodes, or outside of this container.",
    cure="unset {variable}",
    text="Open MPI warns, or aborts if it has no other way (`btl_tcp_if_include`), and does not "
    "start anything (`prte_if_include`); MPICH's mpiexec does not start (`HYDRA_IFACE`); UCX "
    "warns. `ip -br addr` shows the interfaces. Open MPI takes networks as well, such as "
    "`10.1.0.0/16`, which are alike on all nodes.",
)
LOCKED = Kind(
    id="locked-memory-limit",
    level="error",
    title="Too little memory may be locked for InfiniBand",
    cause="The limit `ulimit -l` is small, and the network's hardware reads and writes locked "
    "memory only.",
    cure='echo "* - memlock unlimited" | sudo tee /etc/security/limits.d/memlock.conf',
    text="UCX and verbs say `Cannot allocate memory` or `ibv_reg_mr failed`, or quietly take TCP. "
    "The limit is that of the process that starts the ranks: for Slurm put `LimitMEMLOCK=infinity` "
    "into slurmd's service, for Docker `--ulimit memlock=-1`.",
)
NAME_IS_LOOPBACK = Kind(
    id="host-name-is-loopback",
    level="warning",
    title="A host's own name leads to 127.x in a launch on several hosts",
    cause="/etc/hosts gives the host's name a loopback address, as Debian's installer does.",
    cure="sudo sed -i '/^127\\.0\\.1\\.1/d' /etc/hosts",
    text="A launcher or an MPI that asks for its own address by name tells other hosts to connect "
    "to 127.0.1.1, where they find themselves. Give the name the address of the interface that "
    "leads to the other hosts.",
)

NETWORK_KINDS = (TWICE, BRIDGE, ONLY_LOOPBACK, NOT_UP, MISSING, LOCKED, NAME_IS_LOOPBACK)
