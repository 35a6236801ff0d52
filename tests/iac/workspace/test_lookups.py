"""Look-ups by name, over the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2
from tests.iac.job_samples import JOB, SETTINGS
from tests.iac.wire import refusal

from airbrick.iac.lookups import LOOKUPS
from airbrick.iac.provider.codec import decode, encode

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator


def look_up(wire: Wire, function: str, **arguments: str) -> dict[str, Any]:
    request = provider_pb2.InvokeRequest(tok=f"airbrick:databricks:{function}", args=encode(arguments))
    return decode(getattr(wire.stub.Invoke(request), "return"))


def test_a_job_is_found_by_its_exact_name(provider: Wire) -> None:
    job_id, _ = provider.create(JOB, "nightly", SETTINGS)
    provider.create(JOB, "other", {**SETTINGS, "name": "Nightly"})
    assert look_up(provider, "getJob", name="nightly") == {"job_id": job_id, "name": "nightly"}


def test_a_name_that_means_two_is_an_error_with_both(provider: Wire) -> None:
    ids = [provider.create(JOB, name, {**SETTINGS, "name": "nightly"})[0] for name in ("a", "b")]
    with pytest.raises(grpc.RpcError) as caught:
        look_up(provider, "getJob", name="nightly")
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert "2 jobs are named 'nightly'" in message
    assert all(job_id in message for job_id in ids)


def test_a_name_that_means_nothing_is_an_error_with_the_nearest(provider: Wire) -> None:
    provider.create(JOB, "nightly", SETTINGS)
    with pytest.raises(grpc.RpcError) as caught:
        look_up(provider, "getJob", name="nightyl")
    assert refusal(caught.value) == (
        grpc.StatusCode.NOT_FOUND, "there is no job named 'nightyl'; did you mean 'nightly'?",
    )  # fmt: skip


def test_policies_and_pools_are_found(provider: Wire) -> None:
    policy = {"name": "small", "definition": "{}", "adopt": False}
    policy_id, _ = provider.create("airbrick:databricks:ClusterPolicy", "small", policy)
    assert look_up(provider, "getClusterPolicy", name="small") == {
        "policy_id": policy_id, "name": "small", "definition": "{}",
    }  # fmt: skip
    pool = {"instance_pool_name": "spot", "node_type_id": "m5.large", "adopt": False}
    pool_id, _ = provider.create("airbrick:databricks:InstancePool", "spot", pool)
    assert look_up(provider, "getInstancePool", name="spot") == {
        "instance_pool_id": pool_id, "name": "spot", "node_type_id": "m5.large",
    }  # fmt: skip


def test_warehouses_and_service_principals_are_found(provider: Wire, client: WorkspaceClient) -> None:
    made: Any = client.api_client.do("POST", "/api/2.0/sql/warehouses", body={"name": "small", "cluster_size": "Small"})
    found = look_up(provider, "getWarehouse", name="small")
    assert (found["warehouse_id"], found["name"]) == (made["id"], "small")
    body = {"displayName": 'etl "prod"', "active": True}
    principal: Any = client.api_client.do("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", body=body)
    seen = look_up(provider, "getServicePrincipal", name='etl "prod"')
    assert seen["application_id"] == principal["applicationId"]


def test_a_warehouse_is_found_on_a_later_page(provider: Wire, client: WorkspaceClient) -> None:
    for name in (*(f"w{index}" for index in range(101)), "last"):
        client.api_client.do("POST", "/api/2.0/sql/warehouses", body={"name": name, "cluster_size": "Small"})
    assert look_up(provider, "getWarehouse", name="last")["name"] == "last"


def test_we_are_who_we_are(provider: Wire, workspace: Emulator) -> None:
    assert "@" in look_up(provider, "getCurrentUser")["user_name"]
    provider.configure(host=workspace.host, client_id=workspace.client_id, client_secret=workspace.client_secret)
    assert look_up(provider, "getCurrentUser")["user_name"] == workspace.client_id


def test_a_function_that_is_not_there_is_refused_with_those_that_are(provider: Wire) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        look_up(provider, "getCluster")
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNIMPLEMENTED
    assert all(token in message for token in LOOKUPS)
