"""Write ``airbrick.iac.types``: the settings of jobs and clusters as TypedDicts, for editors and type checkers.

Run ``python tools/generate_iac_types.py`` after ``python -m airbrick.iac.settings.generate``.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

# By path: airbrick.iac itself needs what is written here.
PACKAGE: Final = Path(__file__).parents[1] / "iac" / "airbrick" / "iac"
FOLDER: Final = PACKAGE / "types"
# A module holds what its roots lead to and no earlier module has.
MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "clusters": ("ClusterSpec", "InstancePool", "ClusterPolicy"),
    "notifications": ("JobEmailNotifications", "TaskEmailNotifications", "WebhookNotifications", "JobsHealthRules"),
    "analytics": ("SqlTask", "DashboardTask", "AlertTask", "PowerBiTask"),
    "tasks": ("Task",),
    "jobs": ("JobSettings",),
}
# The resource's logical name stands in for these.
_NAMES: Final = frozenset({"InstancePool.instance_pool_name", "ClusterPolicy.name"})
_SCALARS: Final = {"str": "str", "int": "int", "float": "float", "bool": "bool", "any": "Any"}

Catalog = Mapping[str, Any]


def render(catalog: Catalog) -> Mapping[str, str]:
    """Give the text of each module by file name."""
    homes: dict[str, str] = {}
    texts: dict[str, str] = {}
    for module, roots in MODULES.items():
        members = sorted({name for root in roots for name in _reachable(catalog, root)} - homes.keys())
        homes |= dict.fromkeys(members, module)
        texts[f"{module}.py"] = _module(catalog, module, members, homes)
    imports = ""
    for module in sorted(MODULES):
        names = sorted(name for name, home in homes.items() if home == module)
        imports += f"from airbrick.iac.types.{module} import {', '.join(names)}\n"
    head = '"""Settings as the API names them, for annotations of programs: ``def load() -> iac.types.Task``."""\n\n'
    texts["__init__.py"] = f"{head}{imports}\n__all__ = {json.dumps(sorted(homes))}\n"
    return texts


def _reachable(catalog: Catalog, root: str) -> set[str]:
    seen: set[str] = set()
    pending = [root]
    while pending:
        name = pending.pop()
        if name in catalog["structs"] and name not in seen:
            seen.add(name)
            pending.extend(text.rpartition(":")[2] for text in catalog["structs"][name].values())
    return seen


def _module(catalog: Catalog, module: str, members: list[str], homes: Mapping[str, str]) -> str:
    used = {text.rpartition(":")[2] for name in members for text in catalog["structs"][name].values()}
    lines = [f'"""The {module} of the Jobs and Clusters APIs; written by tools/generate_iac_types.py."""', ""]
    lines += ["# ruff: noqa: PYI051 - editors offer the known values, and another is passed on with a warning", ""]
    lines += ["from __future__ import annotations", ""]
    body = [line for name in members for line in _class(catalog, name)]
    text = "\n".join(body)
    abstract = [name for name in ("Mapping", "Sequence") if f"{name}[" in text]
    typing = [name for name in ("Any", "Literal", "Required") if f"{name}[" in text or f"[{name}]" in text]
    lines += [f"from collections.abc import {', '.join(abstract)}"]
    lines += [f"from typing import {', '.join(sorted([*typing, 'TypedDict']))}", "", "from pulumi import Input", ""]
    for other in sorted({homes[name] for name in used if name in homes} - {module}):
        names = sorted(name for name in used if homes.get(name) == other)
        lines.append(f"from airbrick.iac.types.{other} import {', '.join(names)}")
    return "\n".join([*lines, "", text, ""])


def _class(catalog: Catalog, name: str) -> Iterator[str]:
    fields: Mapping[str, str] = catalog["structs"][name]
    required = catalog["required"].get(name, ())
    yield from ("", f"class {name}(TypedDict, total=False):", f'    """The API\'s ``{name}``."""', "")
    for field, text in fields.items():
        # An id passes 2^53, where only text is exact.
        kind = "str | int" if text == "int" and field.endswith("_id") else _type(catalog, text)
        yield (
            f"    {field}: Required[Input[{kind}]]"
            if field in required and f"{name}.{field}" not in _NAMES
            else f"    {field}: Input[{kind}]"
        )
    yield ""


def _type(catalog: Catalog, text: str) -> str:
    head, _, rest = text.partition(":")
    if rest:
        inner = f"Input[{_type(catalog, rest)}]"
        return f"Sequence[{inner}]" if head == "list" else f"Mapping[str, {inner}]"
    if choices := catalog["enums"].get(head):
        return f"Literal[{', '.join(json.dumps(choice) for choice in choices)}] | str"
    return _SCALARS.get(head, head)


def formatted(text: str) -> str:
    """Format as ruff does."""
    command = [sys.executable, "-m", "ruff", "format", "-", "--line-length=120", "--isolated"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Write the modules."""
    found = (PACKAGE / "settings" / "api_fields.json").read_text(encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    for name, text in render(json.loads(found)).items():
        (FOLDER / name).write_text(formatted(text), encoding="utf-8")


if __name__ == "__main__":
    main()
