"""Look-ups by name: what exists already, and no stack of ours made.

Each gives exactly one object. None, or several of one name, is an error: a name that may mean two things is no answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from airbrick.iac.clients.databricks import Json, Workspace
from airbrick.iac.errors import AmbiguousNameError, MissingNameError
from airbrick.iac.values import Properties

_PAGE_SIZE: Final = 100
_SCIM: Final = "/api/2.0/preview/scim/v2"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A function of the provider.

    :param token: its token.
    :param noun: what messages call the object.
    :param named: whether it takes a name.
    :param outputs: what it gives, with the API's field behind each.
    :param candidates: lists the objects that may have the name.
    :param name: the API's field that is the name.
    """

    token: str
    noun: str
    outputs: Mapping[str, str]
    candidates: Callable[[Workspace, str], Sequence[Json]]
    name: str = "name"
    named: bool = True

    def call(self, workspace: Workspace, arguments: Properties) -> Properties:
        """Look the object up.

        :raises MissingNameError: there is none of this name.
        :raises AmbiguousNameError: there are several.
        """
        name = str(arguments.get("name", ""))
        found = [item for item in self.candidates(workspace, name) if not self.named or item.get(self.name) == name]
        if not found:
            near = [str(item.get(self.name)) for item in self.candidates(workspace, "")] if self.named else []
            raise MissingNameError(kind=self.noun, name=name, known=near)
        if len(found) > 1:
            ids = [str(item.get(next(iter(self.outputs.values())))) for item in found]
            raise AmbiguousNameError(kind=self.noun, name=name, ids=ids)
        return {output: _text(found[0].get(field)) for output, field in self.outputs.items()}


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    """Give a value as text: ids pass 2^53."""
    return "" if value is None else str(value)


def _jobs(workspace: Workspace, name: str) -> Sequence[Json]:
    query: Json = {"limit": _PAGE_SIZE, **({"name": name} if name else {})}
    jobs: list[Json] = []
    while True:
        answer = workspace.get("/api/2.2/jobs/list", query)
        jobs += [{**job, "name": (job.get("settings") or {}).get("name")} for job in answer.get("jobs") or []]
        token = answer.get("next_page_token")
        # To suggest a name the first page is enough.
        if not token or not name:
            return jobs
        query = {**query, "page_token": token}


def _listed(path: str, key: str) -> Callable[[Workspace, str], Sequence[Json]]:
    return lambda workspace, _name: workspace.get(path).get(key) or []


def _warehouses(workspace: Workspace, _name: str) -> Sequence[Json]:
    query: Json = {"page_size": _PAGE_SIZE}
    warehouses: list[Json] = []
    while True:
        answer = workspace.get("/api/2.0/sql/warehouses", query)
        warehouses += answer.get("warehouses") or []
        token = answer.get("next_page_token")
        if not token:
            return warehouses
        query = {**query, "page_token": token}


def _service_principals(workspace: Workspace, name: str) -> Sequence[Json]:
    query: Json = {"count": _PAGE_SIZE}
    if name:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        query["filter"] = f'displayName eq "{quoted}"'
    return workspace.get(f"{_SCIM}/ServicePrincipals", query).get("Resources") or []


def _me(workspace: Workspace, _name: str) -> Sequence[Json]:
    return [workspace.get(f"{_SCIM}/Me")]


JOB: Final = Lookup("airbrick:databricks:getJob", "job", {"job_id": "job_id", "name": "name"}, _jobs)
_POLICY: Final = Lookup(
    "airbrick:databricks:getClusterPolicy",
    "cluster policy",
    {"policy_id": "policy_id", "name": "name", "definition": "definition"},
    _listed("/api/2.0/policies/clusters/list", "policies"),
)
_POOL: Final = Lookup(
    "airbrick:databricks:getInstancePool",
    "instance pool",
    {"instance_pool_id": "instance_pool_id", "name": "instance_pool_name", "node_type_id": "node_type_id"},
    _listed("/api/2.0/instance-pools/list", "instance_pools"),
    name="instance_pool_name",
)
_WAREHOUSE: Final = Lookup(
    "airbrick:databricks:getWarehouse",
    "SQL warehouse",
    {"warehouse_id": "id", "name": "name", "jdbc_url": "jdbc_url"},
    _warehouses,
)
_PRINCIPAL: Final = Lookup(
    "airbrick:databricks:getServicePrincipal",
    "service principal",
    {"application_id": "applicationId", "id": "id", "name": "displayName"},
    _service_principals,
    name="displayName",
)
_USER: Final = Lookup(
    "airbrick:databricks:getCurrentUser", "user", {"user_name": "userName", "id": "id"}, _me, named=False
)

LOOKUPS: Final[Mapping[str, Lookup]] = {
    lookup.token: lookup for lookup in (JOB, _POLICY, _POOL, _WAREHOUSE, _PRINCIPAL, _USER)
}
"""Functions by token."""

Found = pulumi.Output[Mapping[str, str]]


def get_job(name: pulumi.Input[str], opts: pulumi.InvokeOutputOptions | None = None) -> Found:
    """Look up a job by its exact name.

    :returns: ``job_id`` and ``name``; ``get_job(…)["job_id"]`` is an input for ``run_job_task``.
    """
    return _invoke(JOB, opts, name=name)


def get_cluster_policy(name: pulumi.Input[str], opts: pulumi.InvokeOutputOptions | None = None) -> Found:
    """Look up a cluster policy by its exact name.

    :returns: ``policy_id``, ``name`` and ``definition``.
    """
    return _invoke(_POLICY, opts, name=name)


def get_instance_pool(name: pulumi.Input[str], opts: pulumi.InvokeOutputOptions | None = None) -> Found:
    """Look up an instance pool by its exact name.

    :returns: ``instance_pool_id``, ``name`` and ``node_type_id``.
    """
    return _invoke(_POOL, opts, name=name)


def get_warehouse(name: pulumi.Input[str], opts: pulumi.InvokeOutputOptions | None = None) -> Found:
    """Look up a SQL warehouse by its exact name.

    :returns: ``warehouse_id``, ``name`` and ``jdbc_url``.
    """
    return _invoke(_WAREHOUSE, opts, name=name)


def get_service_principal(name: pulumi.Input[str], opts: pulumi.InvokeOutputOptions | None = None) -> Found:
    """Look up a service principal by its exact display name.

    :returns: ``application_id`` (for ``run_as``), ``id`` and ``name``.
    """
    return _invoke(_PRINCIPAL, opts, name=name)


def get_current_user(opts: pulumi.InvokeOutputOptions | None = None) -> Found:
    """Tell who we are; a service principal's ``user_name`` is its application id.

    :returns: ``user_name`` and ``id``.
    """
    return _invoke(_USER, opts)


def _invoke(lookup: Lookup, opts: pulumi.InvokeOutputOptions | None, **arguments: pulumi.Input[str]) -> Found:
    found: Found = pulumi.runtime.invoke_output(lookup.token, arguments, opts or pulumi.InvokeOutputOptions())
    return found
