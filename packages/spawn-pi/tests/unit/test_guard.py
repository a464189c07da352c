"""A guard, real sockets and real shields, with no MPI: subprocesses stand in for Spawn."""

import os
import resource
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_spawn_pi import guard as module
from hpcpy_spawn_pi.guard import Guard

LONG = 60.0
"""Seconds of a deadline, and of a wait, that no test comes near to."""

SOON = 0.2

RANK = "PMI_RANK"

DIES = "import os; os.kill(os.getpid(), 9)"
STAYS = "import time; time.sleep(1000)"


class Recorder:
    """What a guard says at a loss, in place of the end of the job."""

    def __init__(self):
        self.messages = []
        self.happened = threading.Event()

    def __call__(self, message):
        self.messages.append(message)
        self.happened.set()

    def wait(self):
        """Return the one message."""
        assert self.happened.wait(LONG)
        (message,) = self.messages
        return message


@pytest.fixture
def lose(monkeypatch):
    monkeypatch.setattr(module, "GATHER_SECONDS", 0.05)
    return Recorder()


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Return a function that starts a program as a worker, as MPI's launcher would."""
    (tmp_path / "modules").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))
    shields = []

    def start(guard, program, *, rank=0, folder=tmp_path, arguments=()):
        name = f"worker_{len(shields)}"
        (tmp_path / "modules" / f"{name}.py").write_text(f"{program}\n")
        environ = {**os.environ, "PMI_SIZE": "9", RANK: str(rank)}
        command = [sys.executable, *guard.shielded(name, *arguments)]
        shields.append(
            subprocess.Popen(
                command, env=environ, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        )
        return shields[-1]

    yield start
    for shield in shields:
        shield.kill()
        shield.communicate()


def has_gone(pid):
    """Wait until there is no such process, or only what its parent has not yet asked for."""
    end = monotonic() + LONG
    while monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:  # ESRCH, if it goes while it is read
            return True
        if state == "Z":
            return True
        sleep(0.01)
    return False


def wait_for(path):
    end = monotonic() + LONG
    while not (path.exists() and path.read_text()) and monotonic() < end:
        sleep(0.01)
    return path.read_text()


def test_workers_that_leave_as_they_should(start, lose):
    with Guard(LONG, lose=lose) as guard:
        guard.waiting("starting", may_leave=True)
        shield = start(guard, "import sys; print(sys.argv[1:])", arguments=("a", "b c"))
        other = start(guard, "")
        assert shield.communicate(timeout=LONG) == (b"['a', 'b c']\n", b"")
        assert (shield.returncode, other.wait(LONG)) == (0, 0)
    assert lose.messages == []


def test_a_guard_is_not_left_before_a_loss_is_told(start, lose, monkeypatch, tmp_path):
    """Else a result without that worker's part would pass for the whole."""
    monkeypatch.setattr(module, "GATHER_SECONDS", 1.0)
    with Guard(LONG, lose=lose) as guard:
        guard.waiting("a worker left", may_leave=True)
        start(guard, "import sys; sys.exit(3)")
        while not any(worker.ended for worker in guard._workers):
            sleep(0.01)
    assert "exited with 3" in lose.wait()


def test_a_guard_of_none_is_left_at_once(lose):
    with Guard(LONG, lose=lose):
        pass
    assert lose.messages == []


@pytest.mark.parametrize(
    ("program", "may_leave", "words"),
    [
        ("import sys; sys.exit(3)", False, "exited with 3"),
        ("import sys; sys.exit(3)", True, "exited with 3"),
        ("", False, "exited with 0"),
        ("import sys; sys.exit('no')", True, "exited with 1"),
        ("1 / 0", True, "exited with 1"),
        (DIES, False, "was killed by signal 9 (SIGKILL)"),
        (DIES, True, "was killed by signal 9 (SIGKILL)"),
    ],
)
def test_a_lost_worker_is_named(start, lose, program, may_leave, words):
    with Guard(LONG, advice="Do better", lose=lose) as guard:
        guard.waiting("trying", may_leave=may_leave)
        start(guard, program, rank=4)
        message = lose.wait()
    before, _, after = message.partition(" (process ")
    assert before == "while trying: worker 4"
    pid, _, after = after.partition(") ")
    assert int(pid)
    assert after == f"{words}. Do better"
    assert has_gone(int(pid))


def test_why_a_worker_failed_is_on_its_error_output(start, lose):
    with Guard(LONG, lose=lose) as guard:
        shield = start(guard, "1 / 0")
        lose.wait()
    assert b"ZeroDivisionError" in shield.communicate(timeout=LONG)[1]


def test_a_worker_that_left_in_peace_is_lost_if_it_should_be_there(start, lose):
    with Guard(LONG, lose=lose) as guard:
        guard.computing("they computed")
        start(guard, "")
        assert lose.wait().startswith("while they computed: worker 0")


def test_while_they_compute_no_clock_runs(start, lose, tmp_path):
    go = tmp_path / "go"
    until = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    with Guard(SOON, lose=lose) as guard:
        guard.computing("they computed")
        shield = start(guard, until)
        sleep(5 * SOON)
        assert lose.messages == []
        guard._timeout = LONG
        guard.waiting("they left", may_leave=True)
        go.touch()
    assert shield.wait(LONG) == 0
    assert lose.messages == []


def test_a_deadline_of_a_wait(start, lose):
    began = monotonic()
    with Guard(SOON, advice="Wait longer", lose=lose) as guard:
        guard.waiting("starting 2 workers")
        assert lose.wait() == f"while starting 2 workers: not done within {SOON} s. Wait longer"
    assert monotonic() - began >= SOON


def test_a_deadline_tells_who_is_there(start, lose, tmp_path):
    with Guard(LONG, lose=lose) as guard:
        shield = start(guard, f"open({str(tmp_path / 'there')!r}, 'w').write('yes'); {STAYS}")
        start(guard, "").wait(LONG)
        wait_for(tmp_path / "there")
        guard._timeout = SOON
        guard.waiting("leaving", may_leave=True)
        assert "not done within 0.2 s; 2 worker processes were started, 1 live" in lose.wait()
    shield.wait(LONG)


def test_the_last_wait_goes_on_until_all_have_left(start, lose, tmp_path):
    with Guard(LONG, lose=lose) as guard:
        guard.waiting("leaving", may_leave=True)
        shield = start(
            guard,
            f"import time; open({str(tmp_path / 'there')!r}, 'w').write('yes'); time.sleep({SOON})",
        )
        wait_for(tmp_path / "there")
    assert shield.wait(LONG) == 0
    assert lose.messages == []


def test_a_worker_that_stays_is_late(start, lose, tmp_path):
    with Guard(SOON, lose=lose) as guard:
        guard.computing("computing")
        start(guard, f"open({str(tmp_path / 'there')!r}, 'w').write('yes'); {STAYS}")
        wait_for(tmp_path / "there")
        guard.waiting("they handed in their sums", may_leave=True)
    assert "while they handed in their sums: not done within 0.2 s" in lose.wait()


def test_losses_of_one_cause_are_told_in_one_message(start, lose, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "GATHER_SECONDS", 2.0)
    go = tmp_path / "go"
    with Guard(LONG, lose=lose) as guard:
        guard.computing("they computed")
        for rank in range(3):
            dies = f"time.sleep({rank * SOON}); os._exit(7)" if rank else STAYS
            start(
                guard,
                "import os, time\n"
                f"open({str(tmp_path / str(rank))!r}, 'w').write('yes')\n"
                f"while not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
                f"{dies}",
                rank=rank,
            )
        for rank in range(3):
            wait_for(tmp_path / str(rank))
        go.touch()
        message = lose.wait()
    assert message.count("exited with 7") == 2
    assert "worker 1" in message
    assert "worker 2" in message
    assert "worker 0" not in message


def test_when_the_guard_ends_by_an_exception_so_do_the_workers(start, lose, tmp_path):
    guard, pid = Guard(LONG, lose=lose), tmp_path / "pid"

    def fail():
        with guard:
            guard.computing("they computed")
            start(guard, f"import os; open({str(pid)!r}, 'w').write(str(os.getpid())); {STAYS}")
            raise ZeroDivisionError(wait_for(pid))

    with pytest.raises(ZeroDivisionError) as caught:
        fail()
    assert has_gone(int(str(caught.value)))
    assert lose.messages == []


def test_when_the_parent_is_killed_so_are_the_workers(tmp_path):
    """The parent cannot say anything: its sockets close, and that is enough."""
    (tmp_path / "stays.py").write_text(
        "import os, sys, time\n"
        "open(sys.argv[1], 'w').write(f'{os.getpid()} {os.getppid()}')\n"
        "time.sleep(1000)\n"
    )
    parent = (
        "import os, subprocess, sys, time\n"
        "from hpcpy_spawn_pi.guard import Guard\n"
        "with Guard(1000) as guard:\n"
        "    command = guard.shielded('stays', sys.argv[1])\n"
        "    subprocess.Popen([sys.executable, *command])\n"
        "    while not os.path.exists(sys.argv[1]) or not open(sys.argv[1]).read():\n"
        "        time.sleep(0.01)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    said = tmp_path / "pids"
    subprocess.run(
        [sys.executable, "-c", parent, str(said)],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        timeout=LONG,
        check=False,
    )
    for pid in wait_for(said).split():
        assert has_gone(int(pid))


def test_a_worker_dies_with_its_shield(start, lose, tmp_path):
    pid = tmp_path / "pid"
    with Guard(LONG, lose=lose) as guard:
        guard.computing("they computed")
        shield = start(
            guard, f"import os; open({str(pid)!r}, 'w').write(str(os.getpid())); {STAYS}"
        )
        worker = int(wait_for(pid))
        end = monotonic() + LONG
        while f"(process {worker})" not in "".join(map(str, guard._workers)) and monotonic() < end:
            sleep(0.01)  # the shield tells the guard on its own
        shield.kill()
        message = lose.wait()
    assert message.endswith(f"worker 0 (process {worker}) was killed together with its shield")
    assert has_gone(worker)


def test_where_no_guard_listens_the_module_runs_without(start, tmp_path):
    """As on another node: what it does is not changed, and neither is its exit code."""
    with Guard(LONG) as guard:
        pass
    program = "import os, sys; print(os.getpid(), sys.argv[1]); sys.exit(3)"
    shield = start(guard, program, arguments=("word",))
    said, _ = shield.communicate(timeout=LONG)
    assert said.split() == [str(shield.pid).encode(), b"word"]
    assert shield.returncode == 3


def test_a_file_in_the_current_directory_does_not_pass_for_a_module(start, lose, tmp_path):
    for name in ("worker_0", "hpcpy_spawn_pi", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(99)\n")
    with Guard(LONG, lose=lose) as guard:
        guard.waiting("starting", may_leave=True)
        assert start(guard, "import json; print(json.__name__)").wait(LONG) == 0
    assert lose.messages == []


def test_others_connections_are_not_taken_for_shields(lose, monkeypatch):
    with Guard(LONG, lose=lose) as guard, socket.socket(socket.AF_UNIX) as stranger:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        connect(guard, stranger)
        assert stranger.recv(1) == b""
    assert lose.messages == []


def connect(guard, stranger):
    stranger.settimeout(LONG)
    stranger.connect(f"\0{guard.shield()[-2]}")


GARBAGE = {
    "nothing": b"",
    "bytes": b"\xff\x00\xfe" * 100,
    "a line": b"hello\n",
    "words of a shield": b'{"rank": 0, "pid": 1}\n{"code": 9}\n',
    "a list": b"[1, 2]\n",
    "deep": b"[" * 100_000 + b"\n",
    "huge": b"x" * 10_000_000,
    "half a token": None,
    "a wrong token": b"0" * 32 + b'\n{"code": 9}\n',
}


@pytest.mark.parametrize("leaves", [True, False])
@pytest.mark.parametrize("garbage", GARBAGE)
def test_this_users_garbage_is_not_taken_for_a_shield(start, lose, garbage, leaves):
    """Nor is it waited for, and shields still come through."""
    with Guard(LONG, lose=lose) as guard, socket.socket(socket.AF_UNIX) as stranger:
        guard.computing("they computed")
        connect(guard, stranger)
        words = GARBAGE[garbage]
        words = guard.shield()[-1][:9].encode() if words is None else words
        with suppress(ConnectionError):  # the guard has closed it by then
            stranger.sendall(words)
        if leaves:
            stranger.close()
        guard.waiting("starting", may_leave=True)
        shield = start(guard, "print('here')")
        assert shield.communicate(timeout=LONG) == (b"here\n", b"")
        assert len(guard._workers) == 1
    assert lose.messages == []


def test_many_connections_do_not_take_all_files(start, lose):
    strangers = []
    with Guard(LONG, lose=lose) as guard:
        guard.waiting("starting", may_leave=True)
        for _ in range(200):
            strangers.append(socket.socket(socket.AF_UNIX))
            connect(guard, strangers[-1])
        shield = start(guard, "print('here')")
        assert shield.communicate(timeout=LONG)[0] == b"here\n"
        assert len(guard._strangers) <= module.MOST_STRANGERS
        for stranger in strangers:
            stranger.close()
    assert lose.messages == []


def test_where_no_more_files_may_be_open_a_stranger_has_to_go(lose):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Guard(LONG, lose=lose) as guard, socket.socket(socket.AF_UNIX) as first:
        connect(guard, first)
        second = socket.socket(socket.AF_UNIX)
        while not guard._strangers:
            sleep(0.01)
        free = os.open(os.devnull, os.O_RDONLY)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
        try:
            connect(guard, second)
            assert first.recv(1) == b""
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        second.close()
    assert lose.messages == []


def test_descriptors_beyond_those_of_select(start, lose):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 1200:
        pytest.skip(f"this user may have {hard} files open, and 1200 are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        with Guard(LONG, lose=lose) as guard:
            guard.waiting("starting", may_leave=True)
            assert start(guard, "").wait(LONG) == 0
            assert guard._workers[0].connection.fileno() > 1024
    finally:
        for file in files:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert lose.messages == []


@pytest.mark.parametrize(
    "error", [OSError(24, "Too many open files"), AttributeError("a fault of ours")]
)
def test_a_guard_that_cannot_watch_any_more_says_so(lose, monkeypatch, error):
    with Guard(LONG, lose=lose) as guard:

        def fail(*_):
            raise error

        monkeypatch.setattr(module.select, "poll", fail)
        guard.computing("they computed")
        assert "while they computed: the guard cannot watch any more: " in lose.wait()


def test_an_error_of_mpi_is_explained(lose):
    with Guard(LONG, advice="Do better", lose=lose) as guard:
        guard.waiting("starting 2 workers")
        said = guard.explain(RuntimeError("MPI_ERR_SPAWN: could\nnot spawn"))
    assert type(said) is HpcpyError
    assert str(said) == (
        "while starting 2 workers: RuntimeError: MPI_ERR_SPAWN: could not spawn. Do better"
    )


def test_a_guard_leaves_nothing_behind(start, lose, tmp_path, monkeypatch):
    """However it ends; and it works where the path of temporary files is long."""
    place = tmp_path / ("long" * 40)
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    before = count_open_files()
    with Guard(LONG, lose=lose) as guard:
        start(guard, DIES)
        lose.wait()
    assert list(place.iterdir()) == []
    outputs_of_the_shield = 2
    assert count_open_files() == before + outputs_of_the_shield


def count_open_files():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_the_job_ends_with_one_line_and_what_was_printed_before():
    program = (
        "import sys; from hpcpy_spawn_pi.guard import end_job\n"
        "sys.stdout.write('before'); end_job('while trying: lost')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG, check=False
    )
    assert (done.returncode, done.stdout) == (1, "before")
    assert done.stderr == "error: while trying: lost\n"
