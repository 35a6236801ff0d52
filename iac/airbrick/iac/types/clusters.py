"""The clusters of the Jobs and Clusters APIs; written by tools/generate_iac_types.py."""

# ruff: noqa: PYI051 - editors offer the known values, and another is passed on with a warning

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from pulumi import Input


class Adlsgen2Info(TypedDict, total=False):
    """The API's ``Adlsgen2Info``."""

    destination: Required[Input[str]]


class AutoScale(TypedDict, total=False):
    """The API's ``AutoScale``."""

    max_workers: Input[int]
    min_workers: Input[int]


class AwsAttributes(TypedDict, total=False):
    """The API's ``AwsAttributes``."""

    availability: Input[Literal["ON_DEMAND", "SPOT", "SPOT_WITH_FALLBACK"] | str]
    ebs_volume_count: Input[int]
    ebs_volume_iops: Input[int]
    ebs_volume_size: Input[int]
    ebs_volume_throughput: Input[int]
    ebs_volume_type: Input[Literal["GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"] | str]
    first_on_demand: Input[int]
    instance_profile_arn: Input[str]
    spot_bid_price_percent: Input[int]
    zone_id: Input[str]


class AzureAttributes(TypedDict, total=False):
    """The API's ``AzureAttributes``."""

    availability: Input[Literal["ON_DEMAND_AZURE", "SPOT_AZURE", "SPOT_WITH_FALLBACK_AZURE"] | str]
    capacity_reservation_group: Input[str]
    first_on_demand: Input[int]
    log_analytics_info: Input[LogAnalyticsInfo]
    spot_bid_max_price: Input[float]


class ClientsTypes(TypedDict, total=False):
    """The API's ``ClientsTypes``."""

    jobs: Input[bool]
    notebooks: Input[bool]


class ClusterLogConf(TypedDict, total=False):
    """The API's ``ClusterLogConf``."""

    dbfs: Input[DbfsStorageInfo]
    s3: Input[S3StorageInfo]
    volumes: Input[VolumesStorageInfo]


class ClusterPolicy(TypedDict, total=False):
    """The API's ``ClusterPolicy``."""

    definition: Input[str]
    description: Input[str]
    libraries: Input[Sequence[Input[Library]]]
    max_clusters_per_user: Input[int]
    name: Input[str]
    policy_family_definition_overrides: Input[str]
    policy_family_id: Input[str]


class ClusterSpec(TypedDict, total=False):
    """The API's ``ClusterSpec``."""

    apply_policy_default_values: Input[bool]
    autoscale: Input[AutoScale]
    autotermination_minutes: Input[int]
    aws_attributes: Input[AwsAttributes]
    azure_attributes: Input[AzureAttributes]
    cluster_log_conf: Input[ClusterLogConf]
    cluster_name: Input[str]
    custom_tags: Input[Mapping[str, Input[str]]]
    data_security_mode: Input[
        Literal[
            "DATA_SECURITY_MODE_AUTO",
            "DATA_SECURITY_MODE_DEDICATED",
            "DATA_SECURITY_MODE_STANDARD",
            "LEGACY_PASSTHROUGH",
            "LEGACY_SINGLE_USER",
            "LEGACY_SINGLE_USER_STANDARD",
            "LEGACY_TABLE_ACL",
            "NONE",
            "SINGLE_USER",
            "USER_ISOLATION",
        ]
        | str
    ]
    dependency_mode: Input[
        Literal["DEPENDENCY_MODE_AUTO", "DEPENDENCY_MODE_CLUSTER_LIBRARIES", "DEPENDENCY_MODE_ENVIRONMENTS"] | str
    ]
    docker_image: Input[DockerImage]
    driver_instance_pool_id: Input[str]
    driver_node_type_flexibility: Input[NodeTypeFlexibility]
    driver_node_type_id: Input[str]
    enable_elastic_disk: Input[bool]
    enable_local_disk_encryption: Input[bool]
    gcp_attributes: Input[GcpAttributes]
    init_scripts: Input[Sequence[Input[InitScriptInfo]]]
    instance_pool_id: Input[str]
    is_single_node: Input[bool]
    kind: Input[Literal["CLASSIC_PREVIEW"] | str]
    node_type_id: Input[str]
    num_workers: Input[int]
    policy_id: Input[str]
    remote_disk_throughput: Input[int]
    runtime_engine: Input[Literal["NULL", "PHOTON", "STANDARD"] | str]
    single_user_name: Input[str]
    spark_conf: Input[Mapping[str, Input[str]]]
    spark_env_vars: Input[Mapping[str, Input[str]]]
    spark_version: Input[str]
    ssh_public_keys: Input[Sequence[Input[str]]]
    total_initial_remote_disk_size: Input[int]
    use_ml_runtime: Input[bool]
    worker_node_type_flexibility: Input[NodeTypeFlexibility]
    workload_type: Input[WorkloadType]


class DbfsStorageInfo(TypedDict, total=False):
    """The API's ``DbfsStorageInfo``."""

    destination: Required[Input[str]]


class DiskSpec(TypedDict, total=False):
    """The API's ``DiskSpec``."""

    disk_count: Input[int]
    disk_iops: Input[int]
    disk_size: Input[int]
    disk_throughput: Input[int]
    disk_type: Input[DiskType]


class DiskType(TypedDict, total=False):
    """The API's ``DiskType``."""

    azure_disk_volume_type: Input[Literal["PREMIUM_LRS", "STANDARD_LRS"] | str]
    ebs_volume_type: Input[Literal["GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"] | str]


class DockerBasicAuth(TypedDict, total=False):
    """The API's ``DockerBasicAuth``."""

    password: Input[str]
    username: Input[str]


class DockerImage(TypedDict, total=False):
    """The API's ``DockerImage``."""

    basic_auth: Input[DockerBasicAuth]
    url: Input[str]


class GcpAttributes(TypedDict, total=False):
    """The API's ``GcpAttributes``."""

    availability: Input[Literal["ON_DEMAND_GCP", "PREEMPTIBLE_GCP", "PREEMPTIBLE_WITH_FALLBACK_GCP"] | str]
    boot_disk_size: Input[int]
    confidential_compute_type: Input[Literal["CONFIDENTIAL_COMPUTE_TYPE_NONE", "SEV_SNP"] | str]
    first_on_demand: Input[int]
    google_service_account: Input[str]
    local_ssd_count: Input[int]
    use_preemptible_executors: Input[bool]
    zone_id: Input[str]


class GcsStorageInfo(TypedDict, total=False):
    """The API's ``GcsStorageInfo``."""

    destination: Required[Input[str]]


class InitScriptInfo(TypedDict, total=False):
    """The API's ``InitScriptInfo``."""

    abfss: Input[Adlsgen2Info]
    dbfs: Input[DbfsStorageInfo]
    file: Input[LocalFileInfo]
    gcs: Input[GcsStorageInfo]
    s3: Input[S3StorageInfo]
    volumes: Input[VolumesStorageInfo]
    workspace: Input[WorkspaceStorageInfo]


class InstancePool(TypedDict, total=False):
    """The API's ``InstancePool``."""

    aws_attributes: Input[InstancePoolAwsAttributes]
    azure_attributes: Input[InstancePoolAzureAttributes]
    custom_tags: Input[Mapping[str, Input[str]]]
    disk_spec: Input[DiskSpec]
    enable_elastic_disk: Input[bool]
    gcp_attributes: Input[InstancePoolGcpAttributes]
    idle_instance_autotermination_minutes: Input[int]
    instance_pool_name: Input[str]
    max_capacity: Input[int]
    min_idle_instances: Input[int]
    node_type_flexibility: Input[NodeTypeFlexibility]
    node_type_id: Required[Input[str]]
    preloaded_docker_images: Input[Sequence[Input[DockerImage]]]
    preloaded_spark_versions: Input[Sequence[Input[str]]]
    remote_disk_throughput: Input[int]
    total_initial_remote_disk_size: Input[int]


class InstancePoolAwsAttributes(TypedDict, total=False):
    """The API's ``InstancePoolAwsAttributes``."""

    availability: Input[Literal["ON_DEMAND", "SPOT"] | str]
    instance_profile_arn: Input[str]
    spot_bid_price_percent: Input[int]
    zone_id: Input[str]


class InstancePoolAzureAttributes(TypedDict, total=False):
    """The API's ``InstancePoolAzureAttributes``."""

    availability: Input[Literal["ON_DEMAND_AZURE", "SPOT_AZURE"] | str]
    capacity_reservation_group: Input[str]
    spot_bid_max_price: Input[float]


class InstancePoolGcpAttributes(TypedDict, total=False):
    """The API's ``InstancePoolGcpAttributes``."""

    gcp_availability: Input[Literal["ON_DEMAND_GCP", "PREEMPTIBLE_GCP", "PREEMPTIBLE_WITH_FALLBACK_GCP"] | str]
    local_ssd_count: Input[int]
    zone_id: Input[str]


class Library(TypedDict, total=False):
    """The API's ``Library``."""

    cran: Input[RCranLibrary]
    egg: Input[str]
    jar: Input[str]
    maven: Input[MavenLibrary]
    pypi: Input[PythonPyPiLibrary]
    requirements: Input[str]
    whl: Input[str]


class LocalFileInfo(TypedDict, total=False):
    """The API's ``LocalFileInfo``."""

    destination: Required[Input[str]]


class LogAnalyticsInfo(TypedDict, total=False):
    """The API's ``LogAnalyticsInfo``."""

    log_analytics_primary_key: Input[str]
    log_analytics_workspace_id: Input[str]


class MavenLibrary(TypedDict, total=False):
    """The API's ``MavenLibrary``."""

    coordinates: Required[Input[str]]
    exclusions: Input[Sequence[Input[str]]]
    repo: Input[str]


class NodeTypeFlexibility(TypedDict, total=False):
    """The API's ``NodeTypeFlexibility``."""

    alternate_node_type_ids: Input[Sequence[Input[str]]]
    aws_context_id: Input[str]


class PythonPyPiLibrary(TypedDict, total=False):
    """The API's ``PythonPyPiLibrary``."""

    package: Required[Input[str]]
    repo: Input[str]


class RCranLibrary(TypedDict, total=False):
    """The API's ``RCranLibrary``."""

    package: Required[Input[str]]
    repo: Input[str]


class S3StorageInfo(TypedDict, total=False):
    """The API's ``S3StorageInfo``."""

    canned_acl: Input[str]
    destination: Required[Input[str]]
    enable_encryption: Input[bool]
    encryption_type: Input[str]
    endpoint: Input[str]
    kms_key: Input[str]
    region: Input[str]


class VolumesStorageInfo(TypedDict, total=False):
    """The API's ``VolumesStorageInfo``."""

    destination: Required[Input[str]]


class WorkloadType(TypedDict, total=False):
    """The API's ``WorkloadType``."""

    clients: Required[Input[ClientsTypes]]


class WorkspaceStorageInfo(TypedDict, total=False):
    """The API's ``WorkspaceStorageInfo``."""

    destination: Required[Input[str]]
