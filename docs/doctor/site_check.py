"""A site's own check: nobody computes on the login nodes."""

from collections.abc import Iterator

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind

LOGIN_NODE = Kind(
    id="our-login-node",
    level="warning",
    title="The launch is on a login node",
    cause="Everybody shares it, and processes that compute there are ended after ten minutes.",
    cure="srun --partition=compute -n {size} python program.py",
    text="Login nodes are for editing, compiling and submitting. Ask us for an account.",
    page="https://hpc.example.org/doctor",
)


def look_at_names(facts: tuple[Facts, ...]) -> Iterator[Finding]:
    """Look where the processes of the launch are. Local."""
    names = sorted({one.host for one in facts})
    if login := [name for name in names if name.startswith("login")]:
        yield LOGIN_NODE.found(f"{' and '.join(login)} in the launch", size=len(facts))
    else:
        yield Finding.ok(f"none among {', '.join(names)}")


CHECK = Check(
    name="login_node", title="Login node", scope="job", kinds=(LOGIN_NODE,), run=look_at_names
)
