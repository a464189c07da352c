"""The proof with a stand-in for mpiexec, whose ranks say what a test wants them to say."""

import json
import os
import stat
import sys
import time
from types import SimpleNamespace

import pytest

from hpcpy_core.awareness import OPERATIONS, choose_launch
from hpcpy_core.awareness import prove as module
from hpcpy_core.awareness.prove import prove
from hpcpy_core.cuda_driver import NoDriverError

PROBE = "hpcpy_core.awareness.probe"

LAUNCHER = """
import json, os, signal, sys, time
from pathlib import Path

BEHAVIOUR = {behaviour!r}
words = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(json.dumps(words) + "\\n")
job = words[words.index({probe!r}) + 1 :]
launches = len(Path({log!r}).read_text().splitlines())
if "refuse" in BEHAVIOUR or BEHAVIOUR.get("refuse_after") == launches - 1:
    sys.exit("error: no slots left")

def say(**said):
    for rank in range(2):
        print("hpcpy-probe", json.dumps(dict(said, rank=rank)), flush=True)

queries = {{"loads libcuda by itself": "yes"}}
say(started="MPI 1.0", ranks=2, nodes=1, queries=queries, driver="13.0", device="GPU")
for operation in job[2:]:
    part, *does = BEHAVIOUR.get(operation, "it does well").split(maxsplit=1)
    say(trying=operation, part=part, bytes=8, host={host!r}, shared=[{shared!r}])
    if does == ["crashes"]:
        os.kill(os.getpid(), signal.SIGSEGV)
    if does == ["hangs"]:
        time.sleep(1000)
    say(right=operation)
"""


@pytest.fixture
def launcher(tmp_path, monkeypatch):
    """Return a function that installs a launcher; it returns what the launches were given."""
    monkeypatch.setattr(choose_launch, "load_driver", lambda: None)
    monkeypatch.setattr(module, "TRIAL_SECONDS", 1.0)
    program, log = tmp_path / "mpiexec", tmp_path / "log"

    def install(**behaviour):
        body = LAUNCHER.format(
            probe=PROBE,
            behaviour=behaviour,
            log=str(log),
            host=os.uname().nodename,
            shared="/dev/shm/x",
        )
        program.write_text(f"#!{sys.executable}\n{body}")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("HPCPY_MPIEXEC", str(program))
        return lambda: [
            SimpleNamespace(words=words, operations=words[8:])
            for words in map(json.loads, log.read_text().splitlines())
        ]

    return install


def test_all_is_proven_by_one_launch_of_two_ranks(launcher):
    launches = launcher()
    verdict = prove(seconds=30)
    assert verdict.failures == {}
    assert verdict.lasting
    assert (verdict.library, verdict.driver, verdict.nodes) == ("MPI 1.0", "13.0, GPU", 1)
    assert verdict.queries == {"loads libcuda by itself": "yes"}
    (launch,) = launches()
    assert launch.words[:7] == ["-n", "2", sys.executable, "-P", "-m", PROBE, "30"]
    assert launch.operations == [*OPERATIONS]


def test_after_a_crash_the_rest_is_tried_in_another_job(launcher):
    launches = launcher(bcast="Bcast crashes", rma="Put crashes")
    verdict = prove(seconds=30)
    assert verdict.failures == {
        "bcast": "segmentation fault (Bcast, 8 B)",
        "rma": "segmentation fault (Put, 8 B)",
    }
    assert verdict.lasting
    first, second, third = (launch.operations for launch in launches())
    assert first == [*OPERATIONS]
    assert second == [*OPERATIONS[OPERATIONS.index("bcast") + 1 :]]
    assert third == [*OPERATIONS[OPERATIONS.index("rma") + 1 :]]


def test_where_messages_between_ranks_fail_nothing_else_is_tried(launcher):
    launches = launcher(p2p="between crashes")
    verdict = prove(seconds=30)
    assert verdict.proven == set()
    assert verdict.reason == "segmentation fault (between, 8 B)"
    assert verdict.failures["accumulate"] == "not tried, because p2p failed"
    assert verdict.lasting
    assert len(launches()) == 1


def test_where_only_messages_to_itself_fail_the_rest_is_tried(launcher, monkeypatch):
    monkeypatch.setattr(module, "TO_ITSELF", "itself")
    launches = launcher(p2p="itself crashes")
    assert prove(seconds=30).proven == {*OPERATIONS} - {"p2p"}
    assert len(launches()) == 2


def test_what_needs_a_failed_operation_is_not_tried(launcher):
    launcher(reduction="Allreduce crashes")
    failures = prove(seconds=30).failures
    dependent = ("persistent_collective", "nonblocking_reduction", "accumulate")
    assert set(failures) == {"reduction", *dependent}
    assert {failures[name] for name in dependent} == {"not tried, because reduction failed"}


def test_a_hang_is_ended_and_told(launcher):
    launcher(gather="Gather hangs", nonblocking="Ibcast crashes")
    began = time.monotonic()
    verdict = prove(seconds=1.5)
    assert time.monotonic() - began < 10
    assert verdict.failures["gather"] == "hung: no answer in 1 s (Gather, 8 B)"
    assert verdict.failures["rma"] == "not tried: 1.5 s were over"
    assert verdict.proven == {"p2p", "persistent", "bcast"}
    assert not verdict.lasting, "a longer proof may say more"


def test_a_launcher_that_refuses_is_no_verdict_on_mpi(launcher):
    launcher(refuse=True)
    verdict = prove(seconds=30)
    assert not verdict.lasting
    assert verdict.reason == (
        "its job did not start: no slots left. Run `python -m hpcpy_core.awareness` before "
        "mpiexec, in the same environment; --launch names another launcher"
    )
    assert set(verdict.failures) == set(OPERATIONS)


def test_a_later_job_that_does_not_start_leaves_what_was_proven(launcher):
    launches = launcher(bcast="Bcast crashes", refuse_after=1)
    verdict = prove(seconds=30)
    assert {"p2p", "persistent"} <= verdict.proven
    assert verdict.failures["gather"] == "its job did not start: no slots left"
    assert not verdict.lasting
    assert len(launches()) > 2


def test_words_of_the_user_start_it(launcher):
    launches = launcher()
    assert prove(launch=[os.environ["HPCPY_MPIEXEC"], "-N", "2"], seconds=30).lasting
    (launch,) = launches()
    assert launch.words[:3] == ["-N", "2", sys.executable]


def test_words_that_are_no_program(launcher):
    verdict = prove(launch=["/no/such/program"], seconds=30)
    assert not verdict.lasting
    assert "its job did not start: " in verdict.reason
    assert "/no/such/program" in verdict.reason


def test_without_a_driver_nothing_is_launched(launcher, monkeypatch):
    def fail():
        raise NoDriverError("no NVIDIA driver")

    launches = launcher(p2p="between crashes")
    monkeypatch.setattr(choose_launch, "load_driver", fail)
    verdict = prove(seconds=30)
    assert verdict.reason == "no NVIDIA driver"
    assert not verdict.lasting
    with pytest.raises(FileNotFoundError):
        launches()


def test_what_a_crash_leaves_in_shared_memory_is_swept(launcher, monkeypatch):
    swept = []
    monkeypatch.setattr(module, "sweep", lambda names, since: swept.append((names, since)))
    launcher()
    prove(seconds=30)
    assert swept == [], "a job that ended well cleans up by itself"
    launcher(p2p="between crashes")
    began = time.time()
    prove(seconds=30)
    ((names, since),) = swept
    assert names == {"/dev/shm/x"}
    assert began <= since <= time.time()
