"""Run a notebook's source in this process, with the part of `dbutils` that it uses."""

import runpy
from pathlib import Path
from types import SimpleNamespace

SOURCES = Path(__file__).resolve().parents[2] / "stacks" / "src"


class NotebookExit(BaseException):
    """Leaves the notebook at once, as `dbutils.notebook.exit` does."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


def _exit(value: str) -> None:
    raise NotebookExit(value)


def run(name: str, **parameters: str) -> str:
    """Run a notebook to its exit.

    :return: the value it exits with
    """
    dbutils = SimpleNamespace(widgets=SimpleNamespace(get=parameters.__getitem__), notebook=SimpleNamespace(exit=_exit))
    try:
        runpy.run_path(str(SOURCES / name), init_globals={"dbutils": dbutils}, run_name="__main__")
    except NotebookExit as left:
        return left.value
    raise AssertionError(f"{name} ended without dbutils.notebook.exit")


def load(name: str) -> SimpleNamespace:
    """Load a notebook's definitions without running it."""
    return SimpleNamespace(**runpy.run_path(str(SOURCES / name), run_name="notebook"))
