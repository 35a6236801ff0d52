"""Presets of a stack: what every resource of one environment has in common."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi

from airbrick.contract import suggest
from airbrick.iac.errors import ConfigError

KEY: Final = "environment"
_PRESETS: Final = ("name_prefix", "tags")


@dataclass(frozen=True, slots=True)
class Environment:
    """The presets of one stack, applied where the program runs, so that a preview shows them.

    :param host: the Databricks workspace; empty when nothing names it.
    :param name_prefix: put before the name of every job, such as ``"[dev] "``.
    :param tags: tags for every job; a job's own tags win.
    """

    host: str = ""
    name_prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_config(cls) -> "Environment":
        """Read the presets from the stack's configuration.

        The workspace is ``airbrick:host``, or ``DATABRICKS_HOST``. The presets are one object::

            config:
              airbrick:environment:
                name_prefix: "[dev] "
                tags: {team: data}

        :raises ConfigError: a preset is unknown or has the wrong type.
        """
        config = pulumi.Config("airbrick")
        presets = config.get_object(KEY) or {}
        host = (config.get("host") or os.environ.get("DATABRICKS_HOST", "")).rstrip("/")
        return cls(host=host, **_checked(presets))

    def job_settings(self, resource_name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Give a job's settings with the presets applied.

        :param resource_name: the job's name where the settings have none.
        """
        result = dict(settings)
        if self.name_prefix:
            result["name"] = _prefixed(self.name_prefix, settings.get("name") or resource_name)
        if self.tags:
            result["tags"] = _merged(self.tags, settings.get("tags"))
        return result


def _checked(presets: object) -> dict[str, Any]:
    place = f"airbrick:{KEY}"
    if not isinstance(presets, Mapping):
        raise ConfigError(place, problem="is not an object", fix="write it as shown in Environment.from_config")
    for name in presets:
        if name not in _PRESETS:
            near = suggest(str(name), _PRESETS)
            fix = f"did you mean {near}?" if near else f"the presets are: {', '.join(_PRESETS)}"
            raise ConfigError(f"{place}.{name}", problem="is no preset", fix=fix)
    prefix, tags = presets.get("name_prefix", ""), presets.get("tags", {})
    if not isinstance(prefix, str):
        raise ConfigError(f"{place}.name_prefix", problem="is not text", fix="write it in quotes")
    if not isinstance(tags, Mapping):
        raise ConfigError(f"{place}.tags", problem="is not an object", fix="write it as {key: value}")
    for key, value in tags.items():
        if not isinstance(value, str):
            raise ConfigError(f"{place}.tags.{key}", problem="is not text", fix="write it in quotes")
    return {"name_prefix": prefix, "tags": dict(tags)}


def _prefixed(prefix: str, name: pulumi.Input[str]) -> pulumi.Input[str]:
    return prefix + name if isinstance(name, str) else pulumi.Output.concat(prefix, name)


def _merged(preset: Mapping[str, str], own: pulumi.Input[Mapping[str, Any]] | None) -> pulumi.Input[Mapping[str, Any]]:
    if own is None:
        return dict(preset)
    if isinstance(own, Mapping):
        return {**preset, **own}
    return pulumi.Output.all(own).apply(lambda values: {**preset, **values[0]})
