"""The resources this provider serves. A new resource is one line here and one module in ``resources``."""

from collections.abc import Mapping
from typing import Final

from airbrick.iac.provider.handler import Handler
from airbrick.iac.resources.contract import ContractHandler
from airbrick.iac.resources.databricks_connection import DatabricksConnectionHandler
from airbrick.iac.resources.job import JobHandler
from airbrick.iac.resources.workspace_file import WorkspaceFileHandler

HANDLERS: Final[Mapping[str, Handler]] = {
    handler.token: handler
    for handler in (JobHandler(), WorkspaceFileHandler(), DatabricksConnectionHandler(), ContractHandler())
}
"""Handlers by type token."""
