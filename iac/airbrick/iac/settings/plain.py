"""The fields that the API stores and returns as they were sent.

Each field of each structure was read in the API's reference and looked for in the issues of the tools that deploy
jobs; none is said to be filled in, reordered or left out. A field of a newer databricks-sdk is in no list, and a test
fails until somebody says here, or in ``rules``, what the API does to it.
"""

from collections.abc import Mapping
from typing import Final

PLAIN: Final[Mapping[str, str]] = {
    "Adlsgen2Info": "destination",
    "AiRuntimeTask": (
        "code_source_path deployments docker_image_url experiment mlflow_artifact_location "
        "mlflow_experiment_directory mlflow_run priority_class unity_catalog_image_path"
    ),
    "AlertTask": "alert_id parameters subscribers warehouse_id workspace_path",
    "AlertTaskSubscriber": "destination_id user_name",
    "AutoScale": "max_workers min_workers",
    "AwsAttributes": (
        "ebs_volume_count ebs_volume_iops ebs_volume_size ebs_volume_throughput ebs_volume_type "
        "instance_profile_arn spot_bid_price_percent"
    ),
    "AzureAttributes": "availability capacity_reservation_group first_on_demand log_analytics_info spot_bid_max_price",
    "CleanRoomsNotebookTask": "clean_room_name etag notebook_base_parameters notebook_name",
    "ClientsTypes": "jobs notebooks",
    "ClusterLogConf": "dbfs s3 volumes",
    "ClusterPolicy": (
        "description libraries max_clusters_per_user name policy_family_definition_overrides policy_family_id"
    ),
    "ClusterSpec": (
        "autoscale cluster_log_conf custom_tags dependency_mode docker_image driver_node_type_flexibility "
        "init_scripts instance_pool_id is_single_node kind policy_id remote_disk_throughput runtime_engine "
        "single_user_name spark_conf spark_env_vars spark_version ssh_public_keys total_initial_remote_disk_size "
        "use_ml_runtime worker_node_type_flexibility"
    ),
    "Compute": "hardware_accelerator",
    "ComputeConfig": "gpu_node_pool_id gpu_type num_gpus",
    "ComputeSpec": "accelerator_count accelerator_type provisioned_capacity_id",
    "ConditionTask": "left op right",
    "Continuous": "maintenance_window",
    "ContinuousTriggerConfiguration": "maintenance_window task_retry_mode",
    "CronSchedule": "quartz_cron_expression sql_condition timezone_id",
    "CronTriggerConfiguration": "quartz_cron_expression timezone_id",
    "DashboardTask": "dashboard_id filters subscription warehouse_id",
    "DbfsStorageInfo": "destination",
    "DbtCloudTask": "connection_resource_name",
    "DbtPlatformTask": "connection_resource_name dbt_platform_job_id",
    "DbtTask": "catalog commands profiles_directory project_directory warehouse_id",
    "DeploymentSpec": "command_path compute name",
    "DiskSpec": "disk_count disk_iops disk_size disk_throughput disk_type",
    "DiskType": "azure_disk_volume_type ebs_volume_type",
    "DockerBasicAuth": "password username",
    "DockerImage": "basic_auth url",
    "Environment": "base_environment client dependencies environment_version java_dependencies project_environment",
    "FileArrivalTriggerConfiguration": "min_time_between_triggers_seconds url wait_after_last_change_seconds",
    "ForEachTask": "concurrency inputs task",
    "GcpAttributes": (
        "availability boot_disk_size confidential_compute_type first_on_demand google_service_account "
        "local_ssd_count use_preemptible_executors zone_id"
    ),
    "GcsStorageInfo": "destination",
    "GenAiComputeTask": (
        "command compute dl_runtime_image mlflow_experiment_name source training_script_path yaml_parameters "
        "yaml_parameters_file_path"
    ),
    "GitSnapshot": "used_commit",
    "GitSource": "git_branch git_commit git_provider git_tag git_url job_source sparse_checkout",
    "InitScriptInfo": "abfss dbfs file gcs s3 volumes workspace",
    "InstancePool": (
        "custom_tags disk_spec instance_pool_name max_capacity node_type_flexibility node_type_id "
        "preloaded_docker_images preloaded_spark_versions remote_disk_throughput total_initial_remote_disk_size"
    ),
    "InstancePoolAwsAttributes": "availability instance_profile_arn spot_bid_price_percent zone_id",
    "InstancePoolAzureAttributes": "availability capacity_reservation_group spot_bid_max_price",
    "InstancePoolGcpAttributes": "gcp_availability local_ssd_count zone_id",
    "JobCluster": "job_cluster_key new_cluster serverless_compute_id",
    "JobDeployment": "deployment_id kind metadata_file_path version_id",
    "JobEmailNotifications": (
        "on_duration_warning_threshold_exceeded on_failure on_maintenance_complete on_maintenance_start on_start "
        "on_streaming_backlog_exceeded on_success"
    ),
    "JobEnvironment": "environment_key spec",
    "JobEnvironmentVariables": "environment_variables_key spec",
    "JobEnvironmentVariablesSpec": "files variables",
    "JobParameterDefinition": "default name",
    "JobRunAs": "group_name",
    "JobSettings": (
        "budget_policy_id description duration_target email_notifications git_source health name "
        "notification_settings parent_path tags triggers usage_policy_id webhook_notifications"
    ),
    "JobSource": "dirty_state import_from_git_branch job_config_path",
    "JobsHealthRule": "metric op value",
    "JobsHealthRules": "rules",
    "Library": "cran egg jar maven pypi requirements whl",
    "LocalFileInfo": "destination",
    "LogAnalyticsInfo": "log_analytics_primary_key log_analytics_workspace_id",
    "MaintenanceWindow": "day_of_week start_hour timezone_id",
    "MavenLibrary": "coordinates exclusions repo",
    "ModelTriggerConfiguration": (
        "aliases condition min_time_between_triggers_seconds securable_name wait_after_last_change_seconds"
    ),
    "NodeTypeFlexibility": "alternate_node_type_ids aws_context_id",
    "NotebookTask": "base_parameters notebook_path warehouse_id",
    "PeriodicTriggerConfiguration": "interval unit",
    "PipelineParams": (
        "full_refresh full_refresh_selection refresh_flow_selection refresh_selection reset_checkpoint_selection"
    ),
    "PipelineTask": (
        "full_refresh_selection parameters pipeline_id refresh_flow_selection refresh_selection "
        "reset_checkpoint_selection"
    ),
    "PowerBiModel": "authentication_method model_name overwrite_existing storage_mode workspace_name",
    "PowerBiTable": "catalog name schema storage_mode",
    "PowerBiTask": "connection_resource_name power_bi_model refresh_after_update tables warehouse_id",
    "PythonOperatorTask": "main parameters",
    "PythonOperatorTaskParameter": "name value",
    "PythonPyPiLibrary": "package repo",
    "PythonWheelTask": "entry_point named_parameters package_name parameters",
    "QueueSettings": "enabled",
    "RCranLibrary": "package repo",
    "RunJobTask": (
        "dbt_commands jar_params job_parameters notebook_params pipeline_params python_named_params python_params "
        "spark_submit_params sql_params"
    ),
    "S3StorageInfo": "canned_acl destination enable_encryption encryption_type endpoint kms_key region",
    "SparkJarTask": "jar_uri main_class_name parameters",
    "SparkPythonTask": "parameters python_file",
    "SparkSubmitTask": "parameters",
    "SparseCheckout": "patterns",
    "SqlConditionConfiguration": "sql_query_id trigger_mode warehouse_id",
    "SqlTask": "alert dashboard file parameters query warehouse_id",
    "SqlTaskAlert": "alert_id pause_subscriptions subscriptions",
    "SqlTaskDashboard": "custom_subject dashboard_id pause_subscriptions subscriptions",
    "SqlTaskFile": "path",
    "SqlTaskQuery": "query_id",
    "SqlTaskSubscription": "destination_id user_name",
    "Subscription": "attachment custom_subject paused subscribers",
    "SubscriptionAttachment": "data_attachment page_attachment",
    "SubscriptionAttachmentDataAttachment": "file_format include_applied_filters widgets",
    "SubscriptionAttachmentDataAttachmentWidget": "page_id widget_id",
    "SubscriptionAttachmentPageAttachment": "page_ids page_selection",
    "SubscriptionSubscriber": "destination_id user_name",
    "TableUpdateTriggerConfiguration": "min_time_between_triggers_seconds table_names wait_after_last_change_seconds",
    "Task": (
        "compute description email_notifications environment_key environment_variables_key existing_cluster_id "
        "health job_cluster_key libraries new_cluster notification_settings task_key webhook_notifications"
    ),
    "TaskDependency": "outcome task_key",
    "TaskEmailNotifications": (
        "on_duration_warning_threshold_exceeded on_failure on_maintenance_complete on_maintenance_start on_start "
        "on_streaming_backlog_exceeded on_success"
    ),
    "TriggerConfiguration": "continuous file_arrival model periodic schedule sql_condition table_update",
    "TriggerSettings": "file_arrival model periodic sql_condition table_update",
    "VolumesStorageInfo": "destination",
    "Webhook": "id",
    "WorkloadType": "clients",
    "WorkspaceStorageInfo": "destination",
}
"""Names of fields by structure."""
