"""Calls that reach a server: a database, a web service, a workspace."""

import re
from typing import Final

from airbrick.lint.knowledge.airflow import VARIABLE_GET
from airbrick.lint.knowledge.words import words

_VERBS: Final = words("get post put patch delete head request options stream")
_HTTP: Final = ("requests.", "httpx.")
_FUNCTIONS: Final = words(
    """
    urllib.request.urlopen urllib.request.urlretrieve socket.create_connection
    psycopg2.connect psycopg.connect pymysql.connect MySQLdb.connect mysql.connector.connect pyodbc.connect
    cx_Oracle.connect oracledb.connect pymssql.connect redshift_connector.connect snowflake.connector.connect
    databricks.sql.connect asyncpg.connect trino.dbapi.connect clickhouse_connect.get_client
    databricks.sdk.WorkspaceClient databricks.sdk.AccountClient
    airflow.sdk.Connection.get airflow.models.Connection.get_connection_from_secrets
    airflow.utils.session.create_session airflow.settings.Session airflow.models.DagRun.find
    airflow.models.dagrun.DagRun.find
    """
)
_READERS: Final = words("read_sql read_sql_query read_sql_table read_gbq read_database read_database_uri")
_FRAMES: Final = ("pandas.", "polars.")
_CLIENTS: Final = words(
    """
    boto3.client boto3.resource boto3.Session boto3.session.Session
    pymongo.MongoClient redis.Redis redis.StrictRedis elasticsearch.Elasticsearch opensearchpy.OpenSearch
    sqlalchemy.create_engine smtplib.SMTP smtplib.SMTP_SSL ftplib.FTP paramiko.SSHClient
    requests.Session requests.session httpx.Client
    """
)
_CLIENT_MODULES: Final = ("google.cloud.", "azure.")
_ADDRESS: Final = re.compile(r"(?:https?|ftp|s3[an]?|gs|gcs|abfss?|wasbs?|adl|hdfs|dbfs)://")
_IDLE_METHODS: Final = words("mount close dispose get_uri")


def reaches_out(name: str, *, defer_to_ruff: bool) -> bool:
    """Tell whether a call goes to a server as soon as it is made.

    :param name: the full name of what is called.
    :param defer_to_ruff: whether ``Variable.get`` is left to ruff's AIR003.
    """
    owner, _, last = name.rpartition(".")
    if name in _FUNCTIONS:
        return True
    if name in VARIABLE_GET:
        return not defer_to_ruff
    if name.startswith(_HTTP) and owner in {"requests", "requests.api", "httpx"}:
        return last in _VERBS
    if last in {"get_connection", "get_connections", "get_hook"}:
        return owner.endswith(("Hook", "Hook()")) and name.startswith("airflow.")
    return last in _READERS and name.startswith(_FRAMES) and "(" not in name


def reads_from(name: str, address: str) -> bool:
    """Tell whether a call reads data from a server because of the address it is given.

    :param name: the full name of what is called.
    :param address: the beginning of its first argument.
    """
    reads = name.startswith(_FRAMES) and "(" not in name and name.rpartition(".")[2].startswith(("read_", "scan_"))
    return reads and _ADDRESS.match(address) is not None


def is_client(name: str) -> bool:
    """Tell whether a call builds something that goes to a server once it is used."""
    last = name.rpartition(".")[2]
    if "(" in name:
        return False
    return (
        name in _CLIENTS
        or (last.endswith("Hook") and last != "BaseHook" and name.startswith("airflow."))
        or (name.startswith(_CLIENT_MODULES) and last.endswith("Client"))
    )


def uses(name: str) -> bool:
    """Tell whether a method of a client goes to the server."""
    return name.rpartition(".")[2] not in _IDLE_METHODS
