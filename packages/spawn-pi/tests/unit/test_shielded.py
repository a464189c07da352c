import json
import socket

import pytest

from hpcpy_spawn_pi.shielded import LEAVE, LONGEST, Shielded, Stranger


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


@pytest.mark.parametrize(
    "words",
    [
        b"garbage\n",
        b"\xff\xfe\n",
        b"[1]\n",
        b"3\n",
        b'{"code": "0"}\n',
        b'{"code": true}\n',
        b'{"rank": [0]}\n',
        b"[" * 4000 + b"\n",
    ],
)
def test_what_no_shield_says_is_a_lost_worker(pair, words):
    worker, shield = pair
    say(shield, rank=0, pid=1)
    shield.sendall(words)
    while worker.talks:
        worker.listen()
    assert worker.failed
    assert str(worker).startswith("worker 0 (process 1) ")


def test_a_line_without_end_is_not_kept(pair):
    worker, shield = pair
    for _ in range(3):
        shield.sendall(b"x" * LONGEST)
        worker.listen()
    assert worker.failed


@pytest.fixture
def stranger():
    """A connection as the guard sees it, and its other end."""
    here, there = socket.socketpair()
    with here, there:
        yield Stranger(here, "abc"), there


@pytest.mark.parametrize(
    ("words", "known", "right"),
    [
        (b"", False, False),
        (b"ab", False, False),
        (b"abc", False, False),
        (b"abc\n", True, True),
        (b"abc\n{", True, True),
        (b"abd", True, False),
        (b"abcd", True, False),
        (b"\n", True, False),
        (b"\xff" * 1000, True, False),
    ],
)
def test_who_shows_the_token_is_right(stranger, words, known, right):
    who, there = stranger
    there.sendall(words)
    assert (who.listen(), who.right) == (known, right)


def test_a_token_may_come_in_pieces_and_no_more_than_it_is_read(stranger):
    who, there = stranger
    for letter in b"abc":
        there.sendall(bytes([letter]))
        assert not who.listen()
    there.sendall(b"\nmore")
    assert who.listen()
    assert who.right
    assert who.connection.recv(10) == b"more"


def test_who_leaves_before_the_token_is_wrong(stranger):
    who, there = stranger
    there.sendall(b"ab")
    there.close()
    assert not who.listen()
    assert who.listen()
    assert not who.right
