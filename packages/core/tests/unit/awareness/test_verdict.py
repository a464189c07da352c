import json

import pytest

from hpcpy_core.awareness import OPERATIONS, Verdict


def make(**failures):
    return Verdict(
        failures=failures,
        library="Open MPI 5.0.7",
        driver="13.0, NVIDIA H100",
        nodes=1,
        seconds=1.5,
        lasting=True,
        queries={"loads libcuda by itself": "yes"},
    )


def test_what_did_not_fail_is_proven():
    verdict = make(rma="crashed", reduction="wrong data")
    assert verdict.proven == set(OPERATIONS) - {"rma", "reduction"}
    assert verdict.reason.startswith("proven for p2p, persistent, bcast, gather, datatype, ")
    assert verdict.reason.endswith(" only")
    assert make().reason == "proven for all operations"


def test_the_first_failure_is_the_reason_where_nothing_is_proven():
    failures = {name: f"{name} crashed" for name in reversed(OPERATIONS)}
    assert make(**failures).reason == "p2p crashed"


def test_json_brings_it_back():
    for verdict in (make(), make(p2p="crashed"), make(**dict.fromkeys(OPERATIONS, "no device"))):
        assert Verdict.from_json(verdict.to_json()) == verdict


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"operations": {"p2p": {"proven": True}}},
        {"operations": None},
        {"nodes": "1"},
        {"lasting": "yes"},
        {"seconds": None},
        {"queries": []},
        {"more": 1},
    ],
    ids=str,
)
def test_what_it_has_not_written_is_refused(change):
    text = json.dumps({**json.loads(make().to_json()), **change})
    with pytest.raises((ValueError, KeyError, TypeError)):
        Verdict.from_json(text)


@pytest.mark.parametrize("proven", [1, "true", None])
def test_only_true_is_proven(proven):
    read = json.loads(make().to_json())
    read["operations"]["bcast"]["proven"] = proven
    assert "bcast" not in Verdict.from_json(json.dumps(read)).proven
