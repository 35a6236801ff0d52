"""Settings with which no workspace can be signed in to, told by what to set."""

import os
import re
from typing import Final
from urllib.parse import urlsplit

from airbrick.iac.clients.databricks_errors import said
from airbrick.iac.errors import ConfigError

_HOST: Final = "airbrick:host"
_AUTH_TYPE: Final = "airbrick:auth_type"
_CREDENTIALS: Final = (
    "airbrick:client_id with airbrick:client_secret, or airbrick:token, or the variables DATABRICKS_CLIENT_ID "
    "with DATABRICKS_CLIENT_SECRET, or DATABRICKS_TOKEN"
)
_SEVERAL: Final = re.compile(r"more than one authorization method configured: (.*)")
"""Source: ``Config._validate`` in https://github.com/databricks/databricks-sdk-py"""


def unusable(error: ValueError, *, host: str, auth_type: str) -> ConfigError:
    """Say what to set where databricks-sdk found no way to sign in, or more than one.

    :param error: as databricks-sdk raised it.
    :param host: the workspace's address in the configuration; empty where the environment names it.
    :param auth_type: the way to sign in that the configuration chooses, likewise.
    """
    host = host or os.environ.get("DATABRICKS_HOST", "")
    auth_type = auth_type or os.environ.get("DATABRICKS_AUTH_TYPE", "")
    profile = os.environ.get("DATABRICKS_CONFIG_PROFILE")
    # First of all: what databricks-sdk says of such an address may quote a part of the password.
    _refuse_credentials(host)
    if several := _SEVERAL.search(said(error)):
        problem = f"more than one way to sign in is set ({several[1]})"
        fix = (
            f"take all but one out, or choose one with {_AUTH_TYPE} (or DATABRICKS_AUTH_TYPE), such as oauth-m2m or pat"
        )
        return ConfigError(_AUTH_TYPE, problem=problem, fix=fix)
    if profile:
        return ConfigError("DATABRICKS_CONFIG_PROFILE", problem=said(error), fix="correct it, or the profile")
    check_address(host)
    if auth_type:
        problem = f"by {auth_type!r} databricks-sdk cannot sign in to {host} with what is set"
        fix = "correct it (or DATABRICKS_AUTH_TYPE), or leave it out"
        return ConfigError(_AUTH_TYPE, problem=problem, fix=fix)
    return ConfigError(_HOST, problem=f"no credentials are found for {host}", fix=f"set {_CREDENTIALS}")


def check_address(host: str) -> None:
    """Tell the address of a workspace from none, from one with credentials, and from that of one of its pages.

    :raises ConfigError: it is none.
    """
    _refuse_credentials(host)
    if not host:
        raise ConfigError(_HOST, problem="no workspace is named", fix=f"set {_HOST}, or DATABRICKS_HOST")
    parts = urlsplit(host)
    if parts.query or parts.fragment:
        fix = f"write the workspace's: {parts.scheme}://{parts.netloc}"
        raise ConfigError(_HOST, problem=f"{host!r} is the address of a page", fix=fix)


def _refuse_credentials(host: str) -> None:
    # Not in the server's part alone: a password that is not quoted ends that part early.
    if "@" in host:
        problem = "holds credentials, and addresses are shown in errors and kept in the state"
        fix = f"take them out of it (or of DATABRICKS_HOST), and set {_CREDENTIALS}"
        raise ConfigError(_HOST, problem=problem, fix=fix)
