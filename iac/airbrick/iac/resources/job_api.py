"""The calls of the Jobs API that a job needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from airbrick.contract import OWNER_TAG
from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.errors import UnclearError
from airbrick.iac.lookups import JOB
from airbrick.iac.ownership import same_resource
from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.shape import Shape, job_settings

_JOBS: Final = "/api/2.2/jobs"
_PAGE_SIZE: Final = 100
# jobs/get cuts these after the first hundred elements and gives the rest on further pages.
_PAGED: Final = ("tasks", "job_clusters", "parameters", "environments")


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """A job as the API returns it.

    :param settings: all of its settings, pages joined.
    :param creator: who made it; empty where the API does not tell.
    """

    job_id: str
    settings: Mapping[str, Any]
    creator: str = ""


class JobApi:
    """Jobs of a workspace, in raw JSON.

    :param workspace: the client.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def create(self, settings: Mapping[str, Any]) -> str:
        """Make a job.

        :raises UnclearError: it may have been made.
        """
        answer = self._workspace.post(f"{_JOBS}/create", numbered(settings, job_settings()))
        if not isinstance(answer.get("job_id"), int):
            raise UnclearError(
                service="Databricks",
                request=f"POST {_JOBS}/create",
                url=f"{self._workspace.host}{_JOBS}/create",
                reason="the answer has no job_id",
                fix="run `pulumi up` again",
            )
        return str(answer["job_id"])

    def get(self, job_id: str) -> RemoteJob:
        """Read a job.

        :raises NotFoundError: there is none.
        """
        query: dict[str, Any] = {"job_id": job_id}
        answer = self._workspace.get(f"{_JOBS}/get", query)
        settings: dict[str, Any] = answer.get("settings") or {}
        creator = str(answer.get("creator_user_name") or "")
        while token := answer.get("next_page_token"):
            answer = self._workspace.get(f"{_JOBS}/get", {**query, "page_token": token})
            page = answer.get("settings") or {}
            for name in _PAGED:
                if more := page.get(name):
                    settings[name] = [*settings.get(name, []), *more]
        return RemoteJob(job_id, settings, creator)

    def id_of(self, name: str) -> str:
        """Find the one job of exactly this name.

        :raises MissingNameError: there is none.
        :raises AmbiguousNameError: there are several.
        """
        return str(JOB.call(self._workspace, {"name": name})["job_id"])

    def listed(self, **filters: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """List jobs: id and settings without tasks.

        :param filters: the API's own, such as ``name``, which ignores case.
        """
        query: dict[str, Any] = {**filters, "limit": _PAGE_SIZE}
        while True:
            answer = self._workspace.get(f"{_JOBS}/list", query)
            yield from ((str(job["job_id"]), job.get("settings") or {}) for job in answer.get("jobs") or [])
            token = answer.get("next_page_token")
            if not token or answer.get("has_more") is False:
                return
            query = {**query, "page_token": token}

    def owned(self, name: str, mark: str) -> Mapping[str, str]:
        """Find the jobs with exactly this name and an owner tag of this resource, oldest first.

        :param mark: the owner's.
        :returns: their owner tags by id; another than the mark is of another state's resource of the same URN.
        """
        found = {
            job_id: str((settings.get("tags") or {}).get(OWNER_TAG, ""))
            for job_id, settings in self.listed(name=name)
            if settings.get("name") == name
        }
        return {job_id: found[job_id] for job_id in sorted(found, key=int) if same_resource(found[job_id], mark)}

    def reset(self, job_id: str, settings: Mapping[str, Any]) -> None:
        """Replace all settings of a job."""
        body = {"job_id": int(job_id), "new_settings": numbered(settings, job_settings())}
        self._workspace.post(f"{_JOBS}/reset", body)

    def delete(self, job_id: str) -> None:
        """Delete a job.

        :raises NotFoundError: there is none.
        """
        self._workspace.post(f"{_JOBS}/delete", {"job_id": int(job_id)})

    def caller(self) -> dict[str, str]:
        """Give our own identity in the form ``run_as`` takes."""
        me = self._workspace.get("/api/2.0/preview/scim/v2/Me")
        name = str(me.get("userName", ""))
        return {"user_name": name} if "@" in name else {"service_principal_name": name}


def numbered(value: Any, shape: Shape) -> Any:  # noqa: ANN401 - JSON
    """Give settings with ids as the numbers the API wants; Python's integers are exact at any size."""
    if isinstance(value, Mapping):
        return {key: numbered(item, shape.member(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [numbered(item, shape.item()) for item in value]
    if RuleKind.IDENTIFIER in shape.rules and isinstance(value, str) and value.isdecimal():
        return int(value)
    return value
