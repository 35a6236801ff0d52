"""Imports."""

import libcst as cst

from airbrick.lint.facts.run import Flow, Run
from airbrick.lint.facts.values import Known, Reference
from airbrick.lint.knowledge.databricks import star_names


def import_names(run: Run, node: cst.Import) -> Flow:
    """Follow ``import a.b`` and ``import a.b as c``."""
    for alias in node.names:
        full = dotted(alias.name)
        place = run.place(alias.name)
        if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
            run.frame.assign(alias.asname.name.value, Known(Reference((full,), run.home), place))
        else:
            top = full.partition(".")[0]
            run.frame.assign(top, Known(Reference((top,), run.home), place))
    return Flow.NEXT


def import_from(run: Run, node: cst.ImportFrom) -> Flow:
    """Follow ``from a import b``."""
    module = "." * len(node.relative) + (dotted(node.module) if node.module is not None else "")
    if isinstance(node.names, cst.ImportStar):
        run.frame.stars.append(module)
        for name in star_names(module):
            run.frame.assign(name, Known(Reference((f"{module}.{name}",)), run.place(node)))
        return Flow.NEXT
    for alias in node.names:
        name = dotted(alias.name)
        bound = alias.asname.name if alias.asname is not None else alias.name
        if isinstance(bound, cst.Name):
            joint = "" if module.endswith(".") or not module else "."
            reference = Reference((f"{module}{joint}{name}",), run.home)
            run.frame.assign(bound.value, Known(reference, run.place(bound)))
    return Flow.NEXT


def dotted(node: cst.BaseExpression) -> str:
    """Give a dotted name as text."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if isinstance(node, cst.Name):
        parts.append(node.value)
    return ".".join(reversed(parts))
