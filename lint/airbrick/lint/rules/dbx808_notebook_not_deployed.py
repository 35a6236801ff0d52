"""DBX808: a task runs a path where the stack deploys nothing."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from airbrick.contract import suggest
from airbrick.lint.context import RuleContext
from airbrick.lint.contracts import StackContract
from airbrick.lint.facts.values import Known, literal_text
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.code_paths import code_paths, in_workspace
from airbrick.lint.model.elements import Operator
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import listed

_OWN_DEPTH: Final = {"/Users": 3, "/Repos": 3}
_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator

with DAG("orders"):
    DatabricksNotebookOperator(task_id="load", notebook_path="/Workspace/Shared/orders/{name}", source="WORKSPACE")
"""
_FILES = ("/Workspace/Shared/orders/load", "/Workspace/Shared/orders/check")


class NotebookNotDeployed(Rule):
    """Nothing runs what is not there."""

    code = "DBX808"
    name = "notebook-not-deployed"
    severity = Severity.WARNING
    summary = "A task runs a path in a folder that the stack deploys, where nothing is deployed"
    why = (
        "The stack deploys this folder, and the contract lists what is in it. A path that is not on the list is a "
        "typing mistake, or a notebook somebody put there by hand: the task fails when it runs, at the latest in the "
        "next environment. Folders that the stack does not deploy are not judged."
    )
    needs_contract = True
    bad = (Example(_DAG.format(name="laod"), contract={"orders": ()}, files=_FILES),)
    good = (
        Example(_DAG.format(name="load"), contract={"orders": ()}, files=_FILES),
        Example(_DAG.format(name="anything"), contract={"orders": ()}),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the paths of the code an operator submits."""
        contracts = context.contracts_for(operator)
        for fact in code_paths(operator):
            written = literal_text(fact) or ""
            path = in_workspace(written)
            missing = [contract for contract in contracts if path and _lacks(contract, path)]
            if not missing or not isinstance(fact, Known):
                continue
            candidates = sorted({file for contract in missing for file in contract.contract.files})
            nearest = suggest(written, candidates)
            stacks = [contract.stack for contract in missing]
            yield context.finding(
                self,
                operator.place,
                f"{written!r} is not among what is deployed there (stack {listed(stacks)})",
                help=f"did you mean {nearest!r}?" if nearest else "deploy it with the stack, or correct the path",
                notes=[
                    *context.defined_at(fact.where, beyond=operator.place, message="the path is written here"),
                    *(contract.note(f"what stack {contract.stack} deploys", "files") for contract in missing),
                ],
                stacks=stacks,
            )
            return


def _lacks(contract: StackContract, path: str) -> bool:
    files = {plain for file in contract.contract.files if (plain := in_workspace(file)) is not None}
    folders = {str(PurePosixPath(file).parent) for file in files}
    above = (str(folder) for folder in PurePosixPath(path).parents)
    return path not in files and any(folder in folders and _of_one_owner(folder) for folder in above)


def _of_one_owner(folder: str) -> bool:
    """Tell a folder of the stack from one in which everybody has theirs, such as ``/Shared``."""
    parts = PurePosixPath(folder).parts
    return len(parts) > _OWN_DEPTH.get("".join(parts[:2]), 2)


RULE = NotebookNotDeployed()
