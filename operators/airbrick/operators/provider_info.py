"""What Airflow is told about this package through its entry point ``apache_airflow_provider``."""

from importlib.util import find_spec
from typing import Any, Final

INTEGRATION: Final = "Databricks (airbrick)"


def get_provider_info() -> dict[str, Any]:
    """Describe the package to Airflow.

    The connection type ``databricks`` and its form are registered only where the official provider, which owns
    them, is not installed; connections are the same either way.
    """
    info: dict[str, Any] = {
        "package-name": "airbrick",
        "name": INTEGRATION,
        "description": "Run provisioned Databricks jobs exactly once.",
        "integrations": [
            {
                "integration-name": INTEGRATION,
                "external-doc-url": "https://docs.databricks.com/",
                "tags": ["service"],
            }
        ],
        "operators": [
            {
                "integration-name": INTEGRATION,
                "python-modules": [f"airbrick.operators.{module}" for module in _OPERATORS],
            }
        ],
        "triggers": [{"integration-name": INTEGRATION, "python-modules": _TRIGGERS}],
        "sensors": [{"integration-name": INTEGRATION, "python-modules": ["airbrick.operators.job_run_sensor"]}],
        "hooks": [{"integration-name": INTEGRATION, "python-modules": ["airbrick.operators.hook"]}],
        "extra-links": ["airbrick.operators.link.RunLink"],
        "config": _CONFIG,
    }
    if not _official_provider_installed():
        info["connection-types"] = [_CONNECTION_TYPE]
    return info


def _official_provider_installed() -> bool:
    try:
        return find_spec("airflow.providers.databricks") is not None
    except ModuleNotFoundError:
        return False


_TRIGGERS: Final = [
    "airbrick.operators.trigger",
    "airbrick.operators.job_run_trigger",
    "airbrick.operators.statement_trigger",
]

_OPERATORS: Final = ("run_now", "submit_run", "notebook", "repair_run", "cancel_run", "sql_statement")

_CONNECTION_TYPE: Final = {
    "connection-type": "databricks",
    "hook-class-name": "airbrick.operators.hook.WorkspaceHook",
    "hook-name": "Databricks",
    "ui-field-behaviour": {
        "hidden-fields": ["schema"],
        "relabeling": {
            "host": "Workspace",
            "login": "Client id (service principal)",
            "password": "Client secret or access token",
        },
        "placeholders": {"host": "https://adb-….azuredatabricks.net"},
    },
    "conn-fields": {
        "service_principal_oauth": {
            "label": "Sign in as service principal (OAuth)",
            "description": "Login and password are a client id and secret; else the password is an access token.",
            "schema": {"type": ["boolean", "null"], "default": None},
        },
        "auth_type": {
            "label": "Other way to sign in",
            "description": "databricks-sdk's name of it, such as azure-client-secret, file-oidc or env-oidc.",
            "schema": {"type": ["string", "null"]},
        },
        "azure_tenant_id": {
            "label": "Azure tenant",
            "description": "For a service principal of Azure; login and password are its client id and secret.",
            "schema": {"type": ["string", "null"]},
        },
        "oidc_token_filepath": {
            "label": "File of a federated token",
            "description": "For file-oidc; the login is the service principal's client id.",
            "schema": {"type": ["string", "null"]},
        },
        "airbrick_deployment": {
            "label": "Deployment",
            "description": "Tells this Airflow from another one that runs the same DAGs in the same workspace.",
            "schema": {"type": ["string", "null"]},
        },
    },
}

_CONFIG: Final = {
    "airbrick": {
        "description": "Options of the airbrick operators.",
        "options": {
            "default_deferrable": {
                "description": "Whether operators wait in the triggerer when they do not say so themselves.",
                "version_added": "0.1.0",
                "type": "boolean",
                "example": None,
                "default": "True",
            },
            "deployment_id": {
                "description": (
                    "Tells this Airflow from another one that runs DAGs of the same names in the same workspace, "
                    "so that each starts its own runs."
                ),
                "version_added": "0.1.0",
                "type": "string",
                "example": "prod",
                "default": "",
            },
        },
    }
}
