"""A bearer token that another program prints: how managed Airflows are signed in to."""

import shlex
import subprocess
from typing import Final

from airbrick.iac.errors import ConfigError

TIMEOUT_S: Final = 60
_PLACE: Final = "airbrick:airflow_token_command"


def printed_token(command: str) -> str:
    """Run a command and give what it prints. No shell is involved; what it says besides is not shown.

    :param command: such as ``gcloud auth print-access-token``.
    :raises ConfigError: it cannot be run, fails, or prints nothing.
    """
    fix = "run it by hand to see what it says; it must print the token and nothing else"
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigError(_PLACE, problem=f"is no command line ({error})", fix="balance its quotes") from None
    if not words:
        raise ConfigError(_PLACE, problem="is blank", fix="give a command that prints a token, or leave it out")
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False)
    except OSError as error:
        problem = f"cannot run {words[0]!r}: {error.strerror}"
        raise ConfigError(_PLACE, problem=problem, fix="install it, or give its full path") from None
    except subprocess.TimeoutExpired:
        raise ConfigError(_PLACE, problem=f"did not end within {TIMEOUT_S} s", fix=fix) from None
    if done.returncode != 0:
        raise ConfigError(_PLACE, problem=f"ended with exit code {done.returncode}", fix=fix)
    token = done.stdout.decode(errors="replace").strip()
    if not token or any(character.isspace() for character in token):
        raise ConfigError(_PLACE, problem="printed no token", fix=fix)
    return token
