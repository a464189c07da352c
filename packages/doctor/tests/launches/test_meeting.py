"""Processes that were told that they are a launch meet, whatever becomes of some of them.

A launcher is not needed for that: its variables are given to processes that start here.
"""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack

import pytest

from hpcpy_testing.restoring_signals import restoring_signals

SECONDS = 60


@pytest.fixture
def start(tmp_path):
    """Return a function that starts one rank of a launch; all of them end with the test."""
    namespace = f"test-{uuid.uuid4().hex}"
    place = tmp_path / "place"
    place.mkdir()
    with ExitStack() as stack:

        def start(rank, size, *words, env=None, local=None, cwd=None):
            variables = {
                "OMPI_COMM_WORLD_RANK": str(rank),
                "OMPI_COMM_WORLD_SIZE": str(size),
                "OMPI_COMM_WORLD_LOCAL_SIZE": str(local or size),
                "PMIX_NAMESPACE": namespace,
                "TMPDIR": str(place),
            }
            words = words or ("--only", "world")
            command = restoring_signals([sys.executable, "-m", "hpcpy_doctor", "--json", *words])
            process = stack.enter_context(
                subprocess.Popen(
                    command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd,
                    env={**os.environ, **variables, **(env or {})},
                )
            )  # fmt: skip
            stack.callback(process.kill)
            return process

        yield start


def end(*processes):
    """Return the report, of which there must be one, and all exit codes."""
    said = [process.communicate(timeout=SECONDS) for process in processes]
    assert not any("Traceback" in err for _, err in said), said
    (report,) = [json.loads(out) for out, _ in said if out]
    return report, [process.returncode for process in processes]


def ids(report):
    return {one["id"] for check in report["checks"] for one in check["findings"]}


def test_all_are_heard_and_leave_with_the_same_code(start, tmp_path, site_checks):
    env = site_checks(collapses="its_checks:COLLAPSES")
    words = ("--only", "collapses", "--strict")
    report, codes = end(*(start(rank, 3, *words, env=env) for rank in (2, 0, 1)))
    assert report["launch"]["heard"] == 3
    (found,) = [check for check in report["checks"] if check["name"] == "collapses"]
    assert found["findings"][0]["id"] == "check-failed"
    assert found["findings"][0]["ranks"] == [0, 1, 2]
    assert codes == [1, 1, 1]
    assert list((tmp_path / "place").iterdir()) == []


def test_who_never_comes_is_missed(start):
    report, codes = end(start(0, 4), start(2, 4))
    assert codes == [2, 2]
    (found,) = report["checks"][0]["findings"]
    assert found["id"] == "processes-not-heard"
    assert "announced 4 processes, but ranks 1, 3 did not show up" in found["seen"]
    assert " -n 4 " in found["cure"]


def test_if_rank_0_never_comes_another_one_reports(start):
    report, codes = end(start(1, 3), start(2, 3))
    assert codes == [2, 2]
    assert "processes-not-heard" in ids(report)
    assert report["launch"]["heard"] == 2


def test_two_that_were_told_the_same_rank_print_one_report(start):
    report, codes = end(start(0, 2), start(0, 2))
    assert codes == [2, 2]
    assert {"processes-not-heard", "ranks-twice"} <= ids(report)


def test_on_several_nodes_they_meet_in_the_working_directory(start, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    nodes = [{"TMPDIR": str(tmp_path / name)} for name in ("node1", "node2")]
    for node in nodes:
        os.mkdir(node["TMPDIR"])  # noqa: PTH102 - it is text
    ranks = [start(rank, 2, env=nodes[rank], local=1, cwd=shared) for rank in (0, 1)]
    report, codes = end(*ranks)
    assert codes == [0, 0]
    assert report["launch"]["heard"] == 2
    assert list(shared.iterdir()) == []


def test_a_place_that_others_may_enter_is_not_used(start, tmp_path):
    base = tmp_path / "place" / f".hpcpy-doctor-{os.geteuid()}"
    base.mkdir()
    base.chmod(0o777)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    report, codes = end(*(start(rank, 2, cwd=elsewhere) for rank in (0, 1)))
    assert (codes, report["launch"]["heard"]) == ([0, 0], 2)
    assert list(base.iterdir()) == []


def test_what_a_dead_launch_has_left_is_removed(start, tmp_path):
    base = tmp_path / "place" / f".hpcpy-doctor-{os.geteuid()}"
    (base / "dead").mkdir(parents=True)
    base.chmod(0o700)
    (base / "dead" / "x.hello").touch()
    os.utime(base / "dead", (0, 0))
    end(*(start(rank, 2) for rank in (0, 1)))
    assert not base.exists()


@pytest.fixture
def waiting(start, site_checks, tmp_path):
    """Two processes, the first of which waits in an active check; and the child it waits for."""
    note = tmp_path / "note"
    env = {**site_checks(wait="its_checks:WAIT"), "HPCPY_TEST_NOTE": str(note)}
    ranks = [start(rank, 2, "--only", "wait", env=env) for rank in (0, 1)]
    end = time.monotonic() + SECONDS
    while not (note.exists() and note.read_text()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return *ranks, int(note.read_text())


def test_one_that_dies_meanwhile_does_not_hold_up_the_report(waiting):
    first, second, child = waiting
    second.kill()
    os.kill(child, signal.SIGTERM)  # it need not wait any more
    report, codes = end(first, second)
    assert codes == [0, -signal.SIGKILL]
    assert report["checks"][-1]["findings"][0]["seen"] == "waited"


def test_if_the_one_that_reports_dies_the_others_say_so_and_leave(waiting):
    first, second, child = waiting
    first.kill()
    os.kill(child, signal.SIGKILL)
    out, err = second.communicate(timeout=SECONDS)
    assert (out, second.returncode) == ("", 1)
    assert "error: the process that reports has ended" in err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_one_takes_its_children_along(waiting, number, code):
    first, second, child = waiting
    first.send_signal(number)
    out, err = first.communicate(timeout=SECONDS)
    assert (first.returncode, out, err) == (code, "", "")
    second.communicate(timeout=SECONDS)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_reader_that_goes_away_is_no_error():
    doctor = f"{sys.executable} -m hpcpy_doctor --list"
    done = subprocess.run(
        ["bash", "-c", f"{doctor} | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True, text=True, timeout=SECONDS, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.split() == [str(128 + signal.SIGPIPE)]


def test_a_sites_own_checks_are_done_and_explained(site_checks):
    env = {**os.environ, **site_checks(licence="its_checks", broken="its_checks:NONE")}
    doctor = [sys.executable, "-m", "hpcpy_doctor"]
    options = {"capture_output": True, "text": True, "timeout": SECONDS, "env": env}
    done = subprocess.run([*doctor, "--only", "licence"], check=True, **options)
    assert "warning  Licence           no-licence" in done.stdout
    assert "site-check-broken" in done.stdout
    told = subprocess.run([*doctor, "--explain", "no-licence"], check=True, **options)
    assert "Nobody paid." in told.stdout
