"""DBX108: what a task runs lies on the DBFS root."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import ABSENT, DictValue, Fact, Known, ListValue, Place, parts_of
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Group, Operator, Resolver
from airbrick.lint.model.submissions import (
    Cluster,
    alternatives,
    clusters_of,
    clusters_of_group,
    items_of,
    setting_in,
    settings_of,
    task_settings,
)
from airbrick.lint.rule import Example, Rule

_DBFS: Final = ("dbfs:/", "/dbfs/")
_VOLUMES: Final = ("dbfs:/Volumes/", "/dbfs/Volumes/")
_LIBRARY_LISTS: Final = ("libraries", "notebook_packages")
_FILES: Final = (("spark_python_task", "python_file"), ("spark_jar_task", "jar_uri"))
_ENDINGS: Final = (".jar", ".py", ".whl", ".egg", ".sh")


class DbfsArtifacts(Rule):
    """Code belongs where access is controlled."""

    code = "DBX108"
    name = "dbfs-artifacts"
    severity = Severity.WARNING
    summary = "Init scripts, libraries or code lie on the DBFS root"
    why = (
        "Everybody in a workspace can overwrite files on the DBFS root, so whoever can write there runs code in every "
        "pipeline that loads it. Databricks no longer runs init scripts from there, and clusters with Unity Catalog "
        "refuse libraries from there. Keep them in a volume or in workspace files."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        spark_jar_task={"main_class_name": "com.example.Load"},
        libraries=[{"jar": "dbfs:/FileStore/jars/load.jar"}],
    )
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        spark_jar_task={"main_class_name": "com.example.Load"},
        libraries=[{"jar": "/Volumes/main/orders/jars/load.jar"}],
    )
"""
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the paths an operator submits."""
        yield from self._check(operator.class_name, operator.place, _of_operator(operator), context)

    def check_group(self, group: Group, context: RuleContext) -> Iterator[Finding]:
        """Check the paths a workflow group brings."""
        if group.workflow:
            yield from self._check("DatabricksWorkflowTaskGroup", group.place, _of_group(group), context)

    def _check(self, who: str, call: Place, paths: Iterator[Fact], context: RuleContext) -> Iterator[Finding]:
        for fact in paths:
            for known in alternatives(fact):
                start = parts_of(known)[0] or ""
                if start.startswith(_DBFS) and not start.startswith(_VOLUMES):
                    yield context.finding(
                        self,
                        call,
                        f"{who} loads {start}{'…' if len(parts_of(known)) > 1 else ''} from the DBFS root",
                        help="keep it in a volume or in workspace files",
                        notes=tuple(context.defined_at(known.where, beyond=call, message="the path is written here")),
                    )
                    return


def _of_operator(operator: Operator) -> Iterator[Fact]:
    resolve = operator.resolve
    for name in _LIBRARY_LISTS:
        if name != "libraries" and operator.spec.takes(name):
            yield from _libraries(operator.argument(name), resolve)
        for fact in task_settings(operator, name):
            yield from _libraries(fact, resolve)
    for task, key in _FILES:
        for fact in task_settings(operator, task):
            yield setting_in(fact, key, resolve) or ABSENT
    for fact in task_settings(operator, "spark_submit_task"):
        yield from _artifacts(setting_in(fact, "parameters", resolve) or ABSENT, resolve)
    yield from _init_scripts(clusters_of(operator))


def _of_group(group: Group) -> Iterator[Fact]:
    yield from _libraries(group.argument("notebook_packages"), group.resolve)
    yield from _init_scripts(clusters_of_group(group))


def _libraries(fact: Fact, resolve: Resolver) -> Iterator[Fact]:
    for library in items_of(fact, resolve):
        settings = settings_of(library)
        if settings is not None:
            yield from (resolve(inner) for _, inner in settings.items())


def _artifacts(fact: Fact, resolve: Resolver) -> Iterator[Fact]:
    for item in items_of(fact, resolve):
        if isinstance(item, Known) and isinstance(item.value, str) and item.value.endswith(_ENDINGS):
            yield item


def _init_scripts(clusters: Iterator[Cluster]) -> Iterator[Fact]:
    for cluster in clusters:
        scripts = cluster.get("init_scripts")
        value = scripts.value if isinstance(scripts, Known) else None
        for script in value.items if isinstance(value, ListValue) else ():
            settings = settings_of(cluster.resolve(script))
            for _, store in settings.items() if settings is not None else ():
                where = settings_of(cluster.resolve(store))
                if isinstance(where, DictValue):
                    yield cluster.resolve(where.get("destination"))


RULE = DbfsArtifacts()
