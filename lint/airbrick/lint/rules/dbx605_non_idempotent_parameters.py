"""DBX605: what a task hands to its run depends on when the file was parsed."""

import ast
from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import CallValue, DictValue, Fact, Known, Place
from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.knowledge.words import words
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.moving import called, moving
from airbrick.lint.readers import is_part, readers
from airbrick.lint.replacing import replace_expression
from airbrick.lint.rule import Example, Rule

_HANDED_OVER: Final = words(
    """
    job_parameters notebook_params python_params jar_params spark_submit_params python_named_params dbt_commands json
    tasks notebook_task spark_python_task spark_jar_task spark_submit_task idempotency_token task_config sql parameters
    statement settings base_parameters
    """
)
_NAMES: Final = frozenset({"run_name", "name", "task_key"})
"""Keys that only label a run."""
_FORMATS: Final = {"%Y-%m-%d": "ds", "%Y%m%d": "ds_nodash"}
_DAG = """\
from datetime import datetime

from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="load", job="nightly_orders", job_parameters={{"run_date": {date}}})
"""


class NonIdempotentParameters(Rule):
    """A retry must ask for what the first try asked for."""

    code = "DBX605"
    name = "non-idempotent-parameters"
    severity = Severity.WARNING
    summary = "A parameter of a run is computed from the clock or by chance when the file is parsed"
    why = (
        "The file is parsed anew for each try: a retry after midnight loads another day, a backfill loads today "
        "thirty times, a token from uuid4() never protects from a second run. Take dates from the interval the DAG "
        "run stands for, such as {{ ds }}. The fix is unsafe because that date may differ from today's."
    )
    fix = Safety.UNSAFE
    bad = (Example(_DAG.format(date='datetime.now().strftime("%Y-%m-%d")')),)
    good = (Example(_DAG.format(date='"{{ ds }}"')),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check what an operator hands over."""
        if not operator.spec.runs_work or operator.by_hand:
            return
        for name in sorted(_HANDED_OVER & operator.spec.parameters):
            found = _moving(operator.argument(name))
            if found is not None:
                yield context.finding(
                    self,
                    operator.place,
                    f"{name} of {operator.class_name} differs with every parse: it comes from {called(found)}",
                    help="take it from the DAG run, such as {{ ds }} or {{ data_interval_start }}",
                    notes=tuple(context.defined_at(found.where, beyond=operator.place, message="it is computed here")),
                    fix=_fix(operator, operator.argument(name), context),
                )
                return


def _moving(fact: Fact) -> Known | None:
    if isinstance(fact, Known) and isinstance(fact.value, DictValue):
        inner = [item for key, item in fact.value.items() if key not in _NAMES]
        return next((found for item in inner if (found := _moving(item)) is not None), None)
    return moving(fact)


def _fix(operator: Operator, fact: Fact, context: RuleContext) -> Fix | None:
    """Replace today's date, written in full, by that of the DAG run."""
    for place, macro in _todays(fact):
        if place.file is context.file and _is_handed_only(operator, place):
            text = f'"{{{{ {macro} }}}}"'
            edits = replace_expression(place, text)
            return Fix(f"Replace it by {text}", Safety.UNSAFE, edits) if edits else None
    return None


def _is_handed_only(operator: Operator, place: Place) -> bool:
    """Tell whether the operator's call takes a value as it is, and nobody else reads it.

    Only there is a template rendered; whoever else reads the date would get the braces.
    """
    call = operator.place.file.counterpart(operator.place.node)
    keywords = call.keywords if isinstance(call, ast.Call) else []
    found = readers(place)
    return bool(found) and all(any(is_part(keyword.value, reader) for keyword in keywords) for reader in found)


def _todays(fact: Fact) -> Iterator[tuple[Place, str]]:
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, DictValue):
        for entry in value.entries.values():
            yield from _todays(entry.fact)
    elif isinstance(value, CallValue) and isinstance(fact, Known) and fact.where is not None:
        macro = _macro(value)
        if macro is not None and moving(fact) is not None:
            yield fact.where, macro


def _macro(call: CallValue) -> str | None:
    name = call.callee.names[0]
    given = call.arguments.positional
    if name.endswith("().strftime") and len(given) == 1 and isinstance(given[0], Known):
        return _FORMATS.get(str(given[0].value))
    return "ds" if name in {"datetime.date.today().isoformat", "pendulum.today().to_date_string"} else None


RULE = NonIdempotentParameters()
