"""The jobs of the Jobs and Clusters APIs; written by tools/generate_iac_types.py."""

# ruff: noqa: PYI051 - editors offer the known values, and another is passed on with a warning

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from pulumi import Input

from airbrick.iac.types.clusters import ClusterSpec
from airbrick.iac.types.notifications import JobEmailNotifications, JobsHealthRules, WebhookNotifications
from airbrick.iac.types.tasks import Task


class Continuous(TypedDict, total=False):
    """The API's ``Continuous``."""

    maintenance_window: Input[MaintenanceWindow]
    pause_status: Input[Literal["PAUSED", "UNPAUSED"] | str]
    task_retry_mode: Input[Literal["NEVER", "ON_FAILURE"] | str]


class ContinuousTriggerConfiguration(TypedDict, total=False):
    """The API's ``ContinuousTriggerConfiguration``."""

    maintenance_window: Input[MaintenanceWindow]
    task_retry_mode: Input[Literal["NEVER", "ON_FAILURE"] | str]


class CronSchedule(TypedDict, total=False):
    """The API's ``CronSchedule``."""

    pause_status: Input[Literal["PAUSED", "UNPAUSED"] | str]
    quartz_cron_expression: Required[Input[str]]
    sql_condition: Input[SqlConditionConfiguration]
    timezone_id: Required[Input[str]]


class CronTriggerConfiguration(TypedDict, total=False):
    """The API's ``CronTriggerConfiguration``."""

    quartz_cron_expression: Required[Input[str]]
    timezone_id: Required[Input[str]]


class Environment(TypedDict, total=False):
    """The API's ``Environment``."""

    base_environment: Input[str]
    client: Input[str]
    dependencies: Input[Sequence[Input[str]]]
    environment_version: Input[str]
    java_dependencies: Input[Sequence[Input[str]]]
    project_environment: Input[str]


class FileArrivalTriggerConfiguration(TypedDict, total=False):
    """The API's ``FileArrivalTriggerConfiguration``."""

    min_time_between_triggers_seconds: Input[int]
    url: Required[Input[str]]
    wait_after_last_change_seconds: Input[int]


class GitSnapshot(TypedDict, total=False):
    """The API's ``GitSnapshot``."""

    used_commit: Input[str]


class GitSource(TypedDict, total=False):
    """The API's ``GitSource``."""

    git_branch: Input[str]
    git_commit: Input[str]
    git_provider: Required[
        Input[
            Literal[
                "awsCodeCommit",
                "azureDevOpsServices",
                "bitbucketCloud",
                "bitbucketServer",
                "gitHub",
                "gitHubEnterprise",
                "gitLab",
                "gitLabEnterpriseEdition",
            ]
            | str
        ]
    ]
    git_snapshot: Input[GitSnapshot]
    git_tag: Input[str]
    git_url: Required[Input[str]]
    job_source: Input[JobSource]
    sparse_checkout: Input[SparseCheckout]


class JobCluster(TypedDict, total=False):
    """The API's ``JobCluster``."""

    job_cluster_key: Required[Input[str]]
    new_cluster: Input[ClusterSpec]
    serverless_compute_id: Input[str]


class JobDeployment(TypedDict, total=False):
    """The API's ``JobDeployment``."""

    deployment_id: Input[str]
    kind: Required[Input[Literal["BUNDLE", "SYSTEM_MANAGED"] | str]]
    metadata_file_path: Input[str]
    version_id: Input[str]


class JobEnvironment(TypedDict, total=False):
    """The API's ``JobEnvironment``."""

    environment_key: Required[Input[str]]
    spec: Input[Environment]


class JobEnvironmentVariables(TypedDict, total=False):
    """The API's ``JobEnvironmentVariables``."""

    environment_variables_key: Required[Input[str]]
    spec: Input[JobEnvironmentVariablesSpec]


class JobEnvironmentVariablesSpec(TypedDict, total=False):
    """The API's ``JobEnvironmentVariablesSpec``."""

    files: Input[Sequence[Input[str]]]
    variables: Input[Mapping[str, Input[str]]]


class JobNotificationSettings(TypedDict, total=False):
    """The API's ``JobNotificationSettings``."""

    no_alert_for_canceled_runs: Input[bool]
    no_alert_for_skipped_runs: Input[bool]


class JobParameterDefinition(TypedDict, total=False):
    """The API's ``JobParameterDefinition``."""

    default: Required[Input[str]]
    name: Required[Input[str]]


class JobRunAs(TypedDict, total=False):
    """The API's ``JobRunAs``."""

    group_name: Input[str]
    service_principal_name: Input[str]
    user_name: Input[str]


class JobSettings(TypedDict, total=False):
    """The API's ``JobSettings``."""

    budget_policy_id: Input[str]
    continuous: Input[Continuous]
    deployment: Input[JobDeployment]
    description: Input[str]
    duration_target: Input[str]
    edit_mode: Input[Literal["EDITABLE", "UI_LOCKED"] | str]
    email_notifications: Input[JobEmailNotifications]
    environment_variables: Input[Sequence[Input[JobEnvironmentVariables]]]
    environments: Input[Sequence[Input[JobEnvironment]]]
    format: Input[Literal["MULTI_TASK", "SINGLE_TASK"] | str]
    git_source: Input[GitSource]
    health: Input[JobsHealthRules]
    job_clusters: Input[Sequence[Input[JobCluster]]]
    max_concurrent_runs: Input[int]
    name: Input[str]
    notification_settings: Input[JobNotificationSettings]
    parameters: Input[Sequence[Input[JobParameterDefinition]]]
    parent_path: Input[str]
    performance_target: Input[Literal["PERFORMANCE_OPTIMIZED", "STANDARD"] | str]
    queue: Input[QueueSettings]
    run_as: Input[JobRunAs]
    schedule: Input[CronSchedule]
    tags: Input[Mapping[str, Input[str]]]
    tasks: Input[Sequence[Input[Task]]]
    timeout_seconds: Input[int]
    trigger: Input[TriggerSettings]
    triggers: Input[Sequence[Input[TriggerConfiguration]]]
    usage_policy_id: Input[str]
    webhook_notifications: Input[WebhookNotifications]


class JobSource(TypedDict, total=False):
    """The API's ``JobSource``."""

    dirty_state: Input[Literal["DISCONNECTED", "NOT_SYNCED"] | str]
    import_from_git_branch: Required[Input[str]]
    job_config_path: Required[Input[str]]


class MaintenanceWindow(TypedDict, total=False):
    """The API's ``MaintenanceWindow``."""

    day_of_week: Required[
        Input[Literal["FRIDAY", "MONDAY", "SATURDAY", "SUNDAY", "THURSDAY", "TUESDAY", "WEDNESDAY"] | str]
    ]
    start_hour: Required[Input[int]]
    timezone_id: Required[Input[str]]


class ModelTriggerConfiguration(TypedDict, total=False):
    """The API's ``ModelTriggerConfiguration``."""

    aliases: Input[Sequence[Input[str]]]
    condition: Required[Input[Literal["MODEL_ALIAS_SET", "MODEL_CREATED", "MODEL_VERSION_READY"] | str]]
    min_time_between_triggers_seconds: Input[int]
    securable_name: Input[str]
    wait_after_last_change_seconds: Input[int]


class PeriodicTriggerConfiguration(TypedDict, total=False):
    """The API's ``PeriodicTriggerConfiguration``."""

    interval: Required[Input[int]]
    unit: Required[Input[Literal["DAYS", "HOURS", "MINUTES", "WEEKS"] | str]]


class QueueSettings(TypedDict, total=False):
    """The API's ``QueueSettings``."""

    enabled: Required[Input[bool]]


class SparseCheckout(TypedDict, total=False):
    """The API's ``SparseCheckout``."""

    patterns: Input[Sequence[Input[str]]]


class SqlConditionConfiguration(TypedDict, total=False):
    """The API's ``SqlConditionConfiguration``."""

    sql_query_id: Required[Input[str]]
    trigger_mode: Input[Literal["QUERY_RETURNS_ROWS", "RESULT_VALUE_CHANGES"] | str]
    warehouse_id: Required[Input[str]]


class TableUpdateTriggerConfiguration(TypedDict, total=False):
    """The API's ``TableUpdateTriggerConfiguration``."""

    condition: Input[Literal["ALL_UPDATED", "ANY_UPDATED"] | str]
    min_time_between_triggers_seconds: Input[int]
    table_names: Required[Input[Sequence[Input[str]]]]
    wait_after_last_change_seconds: Input[int]


class TriggerConfiguration(TypedDict, total=False):
    """The API's ``TriggerConfiguration``."""

    continuous: Input[ContinuousTriggerConfiguration]
    file_arrival: Input[FileArrivalTriggerConfiguration]
    model: Input[ModelTriggerConfiguration]
    pause_status: Input[Literal["PAUSED", "UNPAUSED"] | str]
    periodic: Input[PeriodicTriggerConfiguration]
    schedule: Input[CronTriggerConfiguration]
    sql_condition: Input[SqlConditionConfiguration]
    table_update: Input[TableUpdateTriggerConfiguration]


class TriggerSettings(TypedDict, total=False):
    """The API's ``TriggerSettings``."""

    file_arrival: Input[FileArrivalTriggerConfiguration]
    model: Input[ModelTriggerConfiguration]
    pause_status: Input[Literal["PAUSED", "UNPAUSED"] | str]
    periodic: Input[PeriodicTriggerConfiguration]
    sql_condition: Input[SqlConditionConfiguration]
    table_update: Input[TableUpdateTriggerConfiguration]
