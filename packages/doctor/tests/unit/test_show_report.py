import sys

import click
import pytest

from hpcpy_doctor.finding import Finding
from hpcpy_doctor.merge import Merged, Section
from hpcpy_doctor.show_report import (
    format_brief,
    format_first,
    format_folded,
    format_opening,
    format_section,
    format_total,
)

LONG = "word " * 40
PATH = "/a/very/long/path" * 8


def show(found, size=4):
    lines = format_section(Section(name="weather", title="Weather", found=tuple(found)), size)
    return click.unstyle("\n".join(lines)).splitlines()


def test_what_is_well_is_one_line():
    assert show([Merged(finding=Finding.ok("sunny"), ranks=(0, 1, 2, 3))]) == [
        "ok       Weather           sunny (ranks 0-3)"
    ]


def test_where_there_is_one_process_no_rank_is_named():
    assert show([Merged(finding=Finding.ok("sunny"), ranks=(0,))], size=1)[0].endswith(" sunny")


def test_what_is_wrong_is_a_block(make_kind):
    cold = make_kind().found("3 degrees", degrees=20)
    assert show([Merged(finding=cold, ranks=(2,))]) == [
        "warning  Weather           too-cold (rank 2)",
        "         seen     3 degrees",
        "         because  Nobody heats.",
        "         mend     heat --to 20",
        "         more     hpcpy-doctor --explain too-cold",
    ]


def test_texts_are_wrapped_by_words_and_commands_never(make_kind):
    kind = make_kind(cause=LONG, cure=f"run {{degrees}} {LONG}")
    lines = show([Merged(finding=kind.found(f"{LONG} {PATH}", degrees=PATH))])
    (mend,) = [line for line in lines if "mend" in line]
    assert mend.endswith(f"run {PATH} {LONG}".rstrip()) or PATH in mend
    assert all(len(line) <= 80 for line in lines if PATH not in line)
    assert any(line.strip() == PATH for line in lines)


def test_of_many_that_differ_some_are_shown(make_kind):
    found = [
        Merged(finding=make_kind().found(f"{rank} degrees", degrees=1), ranks=(rank,))
        for rank in range(10)
    ]
    lines = show(found, size=10)
    assert sum("seen" in line for line in lines) == 3
    assert lines[-1].strip() == "and 7 more of too-cold: see --json"


@pytest.mark.parametrize(("level", "color"), [("ok", 32), ("note", 36), ("warning", 33)])
def test_levels_have_colours(level, color):
    section = Section(
        name="x", title="X", found=(Merged(finding=Finding(level=level, seen="text")),)
    )
    (line,) = format_section(section, 1)
    assert line.startswith(f"\x1b[{color}m")
    assert f"{color}m1 {level}" in format_total([section])


def test_the_first_and_the_last_line(plain_facts, make_kind):
    facts = [plain_facts(rank, 2) for rank in (0, 1)]
    assert format_opening("0.1", facts) == (
        "hpcpy-doctor 0.1: 2 processes on 1 host, started by mpiexec of MPICH (Hydra)\n"
    )
    assert format_opening("0.1", [plain_facts()]) == "hpcpy-doctor 0.1: 1 process on 1 host\n"
    well = Section(name="a", title="A", found=(Merged(finding=Finding.ok("x")),))
    cold = Merged(finding=make_kind().found("y", degrees=1))
    worse = Section(name="b", title="B", found=(cold, Merged(finding=Finding.ok("x"))))
    total = click.unstyle(format_total([well, worse, well]))
    assert total == "\n3 checks: 2 ok, 1 warning"


def test_a_sites_own_finding_leads_to_its_page(make_kind):
    cold = make_kind(page="https://hpc.example.org/doctor").found("3 degrees", degrees=20)
    assert show([Merged(finding=cold)])[-1].endswith(
        "more     https://hpc.example.org/doctor#too-cold"
    )


def test_a_brief_line_fits_on_a_screen():
    found = Finding.ok(f"mpiexec is {sys.prefix}/bin/mpiexec, {LONG}")
    line = click.unstyle(format_brief(Section(name="x", title="X", found=(Merged(finding=found),))))
    assert line.startswith("ok       X                 mpiexec is bin/mpiexec, word")
    assert (len(line), line[-3:]) == (80, "...")


def test_what_is_left_out_is_counted():
    lines = format_folded(["World", "Slurm"], ["a-note"], {"cause": ["b", "c", "b"]})
    assert click.unstyle("\n".join(lines)).splitlines() == [
        "ok       2 more            World, Slurm",
        "note     1 note            a-note",
        "",
        "         From cause follow: b (2), c",
    ]


def test_what_to_do_first():
    assert list(format_first([])) == []
    assert click.unstyle("\n".join(format_first(["unset A"]))) == "\nDo this first:\n    unset A"
    assert "Do these first, in this order:" in next(iter(format_first(["a", "b"])))
