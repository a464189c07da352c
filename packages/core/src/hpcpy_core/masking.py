"""Keep credentials out of what people paste into bug reports. No MPI.

A variable is known by its name; what it holds becomes ``***``. To mask one too many costs
little, to print one costs an account: ``XAUTHORITY`` is masked, too.
"""

import os
import re
from collections.abc import Mapping

__all__ = ["MASK", "is_secret", "mask_text", "mask_value"]

MASK = "***"

PARTS = (
    *("TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "JWT", "AUTH"),
    *("CREDENTIAL", "COOKIE", "BEARER"),
)
WORDS = ("KEY", "KEYS", "PASS", "PSWD", "PSW", "CRED", "CREDS")
"""These are secret as a word by itself: NCCL_IB_PKEY is a number of a network, MYSQL_PWD is not."""

NAMES = ("MYSQL_PWD",)
NOT_KEYS = ("PKEY", "PKEYS", "HOTKEY", "HOTKEYS", "MONKEY", "TURKEY")
"""Words that end like a secret and are none."""

URL_USER = re.compile(r"(?<=://)[^/\s@]+(?=@)")
SETTING = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*)(?P<sign>=)(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"']+)"
)
SHORT = 8
"""Characters; a shorter value is masked in a text only where it stands by itself."""


def is_secret(name: str) -> bool:
    """Say whether a variable or an option of this name holds a credential. Local."""
    upper = name.upper()
    if upper in NAMES or any(part in upper for part in PARTS):
        return True
    words = [word for word in re.split(r"[^A-Z0-9]+|(?<=[A-Z])\d+$", upper) if word]
    return any(
        word in WORDS or (word.endswith(("KEY", "KEYS")) and word not in NOT_KEYS) for word in words
    )


def mask_value(name: str, value: str) -> str:
    """Return what may be shown of a variable: all of it, or ``***``. Local.

    Of an address, its user and password are masked. Nothing remains nothing.
    """
    if value and is_secret(name):
        return MASK
    return URL_USER.sub(MASK, value)


def mask_text(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return a message or a command line without what the secret variables hold. Local.

    Settings in the text itself (``-x SLURM_JWT=...``, ``--password=...``) and users in
    addresses are masked, too.
    """
    values = {value for name, value in environ.items() if len(value) > 2 and is_secret(name)}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= SHORT:
            text = text.replace(value, MASK)
        else:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, text)
    return URL_USER.sub(MASK, SETTING.sub(_mask_setting, text))


def _mask_setting(found: re.Match[str]) -> str:
    return f"{found[1]}={MASK}" if is_secret(found[1]) else found[0]
