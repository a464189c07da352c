"""Test and measure on this machine's GPU, from a bundle and without a network: see ci/gpu.sh."""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from find_gpu import find_gpu
from run_all import run_all
from unpack_bundle import Unusable, find_bundle, unpack_bundle

SECONDS = 460
"""Well within the 8 minutes that a session on a lent machine may have."""


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("ci/gpu.sh", description=__doc__)
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help="do it over an emulated driver, without a GPU and CuPy; nothing is measured",
    )
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="else $OUT, else ./results")
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        metavar="N",
        help="for all of it; else %(default)s",
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Unpack, run, tell; return 0 only if all that could run was right, 2 if nothing could."""
    options = parse(argv)
    results = options.results or Path(os.environ.get("OUT") or "results")
    work = Path(tempfile.mkdtemp(prefix="hpcpy-gpu-"))
    try:
        results.mkdir(parents=True, exist_ok=True)
        bundle = find_bundle(Path(__file__).resolve().parents[2])
        environ = unpack_bundle(bundle, work)
        if not options.rehearse and (missing := find_gpu(environ)):
            raise Unusable(f"{missing}. HPCPY_PYTHON names another Python; --rehearse needs no GPU")
        return run_all(
            bundle,
            work,
            results.resolve(),
            environ,
            rehearsed=options.rehearse,
            seconds=options.seconds,
        )
    except (ImportError, OSError, Unusable) as error:
        print(f"gpu.sh: {error} (of {sys.executable})", file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - any Python may be on the machine
        sys.exit(f"gpu.sh: {sys.executable} is Python {sys.version.split()[0]}, not 3.11 or newer")
    sys.exit(main())
