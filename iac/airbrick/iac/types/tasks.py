"""The tasks of the Jobs and Clusters APIs; written by tools/generate_iac_types.py."""

# ruff: noqa: PYI051 - editors offer the known values, and another is passed on with a warning

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from pulumi import Input

from airbrick.iac.types.analytics import AlertTask, DashboardTask, PowerBiTask, SqlTask
from airbrick.iac.types.clusters import ClusterSpec, Library
from airbrick.iac.types.notifications import JobsHealthRules, TaskEmailNotifications, WebhookNotifications


class AiRuntimeTask(TypedDict, total=False):
    """The API's ``AiRuntimeTask``."""

    code_source_path: Input[str]
    deployments: Required[Input[Sequence[Input[DeploymentSpec]]]]
    docker_image_url: Input[str]
    experiment: Required[Input[str]]
    mlflow_artifact_location: Input[str]
    mlflow_experiment_directory: Input[str]
    mlflow_run: Input[str]
    priority_class: Input[Literal["BEST_EFFORT", "CRITICAL", "NORMAL"] | str]
    unity_catalog_image_path: Input[str]


class CleanRoomsNotebookTask(TypedDict, total=False):
    """The API's ``CleanRoomsNotebookTask``."""

    clean_room_name: Required[Input[str]]
    etag: Input[str]
    notebook_base_parameters: Input[Mapping[str, Input[str]]]
    notebook_name: Required[Input[str]]


class Compute(TypedDict, total=False):
    """The API's ``Compute``."""

    hardware_accelerator: Input[Literal["GPU_1xA10", "GPU_1xH100", "GPU_8xB300", "GPU_8xH100"] | str]


class ComputeConfig(TypedDict, total=False):
    """The API's ``ComputeConfig``."""

    gpu_node_pool_id: Input[str]
    gpu_type: Input[str]
    num_gpus: Required[Input[int]]


class ComputeSpec(TypedDict, total=False):
    """The API's ``ComputeSpec``."""

    accelerator_count: Required[Input[int]]
    accelerator_type: Required[Input[Literal["GPU_1xA10", "GPU_1xH100", "GPU_8xB300", "GPU_8xH100"] | str]]
    provisioned_capacity_id: Input[str]


class ConditionTask(TypedDict, total=False):
    """The API's ``ConditionTask``."""

    left: Required[Input[str]]
    op: Required[
        Input[
            Literal["EQUAL_TO", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL", "NOT_EQUAL"]
            | str
        ]
    ]
    right: Required[Input[str]]


class DbtCloudTask(TypedDict, total=False):
    """The API's ``DbtCloudTask``."""

    connection_resource_name: Input[str]
    dbt_cloud_job_id: Input[str | int]


class DbtPlatformTask(TypedDict, total=False):
    """The API's ``DbtPlatformTask``."""

    connection_resource_name: Input[str]
    dbt_platform_job_id: Input[str]


class DbtTask(TypedDict, total=False):
    """The API's ``DbtTask``."""

    catalog: Input[str]
    commands: Required[Input[Sequence[Input[str]]]]
    profiles_directory: Input[str]
    project_directory: Input[str]
    schema: Input[str]
    source: Input[Literal["GIT", "WORKSPACE"] | str]
    warehouse_id: Input[str]


class DeploymentSpec(TypedDict, total=False):
    """The API's ``DeploymentSpec``."""

    command_path: Input[str]
    compute: Required[Input[ComputeSpec]]
    name: Input[str]


class ForEachTask(TypedDict, total=False):
    """The API's ``ForEachTask``."""

    concurrency: Input[int]
    inputs: Required[Input[str]]
    task: Required[Input[Task]]


class GenAiComputeTask(TypedDict, total=False):
    """The API's ``GenAiComputeTask``."""

    command: Input[str]
    compute: Input[ComputeConfig]
    dl_runtime_image: Required[Input[str]]
    mlflow_experiment_name: Input[str]
    source: Input[Literal["GIT", "WORKSPACE"] | str]
    training_script_path: Input[str]
    yaml_parameters: Input[str]
    yaml_parameters_file_path: Input[str]


class NotebookTask(TypedDict, total=False):
    """The API's ``NotebookTask``."""

    base_parameters: Input[Mapping[str, Input[str]]]
    notebook_path: Required[Input[str]]
    source: Input[Literal["GIT", "WORKSPACE"] | str]
    warehouse_id: Input[str]


class PipelineParams(TypedDict, total=False):
    """The API's ``PipelineParams``."""

    full_refresh: Input[bool]
    full_refresh_selection: Input[Sequence[Input[str]]]
    refresh_flow_selection: Input[Sequence[Input[str]]]
    refresh_selection: Input[Sequence[Input[str]]]
    reset_checkpoint_selection: Input[Sequence[Input[str]]]


class PipelineTask(TypedDict, total=False):
    """The API's ``PipelineTask``."""

    full_refresh: Input[bool]
    full_refresh_selection: Input[Sequence[Input[str]]]
    parameters: Input[Mapping[str, Input[str]]]
    pipeline_id: Required[Input[str]]
    refresh_flow_selection: Input[Sequence[Input[str]]]
    refresh_selection: Input[Sequence[Input[str]]]
    reset_checkpoint_selection: Input[Sequence[Input[str]]]


class PythonOperatorTask(TypedDict, total=False):
    """The API's ``PythonOperatorTask``."""

    main: Input[str]
    parameters: Input[Sequence[Input[PythonOperatorTaskParameter]]]


class PythonOperatorTaskParameter(TypedDict, total=False):
    """The API's ``PythonOperatorTaskParameter``."""

    name: Input[str]
    value: Input[str]


class PythonWheelTask(TypedDict, total=False):
    """The API's ``PythonWheelTask``."""

    entry_point: Required[Input[str]]
    named_parameters: Input[Mapping[str, Input[str]]]
    package_name: Required[Input[str]]
    parameters: Input[Sequence[Input[str]]]


class RunJobTask(TypedDict, total=False):
    """The API's ``RunJobTask``."""

    dbt_commands: Input[Sequence[Input[str]]]
    jar_params: Input[Sequence[Input[str]]]
    job_id: Required[Input[str | int]]
    job_parameters: Input[Mapping[str, Input[str]]]
    notebook_params: Input[Mapping[str, Input[str]]]
    pipeline_params: Input[PipelineParams]
    python_named_params: Input[Mapping[str, Input[str]]]
    python_params: Input[Sequence[Input[str]]]
    spark_submit_params: Input[Sequence[Input[str]]]
    sql_params: Input[Mapping[str, Input[str]]]


class SparkJarTask(TypedDict, total=False):
    """The API's ``SparkJarTask``."""

    jar_uri: Input[str]
    main_class_name: Input[str]
    parameters: Input[Sequence[Input[str]]]
    run_as_repl: Input[bool]


class SparkPythonTask(TypedDict, total=False):
    """The API's ``SparkPythonTask``."""

    parameters: Input[Sequence[Input[str]]]
    python_file: Required[Input[str]]
    source: Input[Literal["GIT", "WORKSPACE"] | str]


class SparkSubmitTask(TypedDict, total=False):
    """The API's ``SparkSubmitTask``."""

    parameters: Input[Sequence[Input[str]]]


class Task(TypedDict, total=False):
    """The API's ``Task``."""

    ai_runtime_task: Input[AiRuntimeTask]
    alert_task: Input[AlertTask]
    clean_rooms_notebook_task: Input[CleanRoomsNotebookTask]
    compute: Input[Compute]
    condition_task: Input[ConditionTask]
    dashboard_task: Input[DashboardTask]
    dbt_cloud_task: Input[DbtCloudTask]
    dbt_platform_task: Input[DbtPlatformTask]
    dbt_task: Input[DbtTask]
    depends_on: Input[Sequence[Input[TaskDependency]]]
    description: Input[str]
    disable_auto_optimization: Input[bool]
    disabled: Input[bool]
    email_notifications: Input[TaskEmailNotifications]
    environment_key: Input[str]
    environment_variables_key: Input[str]
    existing_cluster_id: Input[str]
    for_each_task: Input[ForEachTask]
    gen_ai_compute_task: Input[GenAiComputeTask]
    health: Input[JobsHealthRules]
    job_cluster_key: Input[str]
    libraries: Input[Sequence[Input[Library]]]
    max_retries: Input[int]
    min_retry_interval_millis: Input[int]
    new_cluster: Input[ClusterSpec]
    notebook_task: Input[NotebookTask]
    notification_settings: Input[TaskNotificationSettings]
    pipeline_task: Input[PipelineTask]
    power_bi_task: Input[PowerBiTask]
    python_operator_task: Input[PythonOperatorTask]
    python_wheel_task: Input[PythonWheelTask]
    retry_on_timeout: Input[bool]
    run_if: Input[
        Literal["ALL_DONE", "ALL_FAILED", "ALL_SUCCESS", "AT_LEAST_ONE_FAILED", "AT_LEAST_ONE_SUCCESS", "NONE_FAILED"]
        | str
    ]
    run_job_task: Input[RunJobTask]
    spark_jar_task: Input[SparkJarTask]
    spark_python_task: Input[SparkPythonTask]
    spark_submit_task: Input[SparkSubmitTask]
    sql_task: Input[SqlTask]
    task_key: Required[Input[str]]
    timeout_seconds: Input[int]
    webhook_notifications: Input[WebhookNotifications]


class TaskDependency(TypedDict, total=False):
    """The API's ``TaskDependency``."""

    outcome: Input[str]
    task_key: Required[Input[str]]


class TaskNotificationSettings(TypedDict, total=False):
    """The API's ``TaskNotificationSettings``."""

    alert_on_last_attempt: Input[bool]
    no_alert_for_canceled_runs: Input[bool]
    no_alert_for_skipped_runs: Input[bool]
