"""What other tasks and people learn of a run: XComs and the link."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from airbrick.operators.airflow_facts import push_plain_xcom
from airbrick.operators.link import RUN_PAGE_URL, RunLink

if TYPE_CHECKING:
    from airbrick.operators.run_operator import RunOperator
    from airbrick.operators.runs.view import RunView

RUN_ID: Final = "run_id"
JOB_ID: Final = "job_id"
"""XCom keys; the official provider uses the same."""

ATTEMPT: Final = "airbrick_attempt"
"""XCom key: which attempt was deferred, where Airflow has no task state store: a trigger that fails tells nothing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as it was last looked at.

    :param host: address of its workspace.
    """

    run: "RunView"
    host: str


class Announcer:
    """Pushes a run's XComs as soon as they are known.

    :param ti: Airflow's runtime task instance.
    """

    def __init__(self, operator: "RunOperator", ti: Any) -> None:  # noqa: ANN401 -- a private class of Airflow's
        self._operator = operator
        self._ti = ti
        self._job_id: int | None = None
        self._logged = False

    def started(self, run_id: int, job_id: int, host: str) -> None:
        """Tell which run it is, with a link that works before the run was looked at.

        :param job_id: 0 where the workspace has not told it yet, as for a one-time run.
        """
        if self._operator.do_xcom_push:
            self._ti.xcom_push(key=RUN_ID, value=run_id)
            if job_id:
                self._ti.xcom_push(key=JOB_ID, value=job_id)
        if job_id:
            self._link(f"{host}/jobs/{job_id}/runs/{run_id}")
        self._job_id = job_id

    def page(self, run: "RunView", host: str) -> None:
        """Tell the run's job and address as the workspace gives them, and keep the run for OpenLineage.

        Once the run is found or started, its address is in the task's log.
        """
        self._operator.seen = Seen(run, host)
        self._log_page(run)
        if run.job_id and self._job_id == 0 and self._operator.do_xcom_push:
            self._ti.xcom_push(key=JOB_ID, value=run.job_id)
            self._job_id = run.job_id
        if run.url and run.url != self._operator.run_page_url:
            self._link(run.url)

    def _log_page(self, run: "RunView") -> None:
        # Airflow opens a task's page at its log, and shows the link's button elsewhere.
        if self._job_id is not None and run.url and not self._logged:
            self._operator.log.info("run %s: %s", run.run_id, run.url)
            self._logged = True

    def _link(self, url: str) -> None:
        self._operator.run_page_url = url
        if self._operator.do_xcom_push:
            self._ti.xcom_push(key=RUN_PAGE_URL, value=url)
        push_plain_xcom(self._ti, RunLink().xcom_key, url)
