import pytest

from hpcpy_core.awareness import OPERATIONS, Verdict
from hpcpy_core.errors import InputError
from hpcpy_core.select_transport import needs_proof, select_transport


def verdict(*proven, **failures):
    rest = {name: "not tried" for name in OPERATIONS if name not in proven}
    return Verdict(
        failures={**rest, **failures},
        library="MPICH 5.0.2",
        driver="13.0",
        nodes=1,
        seconds=1.0,
        lasting=True,
    )


NOTHING = verdict(p2p="Segmentation fault in Send")


@pytest.mark.parametrize("request_", ["auto", "host"])
def test_host_arrays_take_the_host_transport(request_):
    assert select_transport(request_, "cpu", "asked for").name == "host"


@pytest.mark.parametrize(
    ("request_", "option"),
    [
        ("staged", "--transport staged"),
        ("direct", "--transport direct"),
        ("force-direct", "--force-direct"),
    ],
)
def test_device_transports_need_a_device(request_, option):
    with pytest.raises(InputError, match=rf"^{option} moves .* \(asked for\)\. .*transport host"):
        select_transport(request_, "cpu", "asked for")


def test_device_arrays_cannot_take_the_host_transport():
    with pytest.raises(InputError, match=r"in host memory.*Use --transport staged"):
        select_transport("host", "gpu", "H100")


@pytest.mark.parametrize("request_", ["auto", "direct"])
@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        (verdict("p2p", "bcast"), "proven for p2p, bcast, the rest is staged"),
        (verdict(*OPERATIONS[:-2]), f"proven for all but {', '.join(OPERATIONS[-2:])}"),
        (verdict(*OPERATIONS), "proven for all operations"),
    ],
    ids=["few", "most", "all"],
)
def test_what_was_proven_is_direct(request_, proof, reason):
    way = select_transport(request_, "gpu", "H100", proof)
    assert (way.name, way.direct_for, way.reason) == ("direct", proof.proven, reason)


def test_without_a_proof_arrays_are_staged():
    way = select_transport("auto", "gpu", "H100", NOTHING)
    assert (way.name, way.direct_for) == ("staged", frozenset())
    assert way.reason == "MPI takes no device memory: Segmentation fault in Send"
    assert select_transport("auto", "gpu", "H100").name == "staged"


def test_direct_without_a_proof_is_refused_with_its_reason():
    words = "MPICH 5.0.2 was not proven .*: Segmentation fault in Send. Use --transport staged"
    with pytest.raises(InputError, match=words):
        select_transport("direct", "gpu", "H100", NOTHING)


def test_staged_asks_for_no_proof():
    assert select_transport("staged", "gpu", "H100").reason == "asked for"


def test_forced_is_direct_for_everything():
    way = select_transport("force-direct", "gpu", "H100")
    assert (way.name, way.direct_for) == ("direct", frozenset(OPERATIONS))
    assert way.reason == "forced, no proof"


def test_when_a_proof_matters():
    words = ("auto", "host", "staged", "direct", "force-direct")
    needed = {(w, kind) for w in words for kind in ("cpu", "gpu") if needs_proof(w, kind)}
    assert needed == {("auto", "gpu"), ("direct", "gpu")}
