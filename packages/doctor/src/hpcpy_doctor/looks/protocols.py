"""How a launcher's processes and their MPI library find each other: PMI or PMIx."""

from collections.abc import Mapping

from hpcpy_doctor.looks.vendors import find_family

__all__ = ["list_offered", "list_spoken"]


def list_offered(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the launcher offers, by its variables. Local."""
    marks = {"PMI": "PMI_RANK", "PMIx": "PMIX_RANK"}
    return tuple(name for name, variable in marks.items() if variable in environ)


def list_spoken(library: str | None) -> tuple[str, ...]:
    """Return what a library speaks, by the text of MPI_Get_library_version. Local.

    Open MPI 5 speaks PMIx alone; an MPICH speaks it where it was configured to.
    """
    family = find_family(library)
    if family is None:
        return ("PMI", "PMIx")
    if family == "Open MPI":
        return ("PMIx",)
    return ("PMI", "PMIx") if "pmix" in (library or "").lower() else ("PMI",)
