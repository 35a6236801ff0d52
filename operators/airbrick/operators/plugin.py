"""The page "Databricks runs" of Airflow's web server: what deferred tasks wait for."""

from typing import Any, Final

from airflow.plugins_manager import AirflowPlugin

URL_PREFIX: Final = "/airbrick"
PAGE: Final = "runs"


class LateApp:
    """The page's application, made when it is first asked: every process of Airflow loads plugins."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI's own types
        """Answer a request."""
        from airbrick.operators.web.app import app

        await app(scope, receive, send)


class AirbrickPlugin(AirflowPlugin):
    """What Airflow is told through its entry point ``airflow.plugins``.

    Source: airflow.api_fastapi.app.init_plugins and airflow.api_fastapi.core_api.datamodels.plugins, 3.1 to 3.3.
    """

    name = "airbrick"
    fastapi_apps = [  # noqa: RUF012 -- as the base class declares it
        {"app": LateApp(), "url_prefix": URL_PREFIX, "name": "Databricks runs"}
    ]
    external_views = [  # noqa: RUF012 -- as the base class declares it
        {
            "name": "Databricks runs",
            # Relative, so that it holds where Airflow is served below a path.
            "href": f".{URL_PREFIX}/{PAGE}",
            "destination": "nav",
            "category": "browse",
            "url_route": "databricks-runs",
        }
    ]
