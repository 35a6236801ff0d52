"""The credentials that the stack's configuration holds now.

For ``pulumi refresh`` and ``destroy``, and before an ``up`` runs the program, the engine configures a provider with
what the state holds of the last ``up``: a credential that was rotated since is refused there, and the ``up`` that would
bring the new one never gets so far. The engine hands each plugin the part of the stack's configuration that is in the
plugin's namespace, so the new one is known here all the same. It comes decrypted in our environment, which programs
that sign us in (a token command, ``az``, ``databricks``) would inherit: so it is taken out of there.

Source: ``defaultHost.Provider`` in https://github.com/pulumi/pulumi/blob/master/pkg/host/host.go
"""

import json
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Final

from airbrick.iac.provider.config import ProviderConfig

_VARIABLE: Final = "PULUMI_CONFIG"
"""The variable that holds it. Others that begin so say which of it is secret, or decrypt the rest of the stack's.

Source: ``NewProvider`` in https://github.com/pulumi/pulumi/blob/master/pkg/resource/plugin/provider_plugin.go
"""
_DEFAULT_PROVIDER: Final = re.compile(r"default(_\d+_\d+_\d+.*)?")


@dataclass(frozen=True, slots=True)
class _Place:
    """Something we sign in to.

    :param address: the key of its address.
    :param variable: the environment variable that counts where the key is not set.
    :param credentials: the keys that say who we are there.
    """

    address: str
    variable: str
    credentials: tuple[str, ...]

    def located(self, values: Mapping[str, str], environ: Mapping[str, str]) -> str:
        return (values.get(self.address) or environ.get(self.variable, "")).rstrip("/")


_PLACES: Final = (
    _Place("host", "DATABRICKS_HOST", ("auth_type", "token", "client_id", "client_secret")),
    _Place(
        "airflow_endpoint",
        "AIRBRICK_AIRFLOW_ENDPOINT",
        ("airflow_username", "airflow_password", "airflow_token", "airflow_token_command"),
    ),
)


def is_default(provider: str) -> bool:
    """Tell whether the name is one of a provider that the engine makes of the stack's configuration.

    Its URN has nothing but the name to tell it from one that the program makes, which so must have another.

    Source: ``ProviderRequest.DefaultName`` in
    https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/providers/provider.go
    """
    return _DEFAULT_PROVIDER.fullmatch(provider) is not None


def with_credentials_of_now(
    config: ProviderConfig, provider: str, stack: Mapping[str, str] | None, environ: Mapping[str, str]
) -> tuple[ProviderConfig, bool]:
    """Give a configuration the credentials that the stack has now for the same addresses.

    No credential is sent to an address that it was not set for, so those of an address that changed stay as they are.

    :param config: as the engine sent it.
    :param provider: the name of the provider's resource. One that the program makes has credentials of its own.
    :param stack: the stack's configuration; ``None`` where the engine handed none over.
    :param environ: the environment.
    :returns: the configuration, and whether all of its credentials are those of now.
    """
    if stack is None or not is_default(provider):
        return config, False
    given = {key: getattr(config, key) for place in _PLACES for key in (place.address, *place.credentials)}
    same = [place for place in _PLACES if place.located(given, environ) == place.located(stack, environ)]
    current: dict[str, Any] = {key: stack.get(key, "") for place in same for key in (place.address, *place.credentials)}
    return replace(config, **current), len(same) == len(_PLACES)


def taken_from(environ: MutableMapping[str, str]) -> Mapping[str, str] | None:
    """Take the stack's configuration out of the environment, with all that decrypts it.

    :param environ: the environment that the engine started us with.
    :returns: the configuration; ``None`` where the engine did not start us.
    """
    taken = {name: environ.pop(name) for name in list(environ) if name.startswith(_VARIABLE)}
    try:
        handed = json.loads(taken.get(_VARIABLE, ""))
    except ValueError:
        return None
    if not isinstance(handed, Mapping):
        return None
    return {key: value for key, value in handed.items() if isinstance(value, str)}
