"""The link from a task to its run in Databricks."""

from typing import TYPE_CHECKING, Final

import attrs
from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

RUN_PAGE_URL: Final = "run_page_url"
"""XCom key of the run's address; the official provider uses the same."""


@attrs.define()
class RunLink(BaseOperatorLink):
    """The button "Databricks run" on a task's page, in the tab "Details".

    Airflow shows it as soon as the XCom ``_link_RunLink`` exists, and writes that XCom when the task defers or
    ends; the operator writes it already when the run starts.
    """

    @property
    def name(self) -> str:
        """Give the button's text."""
        return "Databricks run"

    def get_link(self, operator: "BaseOperator", *, ti_key: "TaskInstanceKey") -> str:
        """Give the run's address, or an empty text while there is no run."""
        known = getattr(operator, RUN_PAGE_URL, None)
        if isinstance(known, str) and known:
            return known
        from airflow.sdk.bases.xcom import BaseXCom

        stored = BaseXCom.get_one(
            key=RUN_PAGE_URL,
            dag_id=ti_key.dag_id,
            task_id=ti_key.task_id,
            run_id=ti_key.run_id,
            map_index=ti_key.map_index,
        )
        return stored if isinstance(stored, str) else ""
