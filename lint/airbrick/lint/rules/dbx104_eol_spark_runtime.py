"""DBX104: a cluster runs on a Databricks Runtime that is no longer supported."""

import re
from typing import Final

from airbrick.lint.cluster_rule import ClusterRule, Verdict
from airbrick.lint.context import RuleContext
from airbrick.lint.edits import replace_text
from airbrick.lint.facts.values import Known, parts_of
from airbrick.lint.finding import Fix, Safety, Severity
from airbrick.lint.model.submissions import Cluster, alternatives
from airbrick.lint.rule import Example, Option

_VERSION: Final = re.compile(r"(?P<major>\d+)\.(?P<minor>\d+|x)")
_MOVABLE: Final = re.compile(r"\d+\.\d+\.x(?P<image>(?:-(?:cpu|gpu)-ml)?(?:-photon)?)-scala2\.1[12]")
_TARGET: Final = (16, 4)
"""The newest runtime with long-term support that still comes with Scala 2.12.

Source: https://docs.databricks.com/release-notes/runtime/
"""
_FLOOR: Final = Option("minimum-runtime", (13, 3), "the oldest Databricks Runtime that is not reported")


class EolSparkRuntime(ClusterRule):
    """Old runtimes get no security fixes."""

    code = "DBX104"
    name = "eol-spark-runtime"
    severity = Severity.WARNING
    summary = "A cluster runs on a Databricks Runtime that is no longer supported"
    why = (
        "A Databricks Runtime is supported for three years at most. After that it gets no security fixes, and one day "
        "clusters with it no longer start. The fix moves to the newest runtime with long-term support for the same "
        "Scala; it is unsafe because Spark changes between them."
    )
    fix = Safety.UNSAFE
    options = (_FLOOR,)
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        new_cluster={"spark_version": "7.3.x-scala2.12", "num_workers": 2},
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
        new_cluster={"spark_version": "16.4.x-scala2.12", "num_workers": 2},
    )
"""
        ),
    )

    def judge(self, cluster: Cluster, context: RuleContext) -> Verdict | None:
        """Compare the runtime with the floor."""
        floor = context.option(self, _FLOOR)
        versions = list(alternatives(cluster.get("spark_version")))
        if not versions or not all(_is_older(known, floor) for known in versions):
            return None
        known = versions[0]
        return Verdict(
            f"starts a cluster on Databricks Runtime {_number(known)}, older than {floor[0]}.{floor[1]}",
            "move to a runtime with long-term support",
            known.where or cluster.place,
            note="the runtime is written here" if known.where is not None else "the cluster is spelled out here",
            fix=_fix(known, floor),
        )


def _version(known: Known) -> re.Match[str] | None:
    text = parts_of(known)[0]
    return _VERSION.match(text) if text is not None else None


def _number(known: Known) -> str:
    match = _version(known)
    return match.group() if match is not None else ""


def _is_older(known: Known, floor: tuple[int, int]) -> bool:
    match = _version(known)
    if match is None:
        return False
    major = int(match["major"])
    return major < floor[0] if match["minor"] == "x" else (major, int(match["minor"])) < floor


def _fix(known: Known, floor: tuple[int, int]) -> Fix | None:
    match = _MOVABLE.fullmatch(known.value) if isinstance(known.value, str) else None
    if match is None or known.where is None or floor > _TARGET:
        return None
    runtime = f"{_TARGET[0]}.{_TARGET[1]}.x{match['image']}-scala2.12"
    edits = replace_text(known.where, runtime)
    return Fix(f"Move to {runtime}", Safety.UNSAFE, edits) if edits else None


RULE = EolSparkRuntime()
