"""Job configurations of the no-drift matrix: every kind of task, every setting, and what has drifted elsewhere."""

from typing import Any

Settings = dict[str, Any]

NOTEBOOK = {"notebook_task": {"notebook_path": "/Workspace/a"}}
SPARK = "15.4.x-scala2.12"
GIT = {"git_url": "https://git.example/r", "git_provider": "gitHub", "git_branch": "main"}
CLUSTER = {"spark_version": SPARK, "node_type_id": "m5.large", "num_workers": 2}
CRON = {"quartz_cron_expression": "0 0 2 * * ?", "timezone_id": "Europe/Berlin"}
MAIL = {"on_start": ["a@b.c"], "on_success": ["a@b.c"], "on_failure": ["b@b.c", "a@b.c"]}
HOOKS = {"on_failure": [{"id": "b"}, {"id": "a"}], "on_success": [{"id": "c"}]}

WORK: dict[str, Settings] = {
    "notebook": {"notebook_task": {"notebook_path": "/a", "source": "WORKSPACE", "base_parameters": {"größe": ""}}},
    "notebook_on_warehouse": {"notebook_task": {"notebook_path": "/a", "warehouse_id": "w"}},
    "spark_python": {"spark_python_task": {"python_file": "/a.py", "parameters": ["--x", "", "ü"]}},
    "spark_python_s3": {"spark_python_task": {"python_file": "s3://b/a.py"}},
    "spark_jar": {"spark_jar_task": {"main_class_name": "a.B", "parameters": []}, "libraries": [{"jar": "/a.jar"}]},
    "spark_submit": {"spark_submit_task": {"parameters": ["--class", "A"]}, "new_cluster": CLUSTER},
    "python_wheel": {"python_wheel_task": {"package_name": "p", "entry_point": "e", "named_parameters": {"a": "1"}}},
    "sql_query": {"sql_task": {"warehouse_id": "w", "query": {"query_id": "q"}, "parameters": {"a": "b"}}},
    "sql_file": {"sql_task": {"warehouse_id": "w", "file": {"path": "/a.sql", "source": "WORKSPACE"}}},
    "sql_dashboard": {"sql_task": {"warehouse_id": "w", "dashboard": {"dashboard_id": "d"}}},
    "sql_alert": {"sql_task": {"warehouse_id": "w", "alert": {"alert_id": "a", "subscriptions": []}}},
    "dbt": {"dbt_task": {"commands": ["dbt run"], "project_directory": "/p", "warehouse_id": "w"}},
    "pipeline": {"pipeline_task": {"pipeline_id": "p", "full_refresh": False}},
    "condition": {"condition_task": {"op": "GREATER_THAN", "left": "{{job.parameters.a}}", "right": "1"}},
    "run_job": {"run_job_task": {"job_id": "9007199254740993", "job_parameters": {"a": "b"}}},
    "for_each": {"for_each_task": {"inputs": "[1, 2]", "concurrency": 2, "task": {"task_key": "inner", **NOTEBOOK}}},
    "dashboard": {"dashboard_task": {"dashboard_id": "d", "subscription": {"subscribers": [{"user_name": "a@b.c"}]}}},
    "alert": {"alert_task": {"alert_id": "a", "warehouse_id": "w", "subscribers": [{"user_name": "a@b.c"}]}},
    "clean_rooms": {"clean_rooms_notebook_task": {"clean_room_name": "c", "notebook_name": "n"}},
    "dbt_platform": {"dbt_platform_task": {"connection_resource_name": "c", "dbt_platform_job_id": "1"}},
    "power_bi": {"power_bi_task": {"connection_resource_name": "c", "tables": [{"name": "t"}], "warehouse_id": "w"}},
}
ON_TASK: dict[str, Settings] = {
    "run_if": {"run_if": "ALL_DONE"},
    "run_if_default": {"run_if": "ALL_SUCCESS"},
    "retries": {"max_retries": 2, "min_retry_interval_millis": 1000, "retry_on_timeout": True},
    "no_retries": {"max_retries": 0},
    "endless_retries": {"max_retries": -1},
    "timeout": {"timeout_seconds": 60},
    "timeout_default": {"timeout_seconds": 0},
    "description": {"description": "größe 🐘"},
    "disabled": {"disabled": True},
    "mail": {"email_notifications": MAIL},
    "no_mail": {"email_notifications": {}},
    "empty_mail": {"email_notifications": {"on_failure": []}},
    "webhooks": {"webhook_notifications": HOOKS},
    "notification_settings": {"notification_settings": {"alert_on_last_attempt": True}},
    "notification_defaults": {"notification_settings": {"no_alert_for_skipped_runs": False}},
    "health": {"health": {"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 60}]}},
    "libraries": {"libraries": [{"pypi": {"package": "b==1"}}, {"maven": {"coordinates": "a:b:1"}}]},
    "existing_cluster": {"existing_cluster_id": "0101-000000-abc"},
    "new_cluster": {"new_cluster": CLUSTER},
    "no_auto_optimization": {"disable_auto_optimization": True},
    "unknown_setting": {"brand_new_setting": {"a": [1, {"b": None}]}},
}
ON_CLUSTER: dict[str, Settings] = {
    "fixed": CLUSTER,
    "no_workers": {"spark_version": SPARK, "node_type_id": "m", "num_workers": 0},
    "autoscale": {"spark_version": SPARK, "node_type_id": "m", "autoscale": {"min_workers": 1, "max_workers": 3}},
    "policy": {"spark_version": SPARK, "policy_id": "P", "apply_policy_default_values": True, "num_workers": 1},
    "pool": {"spark_version": SPARK, "instance_pool_id": "p", "driver_instance_pool_id": "p", "num_workers": 1},
    "aws": {**CLUSTER, "aws_attributes": {"availability": "ON_DEMAND", "zone_id": "eu-1a"}},
    "azure": {**CLUSTER, "azure_attributes": {"availability": "SPOT_AZURE", "spot_bid_max_price": -1}},
    "gcp": {**CLUSTER, "gcp_attributes": {"availability": "PREEMPTIBLE_GCP"}},
    "single_user": {**CLUSTER, "data_security_mode": "SINGLE_USER", "single_user_name": "a@b.c"},
    "isolation": {**CLUSTER, "data_security_mode": "USER_ISOLATION", "enable_elastic_disk": False},
    "conf": {**CLUSTER, "spark_conf": {"spark.x": "1"}, "spark_env_vars": {"P": "{{secrets/s/k}}"}},
    "tags_and_scripts": {
        **CLUSTER,
        "custom_tags": {"größe": "1"},
        "init_scripts": [{"workspace": {"destination": "/b"}}, {"volumes": {"destination": "/Volumes/a"}}],
    },
    "logs": {**CLUSTER, "cluster_log_conf": {"volumes": {"destination": "/Volumes/l"}}},
    "photon": {**CLUSTER, "runtime_engine": "PHOTON", "enable_local_disk_encryption": True},
}
ON_JOB: dict[str, Settings] = {
    "bare": {},
    "no_tasks": {"tasks": []},
    "named": {"name": "[dev] größe 🐘 / \\ ' \""},
    "description": {"description": "line\nline\r\nline"},
    "tags": {"tags": {"team": "data", "empty": "", "größe": "ü"}},
    "no_tags": {"tags": {}},
    "schedule": {"schedule": CRON},
    "schedule_paused": {"schedule": {**CRON, "pause_status": "PAUSED"}},
    "schedule_unpaused": {"schedule": {**CRON, "pause_status": "UNPAUSED"}},
    "continuous": {"continuous": {}},
    "continuous_paused": {"continuous": {"pause_status": "PAUSED"}},
    "file_arrival": {"trigger": {"file_arrival": {"url": "/Volumes/a/", "min_time_between_triggers_seconds": 60}}},
    "table_update": {"trigger": {"table_update": {"table_names": ["a.b.c", "d.e.f"], "condition": "ANY_UPDATED"}}},
    "periodic": {"trigger": {"periodic": {"interval": 1, "unit": "DAYS"}, "pause_status": "PAUSED"}},
    "queue_off": {"queue": {"enabled": False}},
    "concurrent": {"max_concurrent_runs": 1000},
    "never_runs": {"max_concurrent_runs": 0},
    "timeout": {"timeout_seconds": 86400},
    "run_as_principal": {"run_as": {"service_principal_name": "11111111-2222-3333-4444-555555555555"}},
    "mail": {"email_notifications": {**MAIL, "no_alert_for_skipped_runs": True}},
    "empty_mail": {"email_notifications": {"on_failure": []}},
    "webhooks": {"webhook_notifications": HOOKS},
    "no_webhooks": {"webhook_notifications": {}},
    "notification_settings": {"notification_settings": {"no_alert_for_canceled_runs": True}},
    "health": {"health": {"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 3600}]}},
    "parameters": {"parameters": [{"name": "b", "default": ""}, {"name": "a.b-c_d", "default": "{{job.id}} ü"}]},
    "performance": {"performance_target": "PERFORMANCE_OPTIMIZED"},
    "budget": {"budget_policy_id": "b", "usage_policy_id": "u"},
    "edit_mode": {"edit_mode": "UI_LOCKED"},
    "format": {"format": "MULTI_TASK"},
    "unknown_setting": {"brand_new": {"größe": [1.5, "x", {}]}},
    "big_unknown_id": {"brand_new_id": "9007199254740993"},
    "git_branch": {"git_source": GIT},
    "git_tag": {"git_source": {"git_url": "https://git.example/r", "git_provider": "gitLab", "git_tag": "v1"}},
    "git_and_workspace": {"git_source": GIT, "tasks": [
        {"task_key": "a", "notebook_task": {"notebook_path": "a", "source": "GIT"}},
        {"task_key": "b", "notebook_task": {"notebook_path": "/b", "source": "WORKSPACE"}}]},
    "environments": {"environments": [
        {"environment_key": "b", "spec": {"environment_version": "2", "dependencies": ["x==1"]}},
        {"environment_key": "a", "spec": {"environment_version": "2"}}],
        "tasks": [{"task_key": "t", "environment_key": "a", "spark_python_task": {"python_file": "/a.py"}}]},
    "graph": {"tasks": [
        {"task_key": "z", **NOTEBOOK, "depends_on": [{"task_key": "m"}, {"task_key": "a"}]},
        {"task_key": "m", **NOTEBOOK, "depends_on": [{"task_key": "a", "outcome": "true"}]},
        {"task_key": "a", "condition_task": {"op": "EQUAL_TO", "left": "1", "right": "1"}}]},
    "loop_on_cluster": {"tasks": [{"task_key": "l", "for_each_task": {"inputs": "[1]", "task": {
        "task_key": "i", **NOTEBOOK, "new_cluster": CLUSTER, "webhook_notifications": HOOKS, "max_retries": 1}}}]},
    "many_tasks": {"tasks": [{"task_key": f"t{n:03}", **NOTEBOOK} for n in range(250, 0, -1)]},
    "many_parameters": {"parameters": [{"name": f"p{n}", "default": str(n)} for n in range(120)]},
}  # fmt: skip


def matrix() -> dict[str, Settings]:
    """Settings by logical name."""
    task = {"task_key": "t"}
    jobs = {f"work_{name}": {"tasks": [{**task, **work}]} for name, work in WORK.items()}
    jobs |= {f"task_{name}": {"tasks": [{**task, **NOTEBOOK, **extra}]} for name, extra in ON_TASK.items()}
    for name, cluster in ON_CLUSTER.items():
        clusters = [{"job_cluster_key": "c", "new_cluster": cluster}]
        jobs[f"cluster_{name}"] = {"tasks": [{**task, **NOTEBOOK, "job_cluster_key": "c"}], "job_clusters": clusters}
    jobs |= {f"job_{name}": {"tasks": [{**task, **NOTEBOOK}], **settings} for name, settings in ON_JOB.items()}
    return jobs
