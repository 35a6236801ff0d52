"""What OpenLineage is told: which run or statement in Databricks a task stands for.

Imported only by the methods that OpenLineage's provider for Airflow calls, so only where it is installed.
"""

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import attrs
from airflow.providers.openlineage.extractors import OperatorLineage
from airflow.providers.openlineage.sqlparser import DatabaseInfo, SQLParser
from openlineage.client.facet_v2 import RunFacet, external_query_run

if TYPE_CHECKING:
    from airbrick.operators.runs.view import RunView

SCHEME: Final = "databricks"
"""Scheme of the names of workspaces and tables; the official provider uses the same."""

RUN_FACET: Final = "airbrick_run"


@attrs.define
class DatabricksRunFacet(RunFacet):
    """The run of a job as it was when the task ended; ids are texts, because they pass 2^53.

    :param result: result state, or the life cycle state of a run that has none.
    :param terminationCode: such as ``RUN_EXECUTION_ERROR``; empty while there is none.
    """

    runId: str  # noqa: N815 -- names of facets' fields are camelCase
    jobId: str  # noqa: N815
    url: str
    result: str
    terminationCode: str  # noqa: N815
    queueSeconds: float  # noqa: N815
    setupSeconds: float  # noqa: N815
    executionSeconds: float  # noqa: N815


def run_lineage(run: "RunView", host: str) -> "OperatorLineage[Any, Any]":
    """Describe a task by its run; what the run read and wrote is not known here.

    :param host: the workspace's address.
    """
    return OperatorLineage(
        run_facets={
            "externalQuery": _external(str(run.run_id), host),
            RUN_FACET: DatabricksRunFacet(
                runId=str(run.run_id),
                jobId=str(run.job_id),
                url=run.url,
                result=run.result or run.code or run.state,
                terminationCode=run.code,
                queueSeconds=run.queue_s,
                setupSeconds=run.setup_s,
                executionSeconds=run.execution_s,
            ),
        }
    )


def statement_lineage(
    statement_id: str, host: str, *, sql: str, catalog: str | None, schema: str | None
) -> "OperatorLineage[Any, Any]":
    """Describe a task by its statement, and by the tables that its text names.

    The text is parsed as it was sent: values of ``:name`` markers are not in it, and neither is a table that
    ``IDENTIFIER(:name)`` names.

    :param host: the workspace's address.
    """
    lineage = SQLParser(dialect=SCHEME, default_schema=schema or "default").generate_openlineage_metadata_from_sql(
        sql=sql,
        hook=None,  # type: ignore[arg-type]  # used to look tables up, which is not done
        database_info=DatabaseInfo(scheme=SCHEME, authority=urlsplit(host).netloc, database=catalog),
        use_connection=False,
    )
    lineage.run_facets["externalQuery"] = _external(statement_id, host)
    return lineage


def _external(name: str, host: str) -> external_query_run.ExternalQueryRunFacet:
    return external_query_run.ExternalQueryRunFacet(externalQueryId=name, source=f"{SCHEME}://{urlsplit(host).netloc}")
