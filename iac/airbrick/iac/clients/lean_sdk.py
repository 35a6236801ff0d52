"""databricks-sdk without the models of every service.

``import databricks.sdk`` loads thirty services and takes seconds; its sign-in and its client, which are all we use,
take a fraction of that. They live in ``databricks.sdk.core``.
"""

from airbrick.iac import bare_package

_PACKAGE = "databricks.sdk"


def load() -> None:
    """Import the SDK's client alone; does nothing where the SDK is loaded already.

    Only for a process of our own: ``databricks.sdk.WorkspaceClient`` is not there afterwards.
    """
    if bare_package.enter(_PACKAGE) is None:
        return
    try:
        import databricks.sdk.core
        import databricks.sdk.errors  # noqa: F401 - both are imported for their effect
    except ImportError:
        # A later SDK may lean on its __init__: then it is loaded in full, on first use.
        bare_package.leave(_PACKAGE)
