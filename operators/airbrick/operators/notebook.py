"""The operator that runs one notebook."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airbrick.operators.authoring.json_value import check_json
from airbrick.operators.authoring.options import holds_late, is_late, one_of
from airbrick.operators.authoring.parameters import as_text
from airbrick.operators.errors import UsageError
from airbrick.operators.run_operator import RunOperator

if TYPE_CHECKING:
    from airflow.sdk import XComArg

    from airbrick.operators.request import RunRequest


class NotebookOperator(RunOperator):
    """Run one notebook that no job describes, and return what it gave to ``dbutils.notebook.exit``.

    It is a one-time run: what :class:`~airbrick.operators.submit_run.SubmitRunOperator` says of provisioned jobs
    holds here too. Without a cluster it runs on serverless compute.

    :param notebook_path: the notebook: absolute in the workspace, or relative in ``git_source``. Templated.
    :param source: where the notebook is: ``WORKSPACE`` or ``GIT``.
    :param base_parameters: widgets' values by name. Templated.
    :param existing_cluster_id: a cluster to run on. Templated.
    :param new_cluster: a cluster to make for the run. Templated.
    :param libraries: libraries to install on the cluster.
    :param git_source: the repository, where ``source`` is ``GIT``. Templated.
    :raises UsageError: an argument is wrong; at parse.
    """

    template_fields: ClassVar[Sequence[str]] = (  # type: ignore[misc]
        "notebook_path",
        "base_parameters",
        "existing_cluster_id",
        "new_cluster",
        "git_source",
        "databricks_conn_id",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "base_parameters": "json",
        "new_cluster": "json",
        "git_source": "json",
    }

    def __init__(
        self,
        *,
        notebook_path: str,
        source: Literal["WORKSPACE", "GIT"] = "WORKSPACE",
        base_parameters: "Mapping[str, Any] | XComArg | None" = None,
        existing_cluster_id: str | None = None,
        new_cluster: Mapping[str, Any] | None = None,
        libraries: Sequence[Mapping[str, Any]] | None = None,
        git_source: Mapping[str, Any] | None = None,
        **kwargs: Any,  # noqa: ANN401 -- those of RunOperator and BaseOperator
    ) -> None:
        super().__init__(**kwargs)
        self.notebook_path = notebook_path
        self.source = source
        self.base_parameters = base_parameters
        self.existing_cluster_id = existing_cluster_id
        self.new_cluster = new_cluster
        self.libraries = libraries
        self.git_source = git_source
        one_of("source", source, ("WORKSPACE", "GIT"))
        if existing_cluster_id is not None and new_cluster is not None:
            raise UsageError("existing_cluster_id, new_cluster", "both are given", fix="give one, or none (serverless)")
        if (git_source is not None) != (source == "GIT"):
            problem = 'is given for source="WORKSPACE"' if git_source is not None else 'is missing for source="GIT"'
            raise UsageError("git_source", problem, fix="give both or none")
        if self.on_retry == "repair":
            raise UsageError('on_retry="repair"', "needs a job: one-time runs cannot be repaired", fix="provision one")
        if not is_late(notebook_path):
            self._check_path()
        if not holds_late(base_parameters):
            self._parameters()

    @property
    def label(self) -> str:
        """Name the notebook."""
        return f"notebook {self.notebook_path!r}"

    def request(self) -> "RunRequest":
        """Say which notebook to run, and where."""
        from airbrick.operators.request import RunRequest

        self._check_path()
        notebook = {"notebook_path": self.notebook_path, "source": self.source, "base_parameters": self._parameters()}
        task = {
            "task_key": "notebook",
            "notebook_task": notebook,
            "existing_cluster_id": self.existing_cluster_id,
            "new_cluster": self.new_cluster,
            "libraries": self.libraries,
        }
        settings: dict[str, Any] = {
            "run_name": f"{self.dag_id}.{self.task_id}",
            "tasks": [{name: value for name, value in task.items() if value is not None}],
        }
        if self.git_source is not None:
            settings["git_source"] = dict(self.git_source)
        check_json("settings", settings)
        return RunRequest(0, settings)

    def _check_path(self) -> None:
        path: object = self.notebook_path
        if not isinstance(path, str) or not path.strip():
            raise UsageError("notebook_path", "is empty", fix="give the notebook's path")
        if (self.source == "WORKSPACE") != path.startswith("/"):
            kind = "absolute in the workspace" if self.source == "WORKSPACE" else "relative in the repository"
            raise UsageError(f"notebook_path={path!r}", "does not fit its source", fix=f"paths are {kind}")

    def _parameters(self) -> dict[str, str]:
        given: object = {} if self.base_parameters is None else self.base_parameters
        if not isinstance(given, Mapping):
            raise UsageError("base_parameters", f"are a {type(given).__name__}", fix="give a dict of names and values")
        return as_text(given, field="base_parameters")
