"""The operator that runs a provisioned job."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airbrick.operators.authoring.dag_file import places_beside
from airbrick.operators.authoring.options import one_of
from airbrick.operators.authoring.rendered import rendered_id
from airbrick.operators.authoring.run_settings import FIELDS, check_static, run_settings
from airbrick.operators.authoring.target import Target, find_contract, load_cached, target_in
from airbrick.operators.errors import UsageError
from airbrick.operators.run_operator import RunOperator

if TYPE_CHECKING:
    from airflow.sdk import XComArg
    from airflow.sdk.definitions.mappedoperator import OperatorPartial

    from airbrick.operators.request import RunRequest

    Named = Mapping[str, Any] | XComArg | None
    Listed = Sequence[Any] | XComArg | None


class RunNowOperator(RunOperator):
    """Run a job that is provisioned in Databricks, exactly once, and wait for its end.

    The job is named by its key in the contract that ``pulumi up`` writes; job, parameters and task keys are checked
    against it when the DAG is parsed, without network. :class:`~airbrick.operators.run_operator.RunOperator`
    describes the waiting and the parameters of every operator that starts a run.

    The fields of run-now are templated, but for ``queue_enabled``.

    :param job: the job's key in the contract. Give this or ``job_id``. Plain text.
    :param job_id: a job's id, for jobs that no contract names; nothing is checked before the run. Templated.
    :param job_parameters: the job's parameters by name; names are checked at parse. Values are text; numbers and
        booleans are written out. Together at most 10,000 bytes as JSON.
    :param only: keys of the tasks to run; ``+key`` runs what is upstream of it too, ``key+`` what is downstream.
    :param queue_enabled: whether the run waits its turn when the job has as many runs as it may have; by default as
        the job says. (``queue`` is Airflow's own argument: the queue of its executor.)
    :param performance_target: ``PERFORMANCE_OPTIMIZED``, ``STANDARD`` or ``COST_OPTIMIZED``, for serverless jobs.
    :param duration_target: the window a ``COST_OPTIMIZED`` run aims to finish within, such as ``4h``.
    :param pipeline_params: for pipeline tasks, such as ``{"full_refresh": True}``.
    :param notebook_params: for jobs from before job parameters, as the fields that follow: each at most
        10,000 bytes as JSON, and none together with ``job_parameters``.
    :param jar_params: for JAR tasks; not together with ``notebook_params``.
    :param python_params: for Python file and wheel tasks; ASCII only.
    :param python_named_params: for Python wheel tasks.
    :param spark_submit_params: for spark-submit tasks; ASCII only.
    :param sql_params: for SQL tasks.
    :param dbt_commands: for dbt tasks.
    :param contract: path of the contract, absolute or relative to the DAG file; by default it is looked for.
    :param on_stale: what to do when the job was changed after the contract was written.
    :raises UsageError: an argument is wrong; at parse.
    :raises ContractError: the contract is broken, or several fit; at parse.
    """

    template_fields: ClassVar[Sequence[str]] = (  # type: ignore[misc]
        "job",
        "job_id",
        *(name for name in FIELDS if name != "queue_enabled"),
        "databricks_conn_id",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {
        name: "json" for name in FIELDS if name not in {"queue_enabled", "performance_target", "duration_target"}
    }

    def __init__(
        self,
        *,
        job: str | None = None,
        job_id: int | str | None = None,
        job_parameters: "Named" = None,
        only: "Listed" = None,
        queue_enabled: bool | None = None,
        performance_target: str | None = None,
        duration_target: str | None = None,
        pipeline_params: "Named" = None,
        notebook_params: "Named" = None,
        jar_params: "Listed" = None,
        python_params: "Listed" = None,
        python_named_params: "Named" = None,
        spark_submit_params: "Listed" = None,
        sql_params: "Named" = None,
        dbt_commands: "Listed" = None,
        contract: str | Path | None = None,
        on_stale: Literal["warn", "fail"] = "warn",
        **kwargs: Any,  # noqa: ANN401 -- those of RunOperator and BaseOperator
    ) -> None:
        super().__init__(**kwargs)
        self.job = job
        self.job_id = job_id
        self.job_parameters = job_parameters
        self.only = only
        self.queue_enabled = queue_enabled
        self.performance_target = performance_target
        self.duration_target = duration_target
        self.pipeline_params = pipeline_params
        self.notebook_params = notebook_params
        self.jar_params = jar_params
        self.python_params = python_params
        self.python_named_params = python_named_params
        self.spark_submit_params = spark_submit_params
        self.sql_params = sql_params
        self.dbt_commands = dbt_commands
        self.contract = None if contract is None else str(contract)
        self.on_stale = on_stale
        one_of("on_stale", on_stale, ("warn", "fail"))
        fileloc = getattr(self.get_dag(), "fileloc", None)
        self._target = check_arguments(
            job=job, job_id=job_id, fields=self._fields(), contract=self.contract, dag_fileloc=fileloc
        )

    @classmethod
    def partial(cls, **kwargs: Any) -> "OperatorPartial":  # noqa: ANN401 -- as BaseOperator's
        """Prepare a mapped task; what is given here is checked now, what is expanded when it runs."""
        if "job" in kwargs:
            check_arguments(
                job=kwargs["job"],
                job_id=kwargs.get("job_id"),
                fields={name: kwargs.get(name) for name in FIELDS},
                contract=None if kwargs.get("contract") is None else str(kwargs["contract"]),
                dag_fileloc=getattr(kwargs.get("dag"), "fileloc", None) or _fileloc_of_current_dag(),
            )
        return super().partial(**kwargs)

    @property
    def target(self) -> Target | None:
        """Give the job as the contract found at parse describes it; ``None`` when none was found."""
        return self._target

    @property
    def label(self) -> str:
        """Name the job as the DAG does."""
        return f"job {self.job!r}" if self.job is not None else f"job {self.job_id}"

    def request(self) -> "RunRequest":
        """Say which job to run, and how."""
        from airbrick.operators.job_check import target_of_variable
        from airbrick.operators.request import RunRequest

        target = self._target or target_of_variable(self.job)
        settings = run_settings(self._fields(), target)
        job_id = rendered_id("job_id", self.job_id) if target is None else target.job_id
        return RunRequest(job_id, settings, target, stale_fails=self.on_stale == "fail")

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in FIELDS}


def check_arguments(
    *,
    job: object,
    job_id: object,
    fields: Mapping[str, object],
    contract: str | None,
    dag_fileloc: str | None,
) -> Target | None:
    """Check what can be checked when a DAG is parsed.

    :param fields: the fields of run-now, by name.
    :returns: the job as the contract describes it; ``None`` for ``job_id``, or when no contract is found.
    """
    if (job is None) == (job_id is None):
        problem = "neither is given" if job is None else "both are given"
        raise UsageError("job, job_id", problem, fix="name the job by its key in the contract: job=…")
    target = None if job is None else _find_target(job, contract, dag_fileloc)
    check_static(fields, target)
    return target


def _find_target(job: object, contract: str | None, dag_fileloc: str | None) -> Target | None:
    if not isinstance(job, str) or not job or "{{" in job:
        raise UsageError(f"job={job!r}", "is not a key", fix="give the key as plain text; it is looked up at parse")
    path = find_contract(contract=contract, places=places_beside(dag_fileloc))
    return None if path is None else target_in(load_cached(path), job, source=str(path))


def _fileloc_of_current_dag() -> str | None:
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    return getattr(DagContext.get_current(), "fileloc", None)
