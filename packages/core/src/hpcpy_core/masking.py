"""Keep credentials out of what people paste into bug reports. No MPI.

A variable is known by its name; what it holds becomes ``***``. To mask one too many costs
little, to print one costs an account: ``XAUTHORITY`` is masked, too.
"""

import os
import re
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

__all__ = ["MASK", "is_secret", "mask_plain", "mask_text", "mask_tracebacks", "mask_value"]

MASK = "***"

PARTS = (
    *("TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "JWT", "AUTH"),
    *("CREDENTIAL", "COOKIE", "BEARER"),
)
WORDS = ("KEY", "KEYS", "PASS", "PSWD", "PSW", "CRED", "CREDS")
"""These are secret as a word by itself, such as API_KEY; PASS is in many that are none (BYPASS)."""

NAMES = ("MYSQL_PWD",)
"""Secret, though PWD elsewhere is the working directory."""

NOT_KEYS = ("PKEY", "PKEYS", "HOTKEY", "HOTKEYS", "MONKEY", "TURKEY")
"""Words that end like a secret and are none."""

URL_USER = re.compile(r"(?<=://)[^/\s@]+(?=@)")
SETTING = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*)(?P<sign>=)(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"']+)"
)
OPTION = re.compile(r"(?<![\w-])(?P<name>--[A-Za-z][\w-]*)(?P<sign>\s+)(?P<value>[^\s-]\S*)")
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

    Settings in the text itself (``-x SLURM_JWT=...``, ``--password ...``) and users in
    addresses are masked, too.
    """
    values = {value for name, value in environ.items() if len(value) > 2 and is_secret(name)}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= SHORT:
            text = text.replace(value, MASK)
        else:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, text)
    text = SETTING.sub(_mask_setting, OPTION.sub(_mask_setting, text))
    return URL_USER.sub(MASK, text)


def mask_plain(value: Any, environ: Mapping[str, str] = os.environ) -> Any:  # noqa: ANN401 - JSON's
    """Return values of JSON with all of their texts masked, at any depth. Local."""
    if isinstance(value, str):
        return mask_text(value, environ)
    if isinstance(value, Mapping):
        return {name: mask_plain(one, environ) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [mask_plain(one, environ) for one in value]
    return value


def mask_tracebacks() -> None:
    """Let an exception that nobody catches print a traceback without credentials. Local."""
    sys.excepthook = _print_masked


def _print_masked(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    text = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(mask_text(text))  # whole: other ranks write too


def _mask_setting(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{MASK}" if is_secret(found[1]) else found[0]
