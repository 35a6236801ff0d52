"""Write the emulator's ``spec.json`` from the installed databricks-sdk.

The file says, for every field that an endpoint takes and for those of jobs and runs, which type it has. Run it
after a new databricks-sdk was locked; a test fails until then.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import json
import sys
import types
import typing
from pathlib import Path
from typing import Any

from databricks.sdk.service import compute, jobs, sql, workspace
from databricks.sdk.version import __version__ as sdk_version

TARGET = Path(__file__).parents[1] / "emulator/airbrick/emulator/spec.json"
# What the emulator calls the body of a request, and the client's method that sends it.
REQUESTS: dict[str, Any] = {
    "CreateJob": jobs.JobsAPI.create,
    "RepairRun": jobs.JobsAPI.repair_run,
    "RunNow": jobs.JobsAPI.run_now,
    "SubmitRun": jobs.JobsAPI.submit,
    "CreateCluster": compute.ClustersAPI.create,
    "CreateClusterPolicy": compute.ClusterPoliciesAPI.create,
    "EditClusterPolicy": compute.ClusterPoliciesAPI.edit,
    "CreateInstancePool": compute.InstancePoolsAPI.create,
    "EditInstancePool": compute.InstancePoolsAPI.edit,
    "CreateScope": workspace.SecretsAPI.create_scope,
    "PutSecret": workspace.SecretsAPI.put_secret,
    "PutSecretAcl": workspace.SecretsAPI.put_acl,
    "CreateWarehouse": sql.WarehousesAPI.create,
    "EditWarehouse": sql.WarehousesAPI.edit,
    "ExecuteStatement": sql.StatementExecutionAPI.execute_statement,
}
_SCALARS = {str: "string", bool: "boolean", int: "integer", float: "number"}


class Collector:
    """Collects the types that are reachable from a few roots."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, str]] = {}
        self.required: dict[str, list[str]] = {}
        self.enums: dict[str, list[str]] = {}
        self._owners: dict[str, type] = {}

    def describe(self, annotation: Any) -> str:  # noqa: ANN401 - annotations are of no common type
        """Return a type in the spec's notation: ``string``, ``list T``, ``map T``, ``any``, or a name."""
        origin = typing.get_origin(annotation)
        arguments = [item for item in typing.get_args(annotation) if item is not type(None)]
        if origin in (typing.Union, types.UnionType):
            return self.describe(arguments[0])
        if origin is list:
            return f"list {self.describe(arguments[0])}"
        if origin is dict:
            return f"map {self.describe(arguments[1])}"
        return _SCALARS.get(annotation) or self._describe_class(annotation)

    def _describe_class(self, annotation: Any) -> str:  # noqa: ANN401 - annotations are of no common type
        if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
            return self.add(annotation)
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            name = self._name(annotation)
            self.enums[name] = sorted(str(member.value) for member in annotation)
            return name
        return "any"

    def add(self, cls: type) -> str:
        """Add a dataclass with all it refers to, and return its name."""
        name = self._name(cls)
        if name not in self.types:
            self.types[name] = {}
            hints = typing.get_type_hints(cls)
            self.types[name] = {field.name: self.describe(hints[field.name]) for field in dataclasses.fields(cls)}
            self.required[name] = sorted(
                field.name for field in dataclasses.fields(cls) if field.default is dataclasses.MISSING
            )
        return name

    def add_method(self, name: str, method: Any) -> None:  # noqa: ANN401 - a method of any signature
        """Add the parameters of an API method under a name."""
        hints = typing.get_type_hints(method)
        parameters = inspect.signature(method).parameters
        self.types[name] = {key: self.describe(hints[key]) for key in parameters if key != "self"}
        self.required[name] = sorted(
            key for key, item in parameters.items() if key != "self" and item.default is inspect.Parameter.empty
        )

    def _name(self, cls: type) -> str:
        # Two services may use one name for two types.
        owner = self._owners.setdefault(cls.__name__, cls)
        return cls.__name__ if owner is cls else f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"


def build() -> dict[str, Any]:
    """Return the spec as JSON values."""
    collector = Collector()
    for name, method in REQUESTS.items():
        collector.add_method(name, method)
    collector.add(jobs.JobSettings)
    collector.add(jobs.JobAccessControlRequest)
    for answer in (jobs.Job, jobs.BaseJob, jobs.Run, jobs.BaseRun, jobs.RunOutput):
        collector.add(answer)
    return {
        "databricks_sdk": sdk_version,
        "enums": collector.enums,
        "required": {name: fields for name, fields in collector.required.items() if fields},
        "types": collector.types,
    }


def render(spec: dict[str, Any]) -> str:
    """Return the file's text."""
    return json.dumps(spec, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the file."""
    TARGET.write_text(render(build()), encoding="utf-8")
    print(f"{TARGET}: {len(build()['types'])} types of databricks-sdk {sdk_version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
