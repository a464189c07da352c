"""Find the words that tell why an MPI job has failed, among all that its launcher prints. Pure."""

import re

__all__ = ["find_words"]

LONGEST = 400

RULE = re.compile(r"[-=*\s]*")
OF_THE_LAUNCHER = re.compile(
    r"(prterun|mpirun|mpiexec|prte) (has exited due to|detected that|noticed that)"
    r"|=?\s*BAD TERMINATION OF ONE OF YOUR|Primary job +terminated normally"
)
"""Where a launcher begins to tell that the job has ended, which is known."""
OF_EVERY_END = re.compile(
    r"(\[[^]]*\] )?(\*\*\* |Local abort before MPI_INIT|PMIX ERROR|pmix_ptl_base)"
    r"|Your MPI job is now going to abort|Abort is in progress"
)
"""Lines which Open MPI prints whatever the cause."""
OF_A_RANK = re.compile(r"Abort\(\d+\)")
"""How MPICH begins what each rank says, which is the same for all."""


def find_words(said: str) -> str:
    """Return what is worth to be shown, in one line; nothing if nothing was said. Local.

    Parameters
    ----------
    said
        The standard error and output of a job.
    """
    kept: list[str] = []
    for line in said.splitlines():
        words = " ".join(line.replace("\0", "").split())
        if OF_THE_LAUNCHER.match(words):
            break
        if OF_A_RANK.match(words) and any(OF_A_RANK.match(before) for before in kept):
            break
        if not RULE.fullmatch(words) and not OF_EVERY_END.match(words):
            kept.append(words)
    begin = next((n for n, line in enumerate(kept) if line.startswith("Traceback (most ")), None)
    if begin is not None:
        kept = [*kept[:begin], kept[-1]]
    text = " ".join(dict.fromkeys(kept))
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"
