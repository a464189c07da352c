"""Run a piece of a test as an ordinary user: root may do what the test says is refused."""

import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

__all__ = ["ORDINARY_USER", "as_ordinary_user", "folder_of_ordinary_user"]

ORDINARY_USER = 65534
"""The number of a user and a group that are there everywhere and own nothing."""

R = TypeVar("R")


@contextmanager
def folder_of_ordinary_user() -> Iterator[Path]:
    """Make a folder that this user has, where every user can reach it; remove it. Local.

    ``tmp_path`` is below a folder that only root may enter.
    """
    folder = Path(mkdtemp(prefix="hpcpy-user-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(folder, ORDINARY_USER, ORDINARY_USER)
        yield folder
    finally:
        shutil.rmtree(folder)


def as_ordinary_user(call: Callable[[], R], user: int = ORDINARY_USER) -> R:
    """Call a function in a child that has dropped root's rights; return what it does. Local.

    What it returns or raises is pickled. Where this process is no root, it is the user's own.
    For tests without MPI: the child is forked.
    """
    if os.geteuid() != 0:
        return call()
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(call, user, sending)
    os.close(sending)
    with os.fdopen(receiving, "rb") as answer:
        content = answer.read()
    _, status = os.waitpid(child, 0)
    if not content:
        raise ChildProcessError(f"the ordinary user's process ended with status {status}")
    raised, result = pickle.loads(content)
    if raised:
        raise result
    returned: R = result
    return returned


def _answer(call: Callable[[], R], user: int, sending: int) -> None:
    """Be the child, which never returns."""
    try:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        try:
            answer = pickle.dumps((False, call()))
        except BaseException as error:
            answer = pickle.dumps((True, error))
        with os.fdopen(sending, "wb") as sink:
            sink.write(answer)
    finally:
        os._exit(0)
