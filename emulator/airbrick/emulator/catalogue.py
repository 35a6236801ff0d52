"""What clusters can be made of: runtimes, machines and zones; a few of each, as on AWS.

Source: https://docs.databricks.com/aws/en/release-notes/runtime/, https://aws.amazon.com/ec2/instance-types/
"""

from __future__ import annotations

from typing import Any, NamedTuple

ZONES = ("us-west-2a", "us-west-2b", "us-west-2c")
DEFAULT_ZONE = ZONES[0]
# Databricks Runtime, Apache Spark
_RUNTIMES = (("16.4", "3.5.2"), ("15.4", "3.5.0"), ("14.3", "3.5.0"), ("13.3", "3.4.1"))


class _Machine(NamedTuple):
    name: str
    cores: int
    memory_mb: int
    disk_gb: int
    category: str
    gpus: int = 0


_MACHINES = (
    _Machine("m5d.large", 2, 8_192, 75, "General Purpose"),
    _Machine("m5d.xlarge", 4, 16_384, 150, "General Purpose"),
    _Machine("m5d.2xlarge", 8, 32_768, 300, "General Purpose"),
    _Machine("c5d.xlarge", 4, 8_192, 100, "Compute Optimized"),
    _Machine("r5d.large", 2, 16_384, 75, "Memory Optimized"),
    _Machine("r5d.xlarge", 4, 32_768, 150, "Memory Optimized"),
    _Machine("i3.xlarge", 4, 31_232, 950, "Storage Optimized"),
    _Machine("i3.2xlarge", 8, 62_464, 1_900, "Storage Optimized"),
    _Machine("g4dn.xlarge", 4, 16_384, 125, "GPU Accelerated", 1),
)


def spark_versions() -> list[dict[str, str]]:
    """Return the runtimes, newest first."""
    return [
        {"key": f"{runtime}.x{kind}-scala2.12", "name": f"{runtime} LTS{label} (includes Apache Spark {spark}{more})"}
        for runtime, spark in _RUNTIMES
        for kind, label, more in (
            ("", "", ", Scala 2.12"),
            ("-cpu-ml", " ML", ", Scala 2.12"),
            ("-gpu-ml", " ML", ", GPU, Scala 2.12"),
        )
    ]


def node_types() -> list[dict[str, Any]]:
    """Return the machines."""
    return [
        {
            "node_type_id": machine.name,
            "instance_type_id": machine.name,
            "description": machine.name,
            "num_cores": float(machine.cores),
            "num_gpus": machine.gpus,
            "memory_mb": machine.memory_mb,
            "category": machine.category,
            "is_deprecated": False,
            "is_io_cache_enabled": machine.name.startswith("i3"),
            "support_cluster_tags": True,
            "support_ebs_volumes": True,
            "support_port_forwarding": True,
            "photon_driver_capable": not machine.gpus,
            "photon_worker_capable": not machine.gpus,
            "node_instance_type": {
                "instance_type_id": machine.name,
                "local_disks": 1,
                "local_disk_size_gb": machine.disk_gb,
            },
        }
        for machine in _MACHINES
    ]
