"""Which DAG file is being parsed."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

# Source: airflow.utils.file.get_unique_dag_module_name: DAG files are loaded as modules with this prefix.
_DAG_MODULE_PREFIX: Final = "unusual_prefix_"
_LIBRARIES: Final = ("airbrick.operators", "airflow.", "pluggy", "_pytest.")


def places_beside(dag_fileloc: str | None) -> tuple[Path, ...]:
    """Give the files a contract may lie beside, most likely first.

    A DAG file may build its tasks in helper modules, and a DAG may be made in one: so the file Airflow is loading
    comes first, then the file the DAG names, then the file of the nearest caller outside Airflow.

    :param dag_fileloc: the DAG's own ``fileloc``, if the DAG is known.
    """
    loading: str | None = None
    caller: str | None = None
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 -- the stack is the only one that knows
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(_DAG_MODULE_PREFIX):
            loading = frame.f_code.co_filename
        if caller is None and not f"{module}.".startswith(_LIBRARIES):
            caller = frame.f_code.co_filename
        frame = frame.f_back
    files = [Path(name) for name in (loading, dag_fileloc, caller) if name and not name.startswith("<")]
    return tuple(dict.fromkeys(files))
