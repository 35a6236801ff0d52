"""The kinds of resources in the fault matrix, and which REST calls are whose.

Kinds of one group share no call, so that one workspace and one provider serve all of them at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Service = Literal["databricks", "airflow"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource, or a sink of the contract.

    :param resource: what the program makes.
    :param path: glob on the path of its calls.
    :param replaced: whether version 3 needs a new object.
    """

    name: str
    group: str
    path: str
    service: Service = "databricks"
    resource: str = ""
    replaced: bool = True

    @property
    def made_by(self) -> str:
        return self.resource or self.name


KINDS = (
    Kind("Job", "a", "/api/2.2/jobs/*"),
    Kind("Permissions", "a", "/api/2.0/permissions/*", replaced=False),
    Kind("ClusterPolicy", "a", "/api/2.0/policies/clusters/*", replaced=False),
    Kind("InstancePool", "a", "/api/2.0/instance-pools/*"),
    Kind("SecretScope", "a", "/api/2.0/secrets/*"),
    Kind("WorkspaceFile", "a", "/api/2.0/workspace/*"),
    Kind("airflow.Connection", "a", "/api/v2/connections*", "airflow", replaced=False),
    Kind("airflow.Variable", "a", "/api/v2/variables*", "airflow"),
    Kind("airflow.Pool", "a", "/api/v2/pools*", "airflow"),
    Kind("Secret", "b", "/api/2.0/secrets/[!a]*"),
    Kind("SecretAcl", "b", "/api/2.0/secrets/acls/*"),
    Kind("WorkspaceDirectory", "b", "/api/2.0/workspace/*"),
    Kind("Contract: job", "c", "/api/2.2/jobs/*", resource="Contract", replaced=False),
    Kind("Contract: workspace file", "c", "/api/2.0/workspace/*", resource="Contract"),
    Kind("Contract: Variable", "c", "/api/v2/variables*", "airflow", resource="Contract"),
)
GROUPS = ("a", "b", "c")


def kinds_of(group: str) -> Sequence[Kind]:
    return [kind for kind in KINDS if kind.group == group]
