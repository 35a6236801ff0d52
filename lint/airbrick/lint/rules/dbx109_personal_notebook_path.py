"""DBX109: a task runs a notebook or a file from somebody's personal folder."""

import re
from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Fact, Place, parts_of
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.code_paths import code_paths
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.submissions import alternatives
from airbrick.lint.rule import Example, Rule

_PERSONAL: Final = re.compile(
    r"(?:file:|dbfs:)?(?:/Workspace)?/(?:Users/(?P<user>[^/{}%]+)|Repos/(?P<repo>[^/{}%]+@[^/{}%]+))/"
)


class PersonalNotebookPath(Rule):
    """What a schedule runs must not belong to a person."""

    code = "DBX109"
    name = "personal-notebook-path"
    severity = Severity.WARNING
    summary = "A task runs code from somebody's personal folder"
    why = (
        "A folder under /Users or a personal checkout under /Repos belongs to one person: it changes when they "
        "experiment, it is not reviewed, and it is deleted with their account, which stops the pipeline. Deploy "
        "the code from version control to a shared folder."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

with DAG("orders"):
    DatabricksNotebookOperator(
        task_id="load", notebook_path="/Users/ada@example.com/load", source="WORKSPACE"
    )
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

with DAG("orders"):
    DatabricksNotebookOperator(
        task_id="load", notebook_path="/Workspace/Shared/orders/load", source="WORKSPACE"
    )
"""
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the paths an operator submits."""
        for fact in code_paths(operator):
            found = _personal(fact)
            if found is not None:
                folder, where = found
                yield context.finding(
                    self,
                    operator.place,
                    f"{operator.class_name} runs code from the personal folder {folder}",
                    help="deploy it from version control to a shared folder",
                    notes=tuple(context.defined_at(where, beyond=operator.place, message="the path is written here")),
                )
                return


def _personal(fact: Fact) -> tuple[str, Place | None] | None:
    """Give the personal folder a path begins with.

    What follows it may be open; whose folder it is must not be.
    """
    for known in alternatives(fact):
        start = parts_of(known)[0]
        match = _PERSONAL.match(start) if start is not None else None
        if match is not None:
            return match.group().rstrip("/"), known.where
    return None


RULE = PersonalNotebookPath()
