import resource
import subprocess
import sys

import pytest

from hpcpy_doctor.checks.limits import look_at_limits

LOOKS = """
import resource, sys
from hpcpy_core import limits
from hpcpy_doctor.checks.limits import look_at_limits
from types import SimpleNamespace
facts = SimpleNamespace(library_text="MPICH Version: 5.0.2 ch4", environ={})
resource.setrlimit(getattr(resource, sys.argv[1]), (int(sys.argv[2]),) * 2)
for one in look_at_limits((facts,)):
    print(one.id, one.cure)
"""


def test_where_there_is_room(plain_facts):
    (found,) = look_at_limits((plain_facts(),), find=lambda *_: [])
    assert found.level == "ok"


def test_words_are_parted_and_shared_memory_has_its_own_check(plain_facts):
    words = ["files: at most 3: ulimit -n 9, before mpiexec", "/dev/shm has 1 MiB: mount"]
    (found,) = look_at_limits((plain_facts(),), find=lambda *_: words)
    assert (found.id, found.level) == ("process-limit", "error")
    assert (found.seen, found.cure) == ("files: at most 3", "ulimit -n 9")


@pytest.mark.parametrize(
    ("name", "limit", "cure"),
    [
        ("RLIMIT_NOFILE", 16, "ulimit -n 1024"),
        ("RLIMIT_FSIZE", 1024, "ulimit -f unlimited"),
    ],
)
def test_a_limit_of_this_process_is_named(name, limit, cure):
    assert hasattr(resource, name)
    done = subprocess.run(
        [sys.executable, "-c", LOOKS, name, str(limit)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"process-limit {cure}\n" in done.stdout
