"""Whether a job is there: what one call does not find yet, another may show."""

from typing import Final

from airbrick.iac.errors import NotFoundError, UnclearError
from airbrick.iac.provider.handler import Context
from airbrick.iac.resources.job_api import JobApi, RemoteJob
from airbrick.iac.values import Properties, reveal

_WAITS_S: Final = (0.5, 1.0, 2.0, 4.0)


def read_surely(context: Context, api: JobApi, job_id: str, inputs: Properties | None) -> RemoteJob | None:
    """Read a job; one that is not found is gone only when no list shows it any more, or it would be made twice.

    :param inputs: the settings it was made with; ``None`` when they are not known, and a list cannot be asked.
    :returns: the job; ``None`` when it is gone.
    :raises UnclearError: a list shows it, and it cannot be read.
    """
    for wait_s in (*_WAITS_S, None):
        try:
            return api.get(job_id)
        except NotFoundError:
            # Whatever its owner tag is: an imported job has none, and one that was renamed in the program an old one.
            named = () if inputs is None else api.listed(name=str(reveal(inputs["name"])))
            if all(job_id != listed for listed, _ in named):
                return None
        if wait_s is None or not context.wait(wait_s):
            break
    raise UnclearError(
        service="Databricks",
        request="GET jobs/get",
        url=context.workspace.host,
        reason=f"jobs/list shows job {job_id}, but jobs/get does not find it",
        fix="run the command again in a minute",
    )
