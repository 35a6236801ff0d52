"""An explicit provider, for programs that deploy to more than one workspace or Airflow."""

import pulumi

from airbrick.iac.errors import ProgramError
from airbrick.iac.provider.stack_config import is_default


class Provider(pulumi.ProviderResource):
    """A provider with its own configuration; without one, the stack's ``airbrick:`` configuration counts.

    :param resource_name: the logical name, unique in the stack.
    :param host: address of the Databricks workspace.
    :param auth_type: databricks-sdk's authentication type; pins the choice.
    :param token: Databricks personal access token.
    :param client_id: application id of the Databricks service principal.
    :param client_secret: its OAuth secret.
    :param airflow_endpoint: address of Airflow's web server.
    :param airflow_username: Airflow user.
    :param airflow_password: its password.
    :param airflow_token: bearer token for Airflow, in place of user and password.
    :param airflow_token_command: command that prints a bearer token; run again when the token ran out.
    :param detect_drift: ``always`` (each ``up`` reads every object first) or ``refresh``.
    :param opts: Pulumi's resource options.
    :raises ProgramError: the name is one that Pulumi gives to the provider of the stack's configuration.
    """

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        host: pulumi.Input[str] | None = None,
        auth_type: pulumi.Input[str] | None = None,
        token: pulumi.Input[str] | None = None,
        client_id: pulumi.Input[str] | None = None,
        client_secret: pulumi.Input[str] | None = None,
        airflow_endpoint: pulumi.Input[str] | None = None,
        airflow_username: pulumi.Input[str] | None = None,
        airflow_password: pulumi.Input[str] | None = None,
        airflow_token: pulumi.Input[str] | None = None,
        airflow_token_command: pulumi.Input[str] | None = None,
        detect_drift: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        if is_default(resource_name):
            raise ProgramError(
                f"iac.Provider({resource_name!r})",
                problem="Pulumi gives this name to the provider that it makes of the stack's configuration",
                fix="choose another name",
            )
        properties = {
            "host": host,
            "auth_type": auth_type,
            "token": _secret(token),
            "client_id": client_id,
            "client_secret": _secret(client_secret),
            "airflow_endpoint": airflow_endpoint,
            "airflow_username": airflow_username,
            "airflow_password": _secret(airflow_password),
            "airflow_token": _secret(airflow_token),
            "airflow_token_command": airflow_token_command,
            "detect_drift": detect_drift,
        }
        super().__init__("airbrick", resource_name, properties, opts)


def _secret(value: pulumi.Input[str] | None) -> pulumi.Output[str] | None:
    return None if value is None else pulumi.Output.secret(value)
