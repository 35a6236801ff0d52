from airbrick.iac.policies import identity
from airbrick.iac.values import UNKNOWN


def test_a_job_runs_as_a_service_principal() -> None:
    for job in ({}, {"run_as": {"user_name": "bob@x.org"}}):
        assert len(list(identity.run_as_service_principal(job, {}))) == 1
    for run_as in ({"service_principal_name": "id"}, {"service_principal_name": UNKNOWN}, UNKNOWN):
        assert not list(identity.run_as_service_principal({"run_as": run_as}, {}))


def test_everyone_may_look_but_not_manage() -> None:
    options = {"groups": ("users",)}
    entries = [
        {"group_name": "users", "permission_level": "CAN_VIEW"},
        {"group_name": "data", "permission_level": "CAN_MANAGE"},
        {"group_name": "users", "permission_level": "CAN_MANAGE"},
    ]
    (found,) = identity.no_manage_for_everyone({"access_control_list": entries}, options)
    assert found.path == ("access_control_list", 2, "permission_level")


def test_a_group_owns_nothing() -> None:
    entries = [
        {"group_name": "data", "permission_level": "IS_OWNER"},
        {"user_name": "x", "permission_level": "IS_OWNER"},
    ]
    (found,) = identity.owner_is_no_group({"access_control_list": entries}, {})
    assert found.path == ("access_control_list", 0, "permission_level")


def test_a_personal_access_token_is_found_and_not_shown() -> None:
    (found,) = identity.no_personal_access_token({"token": "dapi-very-secret"}, {})
    assert "dapi-very-secret" not in str(found)
    assert not list(identity.no_personal_access_token({"client_id": "x", "client_secret": "y"}, {}))
