"""DBX803: a task uses a connection that no stack provisions."""

from collections.abc import Iterator

from airbrick.contract import suggest
from airbrick.lint.context import RuleContext
from airbrick.lint.contracts import StackContract
from airbrick.lint.edits import replace_text
from airbrick.lint.facts.values import Fact, Known, Place, literal_text
from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.model.elements import Group, Operator
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import listed, not_in_stacks

_ARGUMENT = "databricks_conn_id"
_HOOKS = "airflow.providers.databricks.hooks."
_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(task_id="load", job_name="orders job", databricks_conn_id="{name}")
"""


class UnprovisionedConnection(Rule):
    """A connection nobody provisions is there by accident."""

    code = "DBX803"
    name = "unprovisioned-connection"
    severity = Severity.ERROR
    summary = "A task uses a connection that the contract does not hold"
    why = (
        "The contract lists the Airflow connections a stack provisions. Another name is a typing mistake, which "
        "fails when the task runs, or a connection that somebody made by hand, whose secret nobody rotates. A stack "
        "that provisions no connection says nothing about them."
    )
    fix = Safety.UNSAFE
    needs_contract = True
    bad = (Example(_DAG.format(name="databricks_order"), contract={"orders": ()}, connections=("databricks_orders",)),)
    good = (
        Example(_DAG.format(name="databricks_orders"), contract={"orders": ()}, connections=("databricks_orders",)),
        Example(_DAG.format(name="anything"), contract={"orders": ()}),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the connection of an operator."""
        if operator.spec.takes(_ARGUMENT):
            contracts = context.contracts_for(operator)
            yield from self._check(operator.argument(_ARGUMENT), operator.place, contracts, context)

    def check_group(self, group: Group, context: RuleContext) -> Iterator[Finding]:
        """Check the connection of a workflow group."""
        if group.workflow:
            yield from self._check(group.argument(_ARGUMENT), group.place, context.contracts, context)

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check the connections of hooks."""
        for call in context.model.calls:
            arguments = call.value.arguments
            name = call.value.callee.names[0]
            if name.startswith(_HOOKS) and name.endswith("Hook"):
                first = arguments.positional[0] if arguments.positional else arguments.get(_ARGUMENT)
                if arguments.call.file is context.file:
                    yield from self._check(first, arguments.call, context.contracts, context)

    def _check(
        self, given: Fact, place: Place, contracts: tuple[StackContract, ...], context: RuleContext
    ) -> Iterator[Finding]:
        name = literal_text(given)
        telling = [contract for contract in contracts if contract.contract.connections]
        missing = [contract for contract in telling if name not in contract.contract.connections]
        if not name or not missing or not isinstance(given, Known):
            return
        candidates = sorted({known for contract in missing for known in contract.contract.connections})
        nearest = suggest(name, candidates)
        stacks = [contract.stack for contract in missing]
        present = [contract.stack for contract in telling if contract not in missing]
        yield context.finding(
            self,
            place,
            f"connection {name!r} {not_in_stacks(stacks, present)}",
            help=f"did you mean {nearest!r}?" if nearest else f"provisioned: {listed(candidates)}",
            notes=[
                *context.defined_at(given.where, beyond=place, message="the connection is named here"),
                *(contract.note(f"the connections of stack {contract.stack}", "connections") for contract in missing),
            ],
            fix=_fix(given.where, nearest, context) if len(missing) == len(telling) else None,
            stacks=stacks,
        )


def _fix(place: Place | None, nearest: str | None, context: RuleContext) -> Fix | None:
    if nearest is None or place is None or place.file is not context.file:
        return None
    edits = replace_text(place, nearest)
    return Fix(f"Replace it by {nearest!r}", Safety.UNSAFE, edits) if edits else None


RULE = UnprovisionedConnection()
