"""What other tasks and people learn of a run: XComs and the link."""

from typing import TYPE_CHECKING, Any, Final

from airbrick.operators.airflow_facts import push_plain_xcom
from airbrick.operators.link import RUN_PAGE_URL, RunLink

if TYPE_CHECKING:
    from airbrick.operators.run_operator import RunOperator
    from airbrick.operators.runs.view import RunView

RUN_ID: Final = "run_id"
JOB_ID: Final = "job_id"
"""XCom keys; the official provider uses the same."""


class Announcer:
    """Pushes a run's XComs as soon as they are known.

    :param ti: Airflow's runtime task instance.
    """

    def __init__(self, operator: "RunOperator", ti: Any) -> None:  # noqa: ANN401 -- a private class of Airflow's
        self._operator = operator
        self._ti = ti

    def started(self, run_id: int, job_id: int, host: str) -> None:
        """Tell which run it is, with a link that works before the run was looked at."""
        if self._operator.do_xcom_push:
            self._ti.xcom_push(key=RUN_ID, value=run_id)
            self._ti.xcom_push(key=JOB_ID, value=job_id)
        self._link(f"{host}/jobs/{job_id}/runs/{run_id}")

    def page(self, run: "RunView") -> None:
        """Tell the run's address as the workspace gives it."""
        if run.url and run.url != self._operator.run_page_url:
            self._link(run.url)

    def _link(self, url: str) -> None:
        self._operator.run_page_url = url
        if self._operator.do_xcom_push:
            self._ti.xcom_push(key=RUN_PAGE_URL, value=url)
        push_plain_xcom(self._ti, RunLink().xcom_key, url)
