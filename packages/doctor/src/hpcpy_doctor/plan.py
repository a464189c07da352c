"""Which checks are to be done."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from hpcpy_core.errors import InputError
from hpcpy_doctor.check import Check, Scope
from hpcpy_doctor.command import Options
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.this_launch import NAME

__all__ = ["Plan", "make_plan"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done.

    Attributes
    ----------
    options
        What the user asked for.
    checks
        In the order of the report.
    with_launch
        Whether this launch is to be tried as well.
    broken
        What is wrong with a site's own checks.
    """

    options: Options
    checks: tuple[Check, ...]
    with_launch: bool
    broken: tuple[Finding, ...]

    def of(self, *scopes: Scope) -> Iterator[Check]:
        """Yield the checks of these scopes. Local."""
        return (check for check in self.checks if check.scope in scopes)


def make_plan(options: Options, checks: tuple[Check, ...], broken: tuple[Finding, ...]) -> Plan:
    """Choose among the checks. Local.

    Parameters
    ----------
    options
        What the user asked for.
    checks, broken
        From `hpcpy_doctor.registry.load_checks`.

    Raises
    ------
    InputError
        If there is no check of a name that the user has given.
    """
    names = [*(check.name for check in checks), NAME]
    _check_names("--only", options.only, names)
    _check_names("--skip", options.skip, names)
    chosen = {name for name in options.only or names if name not in options.skip}
    return Plan(
        options=options,
        checks=tuple(
            check
            for check in checks
            if check.name in chosen and not (options.passive and check.scope == "active")
        ),
        with_launch=NAME in chosen and not options.passive,
        broken=broken,
    )


def _check_names(option: str, given: Collection[str], names: Collection[str]) -> None:
    if unknown := [name for name in given if name not in names]:
        raise InputError(f"{option} {unknown[0]}: no such check; there are {', '.join(names)}")
