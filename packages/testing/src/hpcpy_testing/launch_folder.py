"""The folder that the launcher and the ranks of one launch share."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LaunchFolder"]

VARIABLE = "HPCPY_TESTING_FOLDER"


@dataclass(frozen=True)
class LaunchFolder:
    """Where each rank of one launch leaves its log, journal and junit part.

    Parameters
    ----------
    path
        An existing folder, seen by every rank.
    """

    path: Path

    @classmethod
    def from_environment(cls) -> "LaunchFolder | None":
        """Return the folder announced by the launcher, or None without one. Local.

        The variable is taken out of the environment, so that a pytest which a
        test starts does not write into the journal of its parent.
        """
        announced = os.environ.pop(VARIABLE, None)
        return cls(Path(announced)) if announced else None

    def environment(self) -> dict[str, str]:
        """Return the variable that announces this folder to the ranks."""
        return {VARIABLE: str(self.path)}

    def log(self, rank: int) -> Path:
        """Return the file that takes a rank's stdout and stderr."""
        return self.path / f"rank-{rank}.log"

    def journal(self, rank: int) -> Path:
        """Return the file in which a rank notes what it does (see `journal`)."""
        return self.path / f"rank-{rank}.jsonl"

    def lifeline(self, rank: int) -> Path:
        """Return the FIFO that a rank holds open as long as it lives (see `lifeline`)."""
        return self.path / f"rank-{rank}.alive"

    def scratch(self, rank: int) -> Path:
        """Return the base of a rank's ``tmp_path`` folders.

        Ranks that number their folders in one common base remove each other's.
        """
        return self.path / f"rank-{rank}-tmp"

    def clear_scratch(self) -> None:
        """Remove the ranks' ``tmp_path`` folders, which may be large, and keep the logs."""
        for scratch in self.path.glob("rank-*-tmp"):
            shutil.rmtree(scratch)

    @property
    def junit(self) -> Path:
        """The ``--junitxml`` of the launch, of which every rank writes a part."""
        return self.path / "junit.xml"

    @property
    def expired(self) -> Path:
        """The flag raised by the first rank whose deadline has passed."""
        return self.path / "deadline-expired"
