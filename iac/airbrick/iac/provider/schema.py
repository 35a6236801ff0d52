"""The package schema, from what the handlers declare."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from airbrick.iac.lookups import LOOKUPS, Lookup
from airbrick.iac.provider.config import CONFIG
from airbrick.iac.provider.handler import Handler, Property

PACKAGE = "airbrick"


def package_version() -> str:
    """Give the version of the distribution."""
    return version("airbrick")


def schema(handlers: Mapping[str, Handler]) -> str:
    """Write the package schema as JSON.

    Source: https://www.pulumi.com/docs/iac/extending-pulumi/schema/
    """
    variables = {name: _describe(described) for name, described in CONFIG.items()}
    document = {
        "name": PACKAGE,
        "version": package_version(),
        "description": "Databricks jobs and Airflow connections with one contract between them.",
        "license": "Apache-2.0",
        "config": {"variables": variables},
        "provider": {"description": "Where the workspace and Airflow are.", "inputProperties": variables},
        "resources": {token: _resource(handler) for token, handler in handlers.items()},
        "functions": {token: _function(lookup) for token, lookup in LOOKUPS.items()},
    }
    return json.dumps(document, sort_keys=True)


def _resource(handler: Handler) -> dict[str, Any]:
    return {
        "description": handler.description,
        "inputProperties": {name: _describe(described) for name, described in handler.inputs.items()},
        "requiredInputs": sorted(name for name, described in handler.inputs.items() if described.required),
        "properties": {name: _describe(described) for name, described in handler.outputs.items()},
        "required": sorted(name for name, described in handler.outputs.items() if described.required),
    }


def _function(lookup: Lookup) -> dict[str, Any]:
    text = {"type": "string"}
    outputs = dict.fromkeys(lookup.outputs, text)
    described = {
        "description": f"Looks up a {lookup.noun}.",
        "outputs": {"type": "object", "properties": outputs, "required": sorted(outputs)},
    }
    if lookup.named:
        described["inputs"] = {"type": "object", "properties": {"name": text}, "required": ["name"]}
    return described


def _describe(described: Property) -> dict[str, Any]:
    result = {"description": described.description, **described.type}
    return {**result, "secret": True} if described.secret else result
