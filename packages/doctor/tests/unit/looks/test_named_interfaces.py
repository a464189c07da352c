import pytest

from hpcpy_doctor.looks.machine import Machine
from hpcpy_doctor.looks.named_interfaces import list_missing

MACHINE = Machine(
    interfaces=("eth0", "ib0", "lo"),
    addresses=(("eth0", "10.1.2.3"), ("lo", "127.0.0.1")),
    fabrics=("mlx5_0",),
)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OMPI_MCA_btl_tcp_if_include", "eth0,ib0"),
        ("OMPI_MCA_btl_tcp_if_include", "10.1.0.0/16"),
        ("UCX_NET_DEVICES", "mlx5_0:1,eth0"),
        ("UCX_NET_DEVICES", "all"),
        ("FI_TCP_IFACE", "eth0"),
        ("HYDRA_IFACE", ""),
        ("NCCL_SOCKET_IFNAME", "eth"),
        ("NCCL_SOCKET_IFNAME", "=eth0"),
        ("NCCL_SOCKET_IFNAME", "^docker"),
        ("NCCL_SOCKET_IFNAME", "none,ib"),
        ("NCCL_IB_HCA", "mlx5"),
        ("NCCL_IB_HCA", "=mlx5_0:1"),
    ],
)
def test_what_is_there(variable, value):
    assert list(list_missing({variable: value}, MACHINE)) == []


@pytest.mark.parametrize(
    ("variable", "value", "missing"),
    [
        ("OMPI_MCA_btl_tcp_if_include", "eth0,eth1", "eth1"),
        ("PRTE_MCA_prte_if_include", "192.168.0.0/24", "192.168.0.0/24"),
        ("OMPI_MCA_btl_tcp_if_include", "no/where", "no/where"),
        ("UCX_NET_DEVICES", "mlx5_1:1", "mlx5_1:1"),
        ("NCCL_SOCKET_IFNAME", "ens,enp", "ens,enp"),
        ("NCCL_SOCKET_IFNAME", "=eth", "=eth"),
        ("NCCL_IB_HCA", "mlx4", "mlx4"),
    ],
)
def test_what_is_missing(variable, value, missing):
    assert list(list_missing({variable: value}, MACHINE)) == [(variable, missing)]
