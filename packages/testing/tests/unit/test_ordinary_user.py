import os

import pytest

from hpcpy_testing.ordinary_user import ORDINARY_USER, as_ordinary_user, folder_of_ordinary_user


def test_the_user_is_another_one_and_may_do_less():
    with folder_of_ordinary_user() as folder:
        (folder / "a").touch(mode=0o400)

        def look():
            (folder / "own").touch()
            return os.getuid(), os.getgid(), os.getgroups()

        seen = as_ordinary_user(look)
        if os.geteuid() == 0:
            assert seen == (ORDINARY_USER, ORDINARY_USER, [])
            with pytest.raises(PermissionError):
                as_ordinary_user((folder / "a").read_bytes)
        assert (folder / "own").exists()
    assert not folder.exists()


def test_what_is_raised_and_a_death_arrive():
    with pytest.raises(ZeroDivisionError):
        as_ordinary_user(lambda: 1 / 0)
    if os.geteuid() == 0:
        with pytest.raises(ChildProcessError, match="ended with status"):
            as_ordinary_user(lambda: os._exit(3))
