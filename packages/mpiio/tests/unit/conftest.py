import os
from pathlib import Path

import pytest

from hpcpy_mpiio import temporary as temporary_module
from hpcpy_mpiio.temporary import name_temporary


@pytest.fixture
def leave_temporary(monkeypatch):
    """Create the temporary of a save of `target` by a process that is no more."""

    def leave(target: Path) -> Path:
        child = os.posix_spawn("/bin/true", ["true"], {})
        os.waitpid(child, 0)
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: child)
            patch.setattr(temporary_module, "_read_start", lambda process: 1)
            path = target.with_name(name_temporary(target.name))
        path.write_bytes(b"half of a file")
        return path

    return leave
