import json
import socket

import pytest

from hpcpy_spawn_pi.shielded import LEAVE, Shielded


@pytest.fixture
def pair():
    """A worker as the guard sees it, and its shield's end of the connection."""
    here, there = socket.socketpair()
    with here, there:
        yield Shielded(here), there


def say(shield, **words):
    shield.sendall(json.dumps(words).encode() + b"\n")


def test_a_worker_lives_until_its_end_is_told(pair):
    worker, shield = pair
    assert str(worker) == "a worker (process None) lives"
    say(shield, rank=1, pid=4711)
    worker.listen()
    assert str(worker) == "worker 1 (process 4711) lives"
    assert not worker.ended
    assert not worker.failed


@pytest.mark.parametrize(
    ("code", "failed", "words"),
    [
        (0, False, "exited with 0"),
        (3, True, "exited with 3"),
        (-9, True, "was killed by signal 9 (SIGKILL)"),
        (-11, True, "was killed by signal 11 (SIGSEGV)"),
        (-40, True, "was killed by signal 40"),
    ],
)
def test_its_end_has_a_name(pair, code, failed, words):
    worker, shield = pair
    say(shield, rank=0, pid=1)
    say(shield, code=code)
    worker.listen()
    assert worker.ended
    assert worker.failed is failed
    assert str(worker) == f"worker 0 (process 1) {words}"


def test_words_may_come_in_pieces(pair):
    worker, shield = pair
    said = b'{"rank": 2, "pid": 5}\n{"code": 7}\n'
    for letter in said:
        shield.sendall(bytes([letter]))
        worker.listen()
    assert str(worker) == "worker 2 (process 5) exited with 7"


def test_without_a_launcher_a_worker_has_no_rank(pair):
    worker, shield = pair
    say(shield, rank=None, pid=5)
    worker.listen()
    assert str(worker) == "a worker (process 5) lives"


def test_a_lost_shield_is_a_lost_worker(pair):
    worker, shield = pair
    say(shield, rank=0, pid=1)
    worker.listen()
    shield.close()
    worker.listen()
    assert not worker.talks
    assert worker.failed
    assert str(worker) == "worker 0 (process 1) was killed together with its shield"


def test_after_its_word_a_shield_may_be_gone(pair):
    worker, shield = pair
    say(shield, rank=0, pid=1)
    say(shield, code=0)
    shield.close()
    worker.listen()
    worker.listen()
    assert worker.ended
    assert not worker.failed


def test_it_is_let_go_once(pair):
    worker, shield = pair
    worker.let_go()
    worker.let_go()
    shield.settimeout(5)
    assert shield.recv(10) == LEAVE
    worker.connection.close()
    assert shield.recv(10) == b""


def test_a_shield_that_is_gone_needs_no_word(pair):
    worker, shield = pair
    shield.close()
    worker.let_go()
