"""The processes of a launch meet without MPI, and agree on who reports."""

from dataclasses import asdict
from time import monotonic, sleep

from hpcpy_doctor.find_launch import Launch
from hpcpy_doctor.follower import Follower
from hpcpy_doctor.mailbox import Mailbox
from hpcpy_doctor.private_folder import list_bases, remove_leftovers
from hpcpy_doctor.process import Process
from hpcpy_doctor.reporter import NAME, PAUSE, Reporter

__all__ = ["claim", "meet"]

WRITING_SECONDS = 1.0
"""For another process to end the letter that it has begun."""

NOTHING_SHARED = (
    "the processes of this launch know nothing alike by which they could find each other; in "
    "containers, a process namespace of their own hides the launcher from them"
)


def meet(launch: Launch) -> Reporter | Follower:
    """Say which part this process takes. Local.

    The process of rank 0 reports, and without ranks the first one that comes.
    """
    if launch.rank is not None and launch.size == 1:
        return Reporter(launch=launch)
    if launch.key is None:
        why = NOTHING_SHARED if launch.size > 1 else None
        alone = Mailbox("nobody", [])
        return Follower(mailbox=alone) if launch.rank else Reporter(launch=launch, why_alone=why)
    bases = list(list_bases(one_node=launch.one_node))
    for base in bases:
        remove_leftovers(base)
    mailbox = Mailbox(launch.key, bases)
    if launch.rank:
        return Follower(mailbox=mailbox)
    try:
        return claim(launch, mailbox) or Follower(mailbox=mailbox)
    except OSError as error:
        return Reporter(launch=launch, why_alone=str(error))


def claim(launch: Launch, mailbox: Mailbox) -> Reporter | None:
    """Take the part of the process that reports, unless another living one has it. Local.

    Raises
    ------
    OSError
        If there is no place to say so.
    """
    end = monotonic() + WRITING_SECONDS
    while (holder := mailbox.read(NAME)) is None and mailbox.find(NAME) and monotonic() < end:
        sleep(PAUSE)  # it is being written
    try:
        is_left = holder is not None and Process.parse(holder).lives() is False
    except (KeyError, ValueError):
        is_left = True
    if is_left or (holder is None and mailbox.find(NAME)):
        mailbox.drop(NAME)  # it is left from a launch that had this key before, or is no letter
    if mailbox.claim(NAME, asdict(Process.read())):
        return Reporter(launch=launch, mailbox=mailbox)
    if mailbox.read(NAME) is None:
        raise FileExistsError(f"{mailbox.find(NAME)} is no letter of a process, and stays")
    return None
