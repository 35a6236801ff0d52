"""Write ``api_fields.json``: every field of the settings the API takes, with its type.

Run ``python -m airbrick.iac.settings.generate`` after an upgrade of databricks-sdk.

Source: the dataclasses of https://github.com/databricks/databricks-sdk-py (Apache-2.0).
"""

import dataclasses
import enum
import inspect
import json
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

DATA_FILE: Final = Path(__file__).with_name("api_fields.json")

_SCALARS: Final = {str: "str", int: "int", float: "float", bool: "bool", object: "any", Any: "any"}


class _Collector:
    """Gathers the structures and enumerations reachable from one dataclass."""

    def __init__(self) -> None:
        self.structs: dict[str, dict[str, str]] = {}
        self.required: dict[str, list[str]] = {}
        self.enums: dict[str, list[str]] = {}

    def expression(self, annotation: Any) -> str:  # noqa: ANN401 - a type form
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Union:
            (inner,) = (item for item in arguments if item is not type(None))
            return self.expression(inner)
        if origin is list:
            return f"list:{self.expression(arguments[0])}"
        if origin is dict:
            return f"map:{self.expression(arguments[1])}"
        if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
            self.visit(annotation)
            return annotation.__name__
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            self.enums[annotation.__name__] = sorted(str(member.value) for member in annotation)
            return annotation.__name__
        return _SCALARS[annotation]

    def visit(self, struct: type) -> None:
        if struct.__name__ in self.structs:
            return
        self.structs[struct.__name__] = {}
        # A field may bear the name of the module its type comes from, so names resolve in the module alone.
        scope = vars(sys.modules[struct.__module__])
        hints = typing.get_type_hints(struct, scope, scope)
        fields = dataclasses.fields(struct)
        self.structs[struct.__name__] = {field.name: self.expression(hints[field.name]) for field in fields}
        if required := [field.name for field in fields if field.default is dataclasses.MISSING]:
            self.required[struct.__name__] = required

    def visit_call(self, name: str, call: Callable[..., Any]) -> None:
        """Take the parameters of a call for the fields of a structure: the SDK has no class for some bodies."""
        parameters = list(inspect.signature(call).parameters.values())[1:]
        hints = typing.get_type_hints(call)
        self.structs[name] = {parameter.name: self.expression(hints[parameter.name]) for parameter in parameters}
        if required := [parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty]:
            self.required[name] = required


def describe() -> str:
    """Give the text of the data file for the installed databricks-sdk."""
    from databricks.sdk.service import compute, jobs

    collector = _Collector()
    collector.visit(jobs.JobSettings)
    collector.visit_call("InstancePool", compute.InstancePoolsAPI.create)
    collector.visit_call("ClusterPolicy", compute.ClusterPoliciesAPI.create)
    document = {"structs": collector.structs, "required": collector.required, "enums": collector.enums}
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    DATA_FILE.write_text(describe(), encoding="utf-8")
