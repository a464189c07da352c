"""Settle where a run starts from and where it writes, before anything is touched. No MPI."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpcpy_core.decomposition import Block
from hpcpy_core.errors import InputError
from hpcpy_core.files.hold import hold_directory
from hpcpy_diffusion.parameters import FIXED, Parameters
from hpcpy_diffusion.run_folder import NEW, RunFolder, require_writable
from hpcpy_diffusion.thin import find_stride, thin_block
from hpcpy_mpiio.checkpoints.generations import list_generations
from hpcpy_mpiio.header import read_header

__all__ = ["Places", "settle_places"]


@dataclass(kw_only=True)
class Places:
    """Where a run starts from, and where it writes. All methods are local: one rank calls them."""

    output: Path | None = None
    """Where field, frames and report are written to: `--output`, or a place inside it."""
    source: Path | None = None
    """The directory of checkpoints to start from."""
    target: Path | None = None
    """Where checkpoints are written to."""
    folders: list[tuple[RunFolder, Path]] = field(default_factory=list)
    """Those that the run writes to, each with the place in it."""
    new: list[RunFolder] = field(default_factory=list)
    """Those of them that were not there, and are held as soon as they are made."""
    continued: bool = False
    """Whether the run goes on with what lies where it writes, if only with its frames."""
    begun: bool = False
    """Whether anything of an unfinished run is on disk."""
    unwanted: list[Path] = field(default_factory=list)
    """Frames that a run which is continued with --overwrite does not have."""
    frames: set[int] = field(default_factory=set)
    """Steps of the frames that are there and stay."""

    def require_frames(self, parameters: Parameters, step: int, *, drawn: bool) -> None:
        """See that the frames before a restart are there, if any are, or are to be drawn.

        Raises
        ------
        InputError
            If one is missing.
        """
        if self.output is None or not (drawn or self.frames):
            return
        due = parameters.frame_steps
        missing = next((s for s in due[: due.count_until(step)] if s not in self.frames), None)
        if missing is not None:
            raise InputError(
                f"the frame step-{missing:09d}.npy of the time before the restart is not in "
                f"{self.output}: give the --output and outtime of that run"
                + (", or --no-plot" if drawn else "")
            )

    def begin(self, parameters: Parameters, held: ExitStack) -> None:
        """Touch the directories for the first time: all that can be refused was."""
        for folder, _ in self.folders:
            if folder in self.new:
                folder.make()
                held.enter_context(hold_directory(folder.directory))
                folder.require_empty()
        self.begun = True
        for folder, root in reversed(self.folders):  # the checkpoints' first
            folder.begin(root, recorded(parameters), continued=self.continued)
        if self.output is not None and parameters.outtime:
            (self.output / "frames").mkdir(exist_ok=True)

    def finish(self) -> None:
        """Let the whole run take the place of an earlier one."""
        for folder, root in self.folders:
            folder.mark_whole(root)
        self.begun = False
        for run, _ in self.folders[:1] if self.unwanted else ():
            run.remove(self.unwanted)
        for folder, root in self.folders:
            folder.finish(root)

    def abandon(self) -> None:
        """Remove what a failed run has staged, unless it can be continued from a checkpoint."""
        if self.begun and not any(folder.list_checkpoints(root) for folder, root in self.folders):
            for folder, root in self.folders:
                if root == folder.staging and root.exists():
                    folder.discard()


def settle_places(
    parameters: Parameters,
    held: ExitStack,
    *,
    output: Path | None,
    place: Path | None,
    restart: Path | None,
    resume: bool,
    writes: bool,
    overwrite: bool,
    full_frames: bool,
) -> Places:
    """Find out, and refuse what cannot work, before anything is touched. Local: one rank calls.

    The directories are held as long as `held`, if they are there. What a job was killed in
    while its whole run took the place of another one is finished.

    Parameters
    ----------
    place
        Where checkpoints are written to.
    restart
        Where one must be, to start from.
    resume
        Start from `place` if there is a checkpoint, valid or not.
    writes
        Whether checkpoints are wanted.
    overwrite
        Whether another run may be replaced.

    Raises
    ------
    InputError
        A place is missing, cannot be written, or holds another run.
    HeldError
        Another job writes there.
    """
    if restart is not None and resume:
        raise InputError("--resume looks where this run writes: leave out --restart or it")
    if place is None and (writes or resume):
        raise InputError("checkpoints need a place: give --output DIR, or --checkpoint DIR")
    if restart is not None and NEW in restart.parts:
        raise InputError(f"--restart {restart}: give --resume, and --output or --checkpoint")
    run = None if output is None else RunFolder(output)
    own = output is not None and place is not None and _same(place, output / "checkpoints")
    kept = None if place is None or own else RunFolder(place, checkpoints_only=True)
    wanted = kept is not None and (writes or resume)
    if run is not None and kept is not None and wanted and _same(run.directory, kept.directory):
        raise InputError(
            f"--checkpoint {place} is the output directory: leave it out, and they are in "
            f"{run.directory / 'checkpoints'}, or give another"
        )
    places = Places(source=restart)
    if run is not None:
        _take(run, "output", held, places)
        run.require_regular()
    if kept is not None and wanted:
        _take(kept, "checkpoints", held, places)
    if resume and place is not None:
        holder = run if own else kept
        assert holder is not None
        base = holder.staging if holder.read_record(holder.staging) else holder.directory
        found = base / "checkpoints" if own else base
        places.source = found if list_generations(found) else None
    if run is not None:
        root = _settle_output(run, places, parameters, resume, overwrite, full_frames)
        places.folders.append((run, root))
        places.output = root
    if writes and own and places.output is not None:
        places.target = places.output / "checkpoints"
        _require_free(places.target, places.source)
    elif writes and kept is not None:
        places.target = _settle_checkpoints(kept, places.source, resume, overwrite)
        places.continued |= places.source is not None and _same(places.source, places.target)
        places.folders.append((kept, places.target))
    return places


def _take(folder: RunFolder, what: str, held: ExitStack, places: Places) -> None:
    require_writable(folder.directory, what)
    if folder.directory.is_dir():
        held.enter_context(hold_directory(folder.directory))
        folder.recover()
    else:
        places.new.append(folder)


def _settle_output(
    run: RunFolder,
    places: Places,
    parameters: Parameters,
    resume: bool,
    overwrite: bool,
    full_frames: bool,
) -> Path:
    """Return where the output is written to."""
    staged = run.read_record(run.staging) is not None
    source, inside = places.source, run.directory / "checkpoints"
    elsewhere = source is not None and not resume and not _same(source, inside)
    if overwrite and elsewhere and (run.list_files() or run.list_checkpoints()):
        return run.staging
    root = run.staging if staged and resume else run.directory
    if source is not None or (resume and run.read_record(root) is not None):
        try:
            _require_same(run, root, parameters, overwrite, of_its_own=not elsewhere)
            _sort_frames(root, places, parameters, overwrite, full_frames)
        except InputError:
            if source is None and overwrite:
                return run.staging
            raise
        places.continued = True
        return root
    there = [*run.list_files(), *run.list_checkpoints(), *([run.staging] if staged else [])]
    if there and not overwrite:
        if there[0].name.startswith("ckpt-"):
            _refuse_checkpoints(there[0])
        raise InputError(
            f"output {run.directory} holds an earlier run ({there[0].name}): give --overwrite, "
            "or another --output"
        )
    return run.staging if there else run.directory


def _require_same(
    run: RunFolder, root: Path, parameters: Parameters, overwrite: bool, *, of_its_own: bool
) -> None:
    """Refuse to continue beside the files of another problem, or with another outtime."""
    known = run.read_parameters(root)
    files = run.list_files(root)
    if known is None:
        if files and files[0].name == "field.npy" and not of_its_own and not overwrite:
            raise InputError(
                f"output {root} holds an earlier run (field.npy): give --overwrite, or another "
                "--output"
            )
        return
    now = recorded(parameters)
    names = FIXED if overwrite else (*FIXED, "outtime")
    for name in names:
        if known.get(name, now[name]) != now[name]:
            raise InputError(
                f"{name} = {now[name]}, but the run in {root} has {name} = {known[name]}: give "
                "the parameters of that run, or another --output"
            )


def _sort_frames(
    root: Path, places: Places, parameters: Parameters, overwrite: bool, full_frames: bool
) -> None:
    """Note which frames stay; refuse those that this run does not have."""
    thinned = find_stride(parameters.shape)
    due = parameters.frame_steps
    for path in RunFolder(root).list_files():
        if path.parent.name != "frames":
            continue
        step = int(path.stem.removeprefix("step-"))
        # The last frame of a shorter run may be a step early: there was none nearer.
        if step in due or step + 1 in due:
            if thinned > 1:
                _require_alike(path, parameters, thinned, full_frames=full_frames)
            places.frames.add(step)
        elif overwrite:
            places.unwanted.append(path)
        else:
            raise InputError(
                f"{path} is a frame that this run does not have (outtime = "
                f"{parameters.outtime:g}, runtime = {parameters.runtime:g}): give the outtime "
                "and a runtime of that run, --overwrite to remove it, or another --output"
            )


def _settle_checkpoints(
    kept: RunFolder, source: Path | None, resume: bool, overwrite: bool
) -> Path:
    """Return where checkpoints are written to, beside no output."""
    staged = kept.read_record(kept.staging) is not None
    if resume and (source is not None or not overwrite):
        return kept.staging if staged else kept.directory
    there = kept.list_checkpoints()
    if source is not None and _same(source, kept.directory):
        return kept.directory
    if (there or staged) and not overwrite:
        _refuse_checkpoints(there[0] if there else kept.staging)
    return kept.staging if there or staged else kept.directory


def _require_free(target: Path, source: Path | None) -> None:
    there = list_generations(target)
    if there and (source is None or not _same(source, target)):
        _refuse_checkpoints(there[0])


def _refuse_checkpoints(found: Path) -> None:
    raise InputError(
        f"{found.parent} holds {found.name} of an earlier run: give --resume to continue it, "
        "--overwrite to start anew, or another --checkpoint"
    )


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def recorded(parameters: Parameters) -> Mapping[str, Any]:
    """Return what must be the same where a run is continued in a directory. Local."""
    return {name: getattr(parameters, name) for name in (*FIXED, "outtime")}


def _require_alike(old: Path, parameters: Parameters, stride: int, *, full_frames: bool) -> None:
    """Refuse to put whole frames beside thinned ones: a picture of both would be wrong. Local."""
    whole = Block(start=(0, 0), stop=parameters.shape)
    shape = read_header(old).shape
    if full_frames and shape == thin_block(whole, stride).shape:
        raise InputError(
            f"--full-frames: the run that is continued has thinned its frames ({old}): leave "
            "--full-frames out, or give another --output"
        )
    if not full_frames and shape == whole.shape:
        raise InputError(
            f"the run that is continued has whole frames ({old}): give --full-frames, or another "
            "--output"
        )
