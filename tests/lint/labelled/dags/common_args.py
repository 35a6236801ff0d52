"""Shared by the DAGs of this folder."""
from datetime import timedelta

default_args = {
    "owner": "platform",
    "retries": 2,
    "execution_timeout": timedelta(hours=1),
    "deferrable": True,
}
SOURCE = "WORKSPACE"
