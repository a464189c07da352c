"""Ask which NCCL CuPy finds. Run as a process of its own: CuPy starts CUDA, which may crash.

``python -m hpcpy_doctor.looks.ask_nccl`` prints a line of JSON.
"""

import json
import sys
import warnings
from pathlib import Path

from hpcpy_core.find_library import list_mapped

__all__ = ["main"]


def main() -> int:
    """Say its version and its file, or what is missing, on standard output. Local."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of every library that it does not find
            from cupy.cuda import nccl
        if not nccl.available:
            raise ImportError("CuPy finds no libnccl.so.2")
        version = int(nccl.get_version())
    except Exception as error:  # a CuPy without NCCL fails in many ways
        said: dict[str, object] = {"missing": str(error).strip().partition("\n")[0]}
    else:
        files = [path for path in list_mapped() if Path(path).name.startswith("libnccl.so")]
        said = {"version": version, "path": files[0] if files else None}
    sys.stdout.write(json.dumps(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
